"""``reeltop`` without a command: the dashboard, as soon as can be.

Nobody waits for argparse here: what may be given with the dashboard is read by :func:`read_options`, as the
parser would read it, and everything else is left to that.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.errors import UsageError
from backend.language import LANGUAGES, _

if TYPE_CHECKING:
    from backend.display import Display
    from backend.service import Service
    from tui.browser import BrowserServer

_VALUES: Mapping[str, tuple[str, Any]] = {
    "--config": ("config", Path),
    "--data": ("data", Path),
    "--downloads": ("downloads", Path),
    "--sandbox-url": ("sandbox_url", str),
    "--refresh": ("refresh", str),
    "--language": ("language", str),
}
_FLAGS: Mapping[str, tuple[str, bool]] = {
    "--sandbox": ("sandbox", True),
    "--read-only": ("read_only", True),
    "--lean": ("lean", True),
    "--no-lean": ("lean", False),
}
DEFAULTS: Mapping[str, Any] = {
    "command": None,
    "config": None,
    "data": None,
    "downloads": None,
    "sandbox": False,
    "sandbox_url": None,
    "read_only": False,
    "lean": None,
    "refresh": None,
    "language": None,
}


def read_options(argv: Sequence[str]) -> dict[str, Any] | None:
    """Return what the parser would make of `argv`; None if it should be asked."""
    options = dict(DEFAULTS)
    words = iter(argv)
    for word in words:
        if word in _FLAGS:
            name, options[name] = _FLAGS[word][0], _FLAGS[word][1]
            continue
        option, _equals, text = word.partition("=")
        if option not in _VALUES:
            return None
        name, kind = _VALUES[option]
        if "=" not in word:
            text = next(words, "-")
            if text.startswith("-"):
                return None
        if not text or (option == "--language" and text not in LANGUAGES):
            return None
        options[name] = kind(text).expanduser() if kind is Path else text
    return options


def open_dashboard(options: Mapping[str, Any]) -> int:
    """Open it; return the exit code. Raises ReeltopError."""
    in_browser = "TEXTUAL_DRIVER" in os.environ
    if not in_browser and not (sys.stdin and sys.stdin.isatty() and sys.stdout and sys.stdout.isatty()):
        raise UsageError(_("the dashboard needs a terminal; the commands do not: see reeltop --help"))
    display = _display(options)
    os.environ.update(display.environment)
    use_own_keys(options["config"])
    gc.disable()  # nothing that is made until the first paint is ever thrown away
    from tui import app

    return app.run(lambda: open_place(options), display, lambda sandbox: open_place(options, sandbox))


def use_own_keys(config: Path | None) -> None:
    """Have all screens made with the user's own keys; call it before anything of them is imported.

    Raises ConfigError for a key that cannot be had.
    """
    from backend.own_keys import OwnKeys
    from backend.paths import find_config

    own = OwnKeys(find_config(config))
    if not (own.keys or own.commands):
        return
    from tui import keymap

    keymap.wanted, keymap.commands = own.keys, own.commands
    from tui.action_table import DEFAULTS

    if (found := keymap.problem(DEFAULTS, own.keys)) is not None:
        raise own.error(*found)


def all_keys(config: Path | None) -> list[dict[str, str]]:
    """Return every action with its keys, in the order of the help. Raises ConfigError."""
    use_own_keys(config)
    from tui.action_table import DEFAULTS
    from tui.actions import ACTIONS

    usual = {action.id: action.keys for action in DEFAULTS}
    return [
        {
            "action": action.id,
            "keys": action.keys,
            "usual": usual.get(action.id, action.keys),
            "shown": action.shown_keys,
            "where": action.scope.value,
            "title": action.title,
            "help": action.help,
        }
        for action in ACTIONS
    ]


def changeable_actions() -> dict[str, str]:
    """Return the titles of the actions that the user may give other keys, in English, by id."""
    from tui.action_table import DEFAULTS

    return {action.id: action.title for action in DEFAULTS if action.call}


def browser_server(command: Sequence[str], port: int, public_url: str | None) -> BrowserServer:
    """Return what serves the dashboard, started by `command`, to a browser. Raises UsageError."""
    try:
        from tui.browser import BrowserServer
    except ImportError:
        raise UsageError(_("serve needs more packages: pip install 'reeltop[serve]'")) from None
    return BrowserServer(command, port, public_url)


def _display(options: Mapping[str, Any]) -> Display:
    from backend.display import choose_display
    from backend.paths import find_paths

    paths = find_paths(config=options["config"], data=options["data"])
    try:
        return choose_display(
            lean=options["lean"],
            refresh=options["refresh"],
            config=paths.config,
            environment=os.environ,
            theme_file=paths.theme,
        )
    except ValueError as error:
        raise UsageError(str(error)) from None


async def open_place(options: Mapping[str, Any], sandbox: bool | None = None) -> Service:
    """Open what the options ask for; with `sandbox` the sandbox, or the user's own accounts, all the same."""
    from argparse import Namespace
    from dataclasses import replace

    from backend.cli.running import options_of
    from backend.opening import open_service

    gc.enable()
    wanted = options_of(Namespace(**options), work=True)
    if sandbox is not None:
        wanted = replace(wanted, sandbox=sandbox, sandbox_url=wanted.sandbox_url if sandbox else None)
    return await open_service(wanted)
