"""``reeltop keys``: what each key of the dashboard does, and the names to change them by."""

from __future__ import annotations

from argparse import Namespace
from contextlib import nullcontext
from typing import TYPE_CHECKING

from backend.cli.command import Command
from backend.cli.exits import Exit
from backend.language import N_, _, in_english, pgettext

if TYPE_CHECKING:
    from backend.cli.output import Output


def _run(args: Namespace, output: Output) -> int:
    from backend.cli.dashboard import all_keys

    with in_english() if output.as_json else nullcontext():
        actions = all_keys(args.config)
    if output.as_json:
        output.array(actions)
        return Exit.DONE
    head = (N_("ACTION"), N_("KEYS"), N_("WHERE"), N_("WHAT IT DOES"))
    rows = [(each["action"], _keys(each), _where(each["where"]), _(each["title"])) for each in actions]
    output.table(head, rows)
    return Exit.DONE


def _keys(action: dict[str, str]) -> str:
    return action["shown"] + (" *" if action["keys"] != action["usual"] else "")


def _where(scope: str) -> str:
    words = {
        "app": pgettext("scope", "app"),
        "dashboard": pgettext("scope", "dashboard"),
        "task": pgettext("scope", "task"),
        "table": pgettext("scope", "table"),
        "builder": pgettext("scope", "builder"),
        "accounts": pgettext("scope", "accounts"),
        "account form": pgettext("scope", "account form"),
        "files": pgettext("scope", "files"),
        "form": pgettext("scope", "form"),
        "box": pgettext("scope", "box"),
        "list": pgettext("scope", "list"),
        "question": pgettext("scope", "question"),
        "writing": pgettext("scope", "writing"),
        "choosing": pgettext("scope", "choosing"),
        "columns": pgettext("scope", "columns"),
        "several": pgettext("scope", "several"),
        "copying": pgettext("scope", "copying"),
        "filter": pgettext("scope", "filter"),
        "log": pgettext("scope", "log"),
        "comparing": pgettext("scope", "comparing"),
    }
    return words.get(scope, scope)


COMMAND = Command(
    description=N_("""\
List what can be done in the dashboard, by which keys, and the name of each action for the [keys] table of
the configuration. A star marks keys of your own. What is wrong in [keys] is told by line. Commands of your
own are named commands.NAME; their keys stand with them, in [[commands]]."""),
    epilog=N_("""\
example, in config.toml:
  [keys]
  download = "D, f6"
  quit = "ctrl+q"
Keys are characters, ctrl and a letter, f1 to f12, and names such as space, enter, escape, pageup, home."""),
    run=_run,
)
