"""``reeltop operations``: what can be made, and the fields that it takes."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from backend.cli.columns import wrapped
from backend.cli.command import Arguments, Command
from backend.cli.exits import Exit
from backend.cli.plain import plain
from backend.cli.running import with_service
from backend.errors import UsageError
from backend.language import N_, _, pgettext

if TYPE_CHECKING:
    from backend.cli.output import Output
    from backend.providers.contract import Operation, Provider
    from backend.providers.fields import FieldSpec
    from backend.service import Service

Offer = tuple["Provider", "Operation"]
_HEAD = (N_("OPERATION"), N_("TITLE"), N_("SUMMARY"))


def print_operations(providers: Iterable[Provider], name: str | None, output: Output) -> Exit:
    """Print the operations of `providers`, or all about the one that `name` names."""
    offers = [(provider, item) for provider in providers for item in provider.operations.values()]
    if name is not None:
        _print_one(named(offers, name), output)
    elif output.as_json:
        output.array(map(_json, offers))
    else:
        output.table(_HEAD, list(map(_row, offers)))
    return Exit.DONE


async def list_offered(service: Service, args: Namespace, output: Output) -> Exit:
    """Print the operations of one account."""
    provider = service.provider(service.account(args.account).provider)
    return print_operations([provider], args.name, output)


def named(offers: Sequence[Offer], name: str) -> Offer:
    """Return the one operation with a name, which may stand behind its provider's. Raises UsageError."""
    found = [offer for offer in offers if name in (offer[1].name, _full_name(offer))]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(
            _("several providers have {name!r}: say {names}").format(
                name=name, names=_(" or ").join(map(_full_name, found))
            )
        )
    raise UsageError(
        _("unknown operation {name!r}; known: {names}").format(
            name=name, names=", ".join(map(_full_name, offers))
        )
    )


def _print_one(offer: Offer, output: Output) -> None:
    from backend.providers.fields import field_specs, leaf_specs

    operation = offer[1]
    if output.as_json:
        fields = plain(field_specs(operation.model))
        output.data({**_json(offer), "fields": fields})
        return
    output.text(
        "\n".join([f"{_full_name(offer)}: {_(operation.title)}", *_wrapped(_(operation.summary), "")])
    )
    group = ""
    for spec in leaf_specs(operation.model):
        if spec.group != group:
            group = spec.group
            output.text(f"\n{_(spec.group.label).lower()}")
        output.text("\n".join(_field_lines(spec)))


def _field_lines(spec: FieldSpec) -> Iterator[str]:
    kind = f"{_kind(spec.kind)}, {_(spec.unit)}" if spec.unit else _kind(spec.kind)
    yield f"  {spec.name}  ({'; '.join([kind, *_limits(spec)])})"
    yield from _wrapped(_(spec.help), "      ")
    if spec.items:
        if spec.line:
            yield f"      {_('a line each, such as: {example}').format(example=_(spec.line.example))}"
        yield f"      {_('or JSON: each an object of:') if spec.line else _('each an object of:')}"
        for item in spec.items:
            yield from (f"      {line}" for line in _field_lines(item))


def _kind(kind: str) -> str:
    words = {
        "text": pgettext("kind", "text"),
        "prose": pgettext("kind", "prose"),
        "url": pgettext("kind", "url"),
        "image": pgettext("kind", "image"),
        "integer": pgettext("kind", "integer"),
        "number": pgettext("kind", "number"),
        "boolean": pgettext("kind", "boolean"),
        "choice": pgettext("kind", "choice"),
        "list": pgettext("kind", "list"),
        "object": pgettext("kind", "object"),
    }
    return words.get(kind, kind)


def _limits(spec: FieldSpec) -> Iterator[str]:
    """Yield what a value must be, each in a few words."""
    parent = spec.name.rpartition(".")[0]
    if spec.required:
        yield _("required in {parent}").format(parent=parent) if parent else _("required")
    if spec.choices:
        told = _("one of {names}") if spec.closed else _("such as {names}")
        yield told.format(names=", ".join(map(str, spec.choices)))
    yield from _range(spec.minimum, spec.maximum, _PLAIN)
    yield from _range(spec.min_length, spec.max_length, _ITEMS if spec.kind == "list" else _CHARACTERS)
    if spec.default is not None:
        yield _("default {value}").format(value=plain(spec.default))
    elif spec.default_note:
        yield _("default: {words}").format(words=spec.note)


_PLAIN = (N_("{least:g} to {most:g}"), N_("from {least:g}"), N_("up to {most:g}"))
_ITEMS = (N_("{least:g} to {most:g} items"), N_("from {least:g} items"), N_("up to {most:g} items"))
_CHARACTERS = (
    N_("{least:g} to {most:g} characters"),
    N_("from {least:g} characters"),
    N_("up to {most:g} characters"),
)


def _range(least: float | None, most: float | None, words: tuple[str, str, str]) -> Iterator[str]:
    both, at_least, at_most = words
    if least is not None and most is not None:
        yield _(both).format(least=least, most=most)
    elif least is not None and (least > 1 or words is _PLAIN):
        yield _(at_least).format(least=least)
    elif most is not None:
        yield _(at_most).format(most=most)


def _wrapped(text: str, indent: str) -> list[str]:
    return [indent + line for line in wrapped(text, 88 - len(indent))]


def _full_name(offer: Offer) -> str:
    return f"{offer[0].name}/{offer[1].name}"


def _row(offer: Offer) -> tuple[str, ...]:
    return (_full_name(offer), _(offer[1].title), _(offer[1].summary))


def _json(offer: Offer) -> dict[str, Any]:
    provider, operation = offer
    return {
        "provider": provider.name,
        "operation": operation.name,
        "title": operation.title,
        "summary": operation.summary,
        "source": operation.source,
    }


def _run(args: Namespace, output: Output) -> int:
    if args.account is not None:
        return with_service(list_offered, args, output)
    from backend.providers import registry

    return print_operations(registry.providers().values(), args.name, output)


def _arguments(parser: Arguments) -> None:
    parser.add_argument("name", nargs="?", metavar="NAME", help=_("OPERATION or PROVIDER/OPERATION"))
    parser.add_argument("--account", metavar="NAME", help=_("only those of this account"))


COMMAND = Command(
    description=N_("List the operations; with a name, its fields with type, limits, default and help."),
    epilog=N_("""\
examples:
  reeltop operations
  reeltop operations --account relay
  reeltop operations kling/image2video"""),
    arguments=_arguments,
    run=_run,
)
