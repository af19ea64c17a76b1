"""Runs the user's own commands with the chosen tasks, and shows what they print."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from backend.language import _
from backend.own_commands import SECONDS, OwnCommand, Showing, as_lines, environment
from backend.query_fields import Moment
from backend.text import clean_block, clean_line
from tui import keymap
from tui.action import Action
from tui.bulk_words import Chosen, question
from tui.editor import write_private
from tui.lending import LendingError, lend_terminal
from tui.screens.builder_choices import ChoiceScreen
from tui.screens.confirm import ConfirmScreen
from tui.screens.output import OutputScreen
from tui.widgets.field_choices import Choice

if TYPE_CHECKING:
    from backend.models import Task
    from backend.service import Service
    from tui.app import ReeltopApp

_LONGEST_LINE = 160


async def choose_command(app: ReeltopApp, service: Service, tasks: Sequence[Task]) -> None:
    """Offer those that take `tasks`, and run the chosen one."""
    if not service.own_commands:
        app.say(_("There are none: [[commands]] in the configuration makes them"))
        return
    now = _moment(service)
    keys = {action.title: action.shown_keys for action in keymap.own_actions()}
    choices = [
        Choice(command.name, command.name, keys.get(command.name, ""))
        for command in service.own_commands
        if tasks and command.fits(tasks, now)
    ]
    if not choices:
        app.say(_("None of your commands takes these tasks") if tasks else _("There is no task here"))
        return
    chosen = await app.push_screen_wait(ChoiceScreen(_("Your own commands"), choices, ""))
    command = next((each for each in service.own_commands if each.name == chosen), None)
    if command is not None:
        await _run(app, service, command, tasks)


async def run_command(app: ReeltopApp, service: Service, place: int, tasks: Sequence[Task]) -> None:
    """Run that in this `place` of the configuration, as it was when reeltop was started."""
    action: Action = keymap.own_actions()[place]
    command = next((each for each in service.own_commands if each.name == action.title), None)
    if command is None:
        app.say(_("{name} is no longer in the configuration").format(name=action.title), "warning")
    elif not tasks:
        app.say(_("There is no task here"), "warning")
    elif not command.fits(tasks, _moment(service)):
        words = _("{name} takes only: {filter}")
        wanted = command.wanted.text if command.wanted else ""
        app.say(words.format(name=command.name, filter=wanted), "warning")
    else:
        await _run(app, service, command, tasks)


def _moment(service: Service) -> Moment:
    accounts = {account.name: service.health(account.name) for account in service.accounts()}
    return Moment(datetime.now(UTC), accounts)


async def _run(app: ReeltopApp, service: Service, command: OwnCommand, tasks: Sequence[Task]) -> None:
    if command.confirm:
        cost = _("Runs {program}.").format(program=clean_line(command.run[0]))
        asked = question(command.name, Chosen(tuple(tasks)), cost, go=_("Run"))
        if not await app.push_screen_wait(ConfirmScreen(asked, is_sandbox=service.is_sandbox)):
            return
    try:
        data = await asyncio.to_thread(as_lines, tasks)
        match command.output:
            case Showing.TERMINAL:
                await _in_terminal(app, command, tasks, data)
            case Showing.TEXT:
                await app.push_screen_wait(OutputScreen(command.name, command.program(tasks), data))
            case Showing.TOAST:
                await _in_background(app, command, tasks, data)
    except (LendingError, OSError, ValueError) as error:
        app.say(_("{name}: {reason}").format(name=command.name, reason=reason(error)), "error")


async def _in_terminal(app: ReeltopApp, command: OwnCommand, tasks: Sequence[Task], data: bytes) -> None:
    # Its standard input is the keyboard, so the tasks are in a file.
    path = await asyncio.to_thread(write_private, data.decode().rstrip("\n"), ".jsonl")
    try:
        told = {**environment(tasks), "REELTOP_JSON": str(path)}
        words = _("{name}: that was all; enter goes back to reeltop").format(name=clean_line(command.name))
        code = await lend_terminal(app, command.run, told, goodbye=words)
    finally:
        path.unlink(missing_ok=True)
    if code:
        app.say(ended(command.name, code), "warning")


async def _in_background(app: ReeltopApp, command: OwnCommand, tasks: Sequence[Task], data: bytes) -> None:
    app.say(_("{name}: running").format(name=command.name))
    program = command.program(tasks)
    app.running_commands.append(command.name)
    try:
        code = await program.run(data)
    except TimeoutError:
        words = _("{name} took more than {minutes:.0f} minutes and was ended")
        app.say(words.format(name=command.name, minutes=SECONDS / 60), "error")
        return
    finally:
        app.running_commands.remove(command.name)
    printed = [line for line in clean_block(program.output).splitlines() if line.strip()]
    last = printed[-1].strip()[:_LONGEST_LINE] if printed else ""
    if code:
        said = ended(command.name, code)
        app.say(_("{words}: {line}").format(words=said, line=last) if last else said, "error")
    else:
        app.say(_("{name}: {line}").format(name=command.name, line=last or _("done")))


def ended(name: str, code: int) -> str:
    """Say that a program ended otherwise than well."""
    if code < 0:
        return _("{name} was ended by signal {number}").format(name=name, number=-code)
    return _("{name} ended with exit code {code}").format(name=name, code=code)


def reason(error: Exception) -> str:
    """Say why a program could not be run."""
    if isinstance(error, OSError) and error.strerror:
        return f"{clean_line(str(error.filename))}: {error.strerror}" if error.filename else error.strerror
    return str(error) or _("cannot be run")
