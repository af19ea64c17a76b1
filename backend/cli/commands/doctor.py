"""``reeltop doctor``: what works here and what does not, on one page."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from backend.cli.command import Command
from backend.cli.exits import Exit
from backend.cli.progress import size
from backend.cli.running import with_service
from backend.errors import ReeltopError
from backend.language import N_, _, in_english, ngettext, pgettext, spoken

if TYPE_CHECKING:
    from backend.cli.output import Output
    from backend.service import Service

_MOST_SKEW = 30.0
"""Seconds; a signed token of Kling's is valid for little more around its making."""
_LITTLE = 2 * 2**30
"""Bytes left on the disk that are worth a word."""
_CHECK_SECONDS = 20.0
_PACKAGES = ("textual", "httpx", "pydantic", "tinydb")
_GROUPS = (N_("account"), N_("clock"), N_("config"), N_("ledger"), N_("disk"), N_("terminal"), N_("version"))
_NAMES = (
    N_("file"),
    N_("tasks"),
    N_("notice"),
    N_("downloads"),
    N_("kind"),
    N_("partial"),
    N_("colours"),
    N_("size"),
    N_("text"),
)
"""Of findings, for the catalogue: data has them in English."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the page."""

    group: str
    name: str
    verdict: str
    """``ok``, ``note`` (worth knowing) or ``problem``."""
    words: str


async def examine(service: Service, args: Namespace, output: Output) -> Exit:
    """Print all findings; a problem makes it fail."""
    import asyncio

    names = [view.name for view in service.accounts()]
    with in_english() if output.as_json else nullcontext():
        checked = await asyncio.gather(*(_account(service, name) for name in names))
        found = [
            *_places(service),
            *await _unfinished(service),
            *(each for several in checked for each in several),
            *_terminal(),
            *_versions(),
        ]
    is_well = all(each.verdict != "problem" for each in found)
    if output.as_json:
        output.data({"ok": is_well, "findings": [asdict(each) for each in found]})
    else:
        output.rows(
            [
                (
                    _verdict(each.verdict),
                    _(each.group),
                    _(each.name) if each.name in _NAMES else each.name,
                    each.words,
                )
                for each in found
            ]
        )
    return Exit.DONE if is_well else Exit.FAILED


def _verdict(verdict: str) -> str:
    words = {
        "ok": pgettext("verdict", "ok"),
        "note": pgettext("verdict", "note"),
        "problem": pgettext("verdict", "problem"),
    }
    return words[verdict]


async def _account(service: Service, name: str) -> list[Finding]:
    """Make the free call. It takes no longer than its bound."""
    import asyncio

    view = service.account(name)
    if view.problem:
        return [Finding("account", name, "problem", view.problem)]
    try:
        async with asyncio.timeout(_CHECK_SECONDS):
            check = await service.check_account(name)
    except TimeoutError:
        return [
            Finding(
                "account",
                name,
                "problem",
                _("no answer within {seconds:.0f} s").format(seconds=_CHECK_SECONDS),
            )
        ]
    except ReeltopError as error:
        return [Finding("account", name, "problem", str(error))]
    verdict = "ok" if check.ok else "problem"
    found = [
        Finding(
            "account",
            name,
            verdict,
            _("{words} ({milliseconds} ms)").format(
                words=spoken(check.words), milliseconds=f"{check.seconds * 1000:.0f}"
            ),
        )
    ]
    if check.skew is not None and abs(check.skew) > _MOST_SKEW:
        words = _("{seconds:.0f} s behind the provider's: signed keys may be refused; set the clock")
        if check.skew > 0:
            words = _("{seconds:.0f} s ahead of the provider's: signed keys may be refused; set the clock")
        found.append(Finding("clock", name, "problem", words.format(seconds=abs(check.skew))))
    elif check.skew is not None:
        found.append(Finding("clock", name, "ok", _("agrees with the provider's")))
    return found


def _places(service: Service) -> Iterator[Finding]:
    paths = service.paths
    config = (
        str(paths.config)
        if paths.config.exists()
        else _("{path} is not there: the sandbox is used").format(path=paths.config)
    )
    yield Finding("config", "file", "ok" if paths.config.exists() else "note", config)
    yield Finding(
        "ledger",
        "tasks",
        "ok",
        _("{count} in {path}").format(count=len(service.tasks), path=paths.ledger),
    )
    for notice in service.notices:
        yield Finding("ledger", "notice", "problem", notice)
    folder = paths.downloads
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    verdict = "ok" if free > _LITTLE else "problem"
    yield Finding(
        "disk",
        "downloads",
        verdict,
        _("{free:.1f} GiB free for {path}").format(free=free / 2**30, path=paths.downloads),
    )
    if not os.access(folder, os.W_OK):
        yield Finding(
            "disk", "downloads", "problem", _("{folder} cannot be written to").format(folder=folder)
        )


async def _unfinished(service: Service) -> list[Finding]:
    """Tell of partial files, if there are any, and what becomes of them."""
    from backend.engine.leftovers import KEPT

    partial = await service.partial_files()
    own = [each for each in partial if each.state is not None]
    others = [each for each in partial if each.state is None]
    found = []
    if own:
        words = ngettext(
            "{count} unfinished, {size}: its task goes on from there",
            "{count} unfinished, {size}: their tasks go on from there",
            len(own),
        ).format(count=len(own), size=size(sum(each.size for each in own)))
        found.append(Finding("disk", "partial", "ok", words))
    if others:
        words = ngettext(
            "{count} unfinished, {size}, of no task in the list: removed {days} days after its last byte",
            "{count} unfinished, {size}, of no task in the list: removed {days} days after their last byte",
            len(others),
        ).format(count=len(others), size=size(sum(each.size for each in others)), days=KEPT.days)
        found.append(Finding("disk", "partial", "note", words))
    return found


def _terminal() -> Iterator[Finding]:
    """Yield what the environment says of the terminal; it is not asked anything."""
    known = os.environ
    term = known.get("TERM", "")
    colours = known.get("COLORTERM") or ("256" if "256" in term else _("few"))
    size = shutil.get_terminal_size()
    small = size.columns < 60 or size.lines < 15
    yield Finding(
        "terminal",
        "kind",
        "ok" if term not in ("", "dumb") else "note",
        f"TERM={term}" if term else _("TERM is not set"),
    )
    yield Finding(
        "terminal", "colours", "ok", _("off: NO_COLOR is set") if known.get("NO_COLOR") else colours
    )
    room = f"{size.columns}×{size.lines}"
    if small:
        room = _("{size}; the dashboard wants 60×15").format(size=room)
    yield Finding("terminal", "size", "note" if small else "ok", room)
    encoding = sys.getfilesystemencoding().lower()
    locale = known.get("LC_ALL") or known.get("LC_CTYPE") or known.get("LANG") or _("not set")
    is_utf8 = encoding == "utf-8" and "utf" in locale.lower().replace("-", "")
    yield Finding(
        "terminal",
        "text",
        "ok" if is_utf8 else "note",
        _("locale {locale}, {encoding}").format(locale=locale, encoding=encoding),
    )
    if known.get("TMUX"):
        words = _("tmux: copying needs `set -g set-clipboard on`, pictures `set -g allow-passthrough on`")
        yield Finding("terminal", "tmux", "note", words)
    if known.get("SSH_CONNECTION"):
        yield Finding("terminal", "SSH", "note", _("y copies by OSC 52: your terminal must allow it"))


def _versions() -> Iterator[Finding]:
    from importlib.metadata import PackageNotFoundError, version

    from backend import __version__

    system = f"reeltop {__version__}, Python {platform.python_version()}, {platform.system()}"
    yield Finding("version", "reeltop", "ok", system)
    for package in _PACKAGES:
        try:
            yield Finding("version", package, "ok", version(package))
        except PackageNotFoundError:
            yield Finding("version", package, "problem", _("is not installed"))


def _run(args: Namespace, output: Output) -> int:
    return with_service(examine, args, output)


COMMAND = Command(
    description=N_("""\
Look at the configuration, the secrets, the accounts (a free call each), the clock, the ledger, the disk,
the terminal and the versions, on one page. No secret is shown. Exit code 0 if there is no problem, else 1;
a configuration that cannot be read ends it with 2."""),
    epilog=N_("""\
examples:
  reeltop doctor
  reeltop doctor --json | jq '.findings[] | select(.verdict == "problem")'"""),
    run=_run,
)
