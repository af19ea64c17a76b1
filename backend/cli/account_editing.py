"""Adding, removing, disabling and enabling accounts from the command line. No secret is ever an argument."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from backend.cli.command import Arguments
from backend.cli.exits import Exit
from backend.cli.plain import plain
from backend.errors import ReeltopError, RequestError, UsageError
from backend.language import _
from backend.secrets import SecretRef

if TYPE_CHECKING:
    from backend.account_book import AccountBook, AccountEntry
    from backend.cli.output import Output

ACTIONS = ("add", "remove", "disable", "enable")
_LONGEST = 64 * 1024
"""Characters read of standard input: no secret is longer."""


def add_arguments(parser: Arguments) -> None:
    """Add the options that only `add` takes."""
    adding = parser.add_argument_group(_("of a new account (add)"))
    adding.add_argument("--provider", metavar="NAME", help=_("which protocol it speaks: reeltop operations"))
    adding.add_argument(
        "--url", default="", metavar="ADDRESS", help=_("its address, or the provider's word for one: beijing")
    )
    adding.add_argument(
        "--secret",
        action="append",
        default=[],
        metavar="KEY=WHERE",
        help=_(
            "env:NAME, file:PATH, keyring:SERVICE/NAME, command:…, or - for a line of standard input, "
            "which is put into the keyring or a file of its own"
        ),
    )
    adding.add_argument(
        "--option", action="append", default=[], metavar="KEY=TEXT", help=_("a setting of the provider")
    )
    adding.add_argument("--concurrency", default="", metavar="N", help=_("unfinished tasks at a time"))


def edit_accounts(args: Namespace, output: Output) -> Exit:
    """Change the configuration; what runs takes it up from its next start. Raises ReeltopError."""
    from backend.account_book import AccountBook
    from backend.cli.running import is_read_only
    from backend.paths import find_paths
    from backend.read_only import refused

    if not args.name:
        raise UsageError(_("accounts {action}: which account?").format(action=args.action))
    if args.sandbox or args.sandbox_url:
        raise UsageError(_("the sandbox's accounts cannot be changed"))
    if is_read_only(args):
        raise refused()
    book = AccountBook(find_paths(config=args.config).config)
    try:
        words = _change(book, args)
    except RequestError as error:
        raise UsageError(
            _("accounts {action} {name}: {error}; nothing was changed").format(
                action=args.action, name=args.name, error=error
            )
        ) from None
    except OSError as error:
        raise ReeltopError(
            _("{path}: {reason}; nothing was changed").format(path=book.path, reason=error.strerror)
        ) from None
    output.say(_("{words} A reeltop that runs takes it up from its next start.").format(words=words))
    if output.as_json:
        from backend.views import account_view

        accounts = book.read().accounts
        output.array(plain(account_view(account)) for account in accounts.values())
    return Exit.DONE


def _change(book: AccountBook, args: Namespace) -> str:
    name, edition = args.name, book.read()
    match args.action:
        case "add":
            book.save(edition, _entry(args), new=True)
            return _("{name} is added to {path}; reeltop accounts check {name} makes a free call.").format(
                name=name, path=book.path
            )
        case "remove":
            book.remove(edition, name)
            return _(
                "{name} is removed from {path}; its tasks stay, and are not asked about any more."
            ).format(name=name, path=book.path)
        case _:
            disabled = args.action == "disable"
            book.set_disabled(edition, name, disabled)
            if disabled:
                return _("{name} is disabled: nothing is sent or asked; its tasks stay.").format(name=name)
            return _("{name} is enabled.").format(name=name)


def _entry(args: Namespace) -> AccountEntry:
    from backend.account_book import AccountEntry
    from backend.providers import registry

    if not args.provider:
        raise UsageError(
            _("accounts add: --provider is needed: {names}").format(names=", ".join(registry.providers()))
        )
    provider = registry.provider(args.provider)
    wheres = _pairs("--secret", args.secret, [spec.key for spec in provider.credentials])
    return AccountEntry(
        name=args.name,
        provider=args.provider,
        base_url=provider.base_urls.get(args.url, args.url),
        credentials=dict(_secrets(wheres)),
        options=_pairs("--option", args.option, [spec.key for spec in provider.options]),
        concurrency=args.concurrency,
    )


def _pairs(option: str, texts: Iterable[str], known: Iterable[str]) -> Mapping[str, str]:
    pairs: dict[str, str] = {}
    names = list(known)
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or key not in names:  # a secret may be in it, so it is not repeated
            raise UsageError(
                _("{option}: must be KEY=…, with one of {names}").format(
                    option=option, names=", ".join(names) or _("no keys at all")
                )
            )
        pairs[key] = value
    return pairs


def _secrets(wheres: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for key, where in wheres.items():
        if where == "-":
            yield key, _line(key)
        elif SecretRef.parse(where).kind == "literal":
            raise UsageError(
                _(
                    "--secret {key}: every user of this machine can read what is in a command; say {key}=- "
                    "and give the secret on standard input, or {key}=env:NAME"
                ).format(key=key)
            )
        else:
            yield key, where


def _line(key: str) -> str:
    stream: Any = sys.stdin
    if stream is not None and stream.isatty():
        from getpass import getpass

        secret = getpass(f"{key}: ")
    else:
        secret = stream.readline(_LONGEST) if stream is not None else ""
    secret = secret.strip()
    if not secret:
        raise UsageError(_("--secret {key}=-: standard input has no line for it").format(key=key))
    if SecretRef.parse(secret).kind != "literal":
        raise UsageError(
            _("--secret {key}=-: that is a reference, not a secret; give it as {key}=REFERENCE").format(
                key=key
            )
        )
    return secret
