"""What may come next on a command line, with a few words on each. Quick: no service, nothing heavy.

What stands for an option's or an operand's value is told by its metavar: ``ID`` is a task, ``NAME`` behind
``--account`` an account, and so on; for ``FILE`` and ``DIR`` the shell itself knows best.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any

from backend.cli import commands
from backend.errors import ReeltopError
from backend.language import _
from backend.text import clean_line

if TYPE_CHECKING:
    from backend.cli.grammar import Grammar, Option
    from backend.glance import Glance

FILES = "files"
FOLDERS = "folders"
_SANDBOX = {name: name for name in ("kling", "kling-relay", "openai-video", "chanjing")}
_MOST_TASKS = 200

Word = tuple[str, str]
"""A word that may come next, and what it means."""


def complete(words: Sequence[str]) -> Iterator[Word]:
    """Yield what may stand for the last of `words`, which follow ``reeltop``; it may be empty.

    The single word ``files`` or ``folders`` with no meaning asks the shell for its own. Raises nothing.
    """
    *before, current = words or [""]
    given = _given(before)
    with suppress(ReeltopError, OSError, ValueError):
        for word, meaning in _candidates(before, current, given):
            if word.startswith(current) or word in (FILES, FOLDERS):
                yield word, clean_line(meaning)


def _candidates(before: Sequence[str], current: str, given: Mapping[str, Any]) -> Iterable[Word]:
    from backend.cli.grammar import of_command, of_program

    command = next((word for word in _operands(before) if word in commands.SUMMARIES), None)
    grammar = of_command(command) if command else of_program()
    option = _open_option(grammar, before)
    if option is not None:
        return _values(option.metavar, option.names[0], option.choices, given, command)
    if current.startswith("-"):
        return ((name, option.help) for option in grammar.options for name in option.names[:1])
    if command is None:
        return [(name, _(summary)) for name, summary in commands.SUMMARIES.items()]
    position = len(_operands(before, grammar)) - 1
    if not grammar.operands:
        return ()
    operand = grammar.operands[min(position, len(grammar.operands) - 1)]
    if position >= len(grammar.operands) and not operand.many:
        return ()
    return _values(operand.metavar, "", operand.choices, given, command)


def _values(
    metavar: str, option: str, choices: Sequence[str], given: Mapping[str, Any], command: str | None
) -> Iterable[Word]:
    if choices:
        return [(choice, "") for choice in choices]
    if option == "--account" or (command == "accounts" and metavar == "NAME"):
        return _accounts(given)
    if option == "--operation" or (command in ("operations", "schema") and metavar == "NAME"):
        return _operations(given)
    if option == "--set":
        return _fields(given)
    match metavar:
        case "ID" | "ID|+TAG":
            return _tasks(given)
        case "STATUS":
            from backend.models import Status

            return [(str(status), "") for status in Status]
        case "FILE":
            return [(FILES, "")]
        case "DIR":
            return [(FOLDERS, "")]
        case "COMMAND":
            return [(name, _(summary)) for name, summary in commands.SUMMARIES.items()]
    return ()


def _tasks(given: Mapping[str, Any]) -> Iterator[Word]:
    for record in islice(reversed([*_look(given).records.values()]), _MOST_TASKS):
        task = json.loads(record)
        yield task["id"], f"{task['status']}  {task['prompt'][:60]}"


def _accounts(given: Mapping[str, Any]) -> Iterable[Word]:
    seen = _look(given)
    return (_SANDBOX if seen.is_sandbox else seen.accounts).items()


def _operations(given: Mapping[str, Any]) -> Iterator[Word]:
    from backend.providers import registry

    seen = _look(given)
    accounts = _SANDBOX if seen.is_sandbox else seen.accounts
    wanted = accounts.get(given.get("--account", ""))
    for provider in registry.providers().values():
        for operation in provider.operations.values():
            if wanted is None and provider.name in accounts.values():
                yield f"{provider.name}/{operation.name}", _(operation.title)
            elif wanted == provider.name:
                yield operation.name, _(operation.title)


def _fields(given: Mapping[str, Any]) -> Iterator[Word]:
    from backend.providers import registry
    from backend.providers.fields import leaf_specs

    provider, _slash, name = given.get("--operation", "").rpartition("/")
    seen = _look(given)
    accounts = _SANDBOX if seen.is_sandbox else seen.accounts
    wanted = accounts.get(given.get("--account", ""), provider)
    for each in registry.providers().values():
        if wanted in ("", each.name) and name in each.operations:
            for spec in leaf_specs(each.operations[name].model):
                yield f"{spec.name}=", _(spec.title)


def _look(given: Mapping[str, Any]) -> Glance:
    import os
    from pathlib import Path

    from backend.glance import Glance, look
    from backend.options import Options
    from backend.paths import find_paths

    def place(name: str) -> Path | None:
        return Path(given[name]).expanduser() if given.get(name) else None

    options = Options(
        paths=find_paths(config=place("--config"), data=place("--data")),
        sandbox="--sandbox" in given,
        sandbox_url=given.get("--sandbox-url") or os.environ.get("REELTOP_SANDBOX_URL") or None,
        work=False,
    )
    return look(options) or Glance({}, {}, is_sandbox=False)


def _given(before: Sequence[str]) -> dict[str, str]:
    """Return the options that were given, as they are written."""
    found: dict[str, str] = {}
    for place, word in enumerate(before):
        name, equals, value = word.partition("=")
        if name.startswith("--"):
            found[name] = value if equals else "".join(before[place + 1 : place + 2])
    return found


def _open_option(grammar: Grammar, before: Sequence[str]) -> Option | None:
    """Return the option whose value comes next."""
    last = before[-1] if before else ""
    return next((each for each in grammar.options if each.metavar and last in each.names), None)


def _operands(before: Sequence[str], grammar: Grammar | None = None) -> list[str]:
    """Return the words that are neither options nor their values, the command among them."""
    taking = {"--config", "--data", "--downloads", "--sandbox-url"}
    if grammar is not None:
        taking |= {name for option in grammar.options if option.metavar for name in option.names}
    pairs = zip(["", *before], before, strict=False)
    return [word for last, word in pairs if not word.startswith("-") and last not in taking]
