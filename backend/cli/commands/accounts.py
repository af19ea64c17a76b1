"""``reeltop accounts``: who is configured, whether their keys hold, and changing that."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from backend.cli import account_editing, exits
from backend.cli.command import Arguments, Command
from backend.cli.describe import failure_line
from backend.cli.exits import Exit
from backend.cli.plain import plain
from backend.cli.running import with_service
from backend.errors import AccountError, ProviderError, UsageError
from backend.failure_words import told
from backend.language import N_, _, in_english, listed, recorded, spoken
from backend.models import AccountHealth, Failure, FailureKind
from backend.views import AccountCheck, quota_words

if TYPE_CHECKING:
    from backend.cli.output import Output
    from backend.service import AccountView, Service

_HEAD = (
    N_("ACCOUNT"),
    N_("PROVIDER"),
    N_("SLOTS"),
    N_("WAITING"),
    N_("ADDRESS"),
    N_("SECRETS"),
    N_("PROBLEM"),
)


async def list_accounts(service: Service, args: Namespace, output: Output) -> Exit:
    """Print the accounts with where each secret comes from."""
    views = _known(service)
    if output.as_json:
        with in_english():
            output.array(_view_json(service, view) for view in views)
    else:
        output.table(_HEAD, [_view_row(service, view) for view in views])
    return Exit.DONE


async def hold_account(service: Service, args: Namespace, output: Output) -> Exit:
    """Pause an account, or let it go on."""
    if not args.name:
        raise UsageError(
            _("accounts {action}: which account? Known: {names}").format(
                action=args.action, names=", ".join(_names(service))
            )
        )
    name = service.account(args.name).name
    waiting = service.health(name).waiting
    if args.action == "pause":
        await service.queue.pause(name)
        output.say(
            _("{name} is paused: nothing is sent, what was sent is watched on; {count} waiting.").format(
                name=name, count=waiting
            )
        )
    else:
        await service.queue.go_on(name)
        output.say(_("{name} goes on: {count} waiting.").format(name=name, count=waiting))
    if output.as_json:
        with in_english():
            output.data(_view_json(service, service.account(name)))
    return Exit.DONE


async def check_accounts(service: Service, args: Namespace, output: Output) -> Exit:
    """Make a free call for one account, or for each."""
    names = [service.account(args.name).name] if args.name else _names(service)
    codes = []
    for name in names:
        try:
            with in_english() if output.as_json else nullcontext():
                check = await service.check_account(name)
            codes.append(_report(output, check))
        except AccountError as error:
            _print_check(output, AccountCheck(account=name, ok=False, words=str(error), seconds=0.0))
            codes.append(Exit.ACCOUNT)
    return exits.gravest(codes)


def _names(service: Service) -> list[str]:
    return [view.name for view in _known(service)]


def _known(service: Service) -> Sequence[AccountView]:
    """Return the accounts. Raises ProviderError if they are a sandbox's that does not answer."""
    views = service.accounts()
    if not views:
        words = recorded("the sandbox does not answer, so its accounts are not known")
        raise ProviderError(Failure(kind=FailureKind.TRANSIENT, words=words))
    return views


def _report(output: Output, check: AccountCheck) -> Exit:
    _print_check(output, check)
    if check.ok:
        return Exit.DONE
    if check.failure is not None and check.failure.next_step:
        output.say(f"{check.account}: {_(check.failure.next_step)}")
    return exits.of_failure(check.failure)


def _print_check(output: Output, check: AccountCheck) -> None:
    if output.as_json:
        output.data(plain(check))
        return
    verdict = _("ok") if check.ok else _("NOT OK")
    words = spoken(check.words)
    output.text(f"{check.account}: {verdict}: {words} ({check.seconds:.1f} s)")
    for quota in check.quotas:
        output.text(f"{check.account}: {quota_words(quota)}")
    if check.quota_failure is not None:
        output.say(
            _("{account}: what is left is not told: {words}").format(
                account=check.account, words=failure_line(check.quota_failure)
            )
        )


def _view_json(service: Service, view: AccountView) -> dict[str, Any]:
    # How often it is asked is known only to the process that works, which is not this one.
    health = service.health(view.name)
    trouble = plain(health.trouble) if health.trouble else None
    queue = {"waiting": health.waiting, "unfinished": health.unfinished, "paused": health.paused}
    return {**plain(view), "problem": _problem(view, health), **queue, "trouble": trouble}


def _problem(view: AccountView, health: AccountHealth) -> str:
    """Return what keeps an account from being used, as its secrets or its tasks tell."""
    if view.problem or health.trouble is None:
        return view.problem
    failure = told(health.trouble.failure)
    return _("on hold: {words}").format(words=failure.words or failure.meaning)


def _view_row(service: Service, view: AccountView) -> tuple[str, ...]:
    health = service.health(view.name)
    secrets = listed(
        _("{key} from {source}").format(key=item.key, source=item.source) for item in view.credentials
    )
    slots = f"{health.unfinished}/{view.concurrency}"
    waiting = _("{count} paused").format(count=health.waiting) if health.paused else str(health.waiting)
    problem = _("disabled") if view.disabled else _problem(view, health)
    return (view.name, view.provider, slots, waiting, view.base_url, secrets, problem)


def _run(args: Namespace, output: Output) -> int:
    if args.action in account_editing.ACTIONS:
        return account_editing.edit_accounts(args, output)
    if args.action in ("pause", "resume"):
        return with_service(hold_account, args, output, leads=False)
    return with_service(check_accounts if args.action else list_accounts, args, output)


def _arguments(parser: Arguments) -> None:
    actions = ["check", "pause", "resume", *account_editing.ACTIONS]
    parser.add_argument("action", nargs="?", choices=actions, help=_("what to do"))
    parser.add_argument(
        "name", nargs="?", metavar="NAME", help=_("of the account; check does all without it")
    )
    account_editing.add_arguments(parser)


COMMAND = Command(
    description=N_("""\
List the accounts with where each secret comes from, never its value. `check` makes a free call that
proves the key, or says why not. `pause` holds back what waits to be sent, for every reeltop that uses
this data, until `resume`; what was sent is watched on.

`add`, `remove`, `disable` and `enable` change config.toml and leave all else in it as it is. A secret is
never given in the command: name where it is, or say - and give it on standard input, a line for each. It
then goes into the keyring (with the Python package keyring) or into a file that only you can read. With a
disabled account nothing is sent, asked or fetched; its tasks stay."""),
    epilog=N_("""\
examples:
  reeltop accounts
  reeltop accounts check kling
  reeltop accounts check              all of them
  reeltop accounts pause kling
  reeltop accounts add kling --provider kling --url beijing --secret api_key=env:KLING_KEY
  pass kling | reeltop accounts add kling --provider kling --secret api_key=-
  reeltop accounts disable kling"""),
    arguments=_arguments,
    run=_run,
)
