"""``reeltop schema``: JSON Schemas, of requests, of the configuration and of what the commands print."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING, Any

from backend.cli import commands
from backend.cli.command import Arguments, Command
from backend.cli.exits import Exit
from backend.errors import UsageError
from backend.language import N_, _

if TYPE_CHECKING:
    from backend.cli.output import Output
    from backend.providers.contract import Operation, Provider

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_OURS = frozenset({"kind", "group", "path", "role", "tier"})


def of_request(provider: Provider, operation: Operation) -> dict[str, Any]:
    """Return the schema of an operation's request model: what ``submit --request`` and ``--set`` take."""
    schema = _tidied(_without_title(operation.model.model_json_schema()))
    title = f"{provider.name}/{operation.name}"
    return {
        "$schema": _DIALECT,
        "title": title,
        "description": operation.summary,
        **schema,
    }


def of_config() -> dict[str, Any]:
    """Return the schema of the configuration."""
    from backend.cli.dashboard import changeable_actions
    from backend.config_schema import config_schema

    return config_schema(changeable_actions())


def of_output(words: str) -> dict[str, Any]:
    """Return the schema of what a command, or a form of it, prints with ``--json``. Raises UsageError."""
    from backend.cli.shapes import VERSION_WORDS, forms_of, shape_of
    from backend.records import SCHEMA

    command, form = words.partition(" ")[0], " ".join(words.split())
    if command not in commands.SUMMARIES:
        raise UsageError(
            _("unknown command {command!r}; known: {names}").format(
                command=command, names=", ".join(commands.SUMMARIES)
            )
        )
    forms = forms_of(command)
    if not forms:
        raise UsageError(_("{command} prints no JSON").format(command=command))
    shape = shape_of(form)
    if shape is None:
        raise UsageError(
            _("{form!r} has no shape of its own; known: {names}").format(form=form, names=", ".join(forms))
        )
    named = {"$schema": _DIALECT, "title": f"reeltop {form} --json", "version": SCHEMA}
    return {**named, "$comment": f"version: {VERSION_WORDS}", **shape}


def _without_title(schema: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key not in ("title", "description")}


def _tidied(value: Any) -> Any:
    """Return a schema without what only our own forms need to know, and without empty words."""
    if isinstance(value, list):
        return [_tidied(item) for item in value]
    if not isinstance(value, dict):
        return value
    names = value.get("properties")
    kept = {key: item for key, item in value.items() if key == "default" or item not in (None, "", [])}
    kept = {key: item for key, item in kept.items() if key not in _OURS}
    tidied = {key: _tidied(item) for key, item in kept.items() if key != "properties"}
    return tidied | ({"properties": {key: _tidied(item) for key, item in names.items()}} if names else {})


def _run(args: Namespace, output: Output) -> int:
    if args.output is not None:
        output.json_text(of_output(args.output))
        return Exit.DONE
    if args.name is None:
        raise UsageError(
            _("which? schema PROVIDER/OPERATION, ACCOUNT/OPERATION or config, or --output COMMAND")
        )
    if args.name == "config":
        output.json_text(of_config())
        return Exit.DONE
    account, slash, name = args.name.rpartition("/")
    output.json_text(of_request(*_found(args, account if slash else "", name)))
    return Exit.DONE


def _found(args: Namespace, owner: str, name: str) -> tuple[Provider, Operation]:
    """Return the operation of a provider, or of an account of the configuration. Raises UsageError."""
    from backend.cli.commands.operations import named
    from backend.cli.running import options_of
    from backend.glance import look
    from backend.providers import registry

    providers = registry.providers()
    if owner and owner not in providers:
        seen = look(options_of(args, work=False))
        owner = seen.accounts.get(owner, owner) if seen is not None else owner
    offers = [(each, item) for each in providers.values() for item in each.operations.values()]
    return named(offers, f"{owner}/{name}" if owner else name)


def _arguments(parser: Arguments) -> None:
    parser.add_argument(
        "name", nargs="?", metavar="NAME", help=_("PROVIDER/OPERATION or ACCOUNT/OPERATION; or config")
    )
    parser.add_argument(
        "--output",
        metavar="COMMAND",
        help=_("of what this command prints with --json instead; one with a form of its own in quotes"),
    )


COMMAND = Command(
    description=N_("""\
Print the JSON Schema of a request, made from the model that checks it; with `config` that of config.toml, for
editors that complete and check TOML; or that of what a command prints with --json. The shapes of outputs have
one version together: the number that every task bears under `schema`, and each JSON Schema under `version`.
It rises when a name in one of them is added, renamed or removed, or changes its meaning; the CHANGELOG says
which."""),
    epilog=N_("""\
examples:
  reeltop schema kling/text2video
  reeltop schema config > config.schema.json      then, as the first line of config.toml:
                                                  #:schema ./config.schema.json
  reeltop schema --output list
  reeltop schema --output 'list --remote'
  reeltop schema --output 'accounts check'
  reeltop schema --output 'batch --dry-run'"""),
    arguments=_arguments,
    has_json=False,
    run=_run,
)
