"""What a user can do, under the user's own keys: bindings, footer, help and palette are read from here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual.binding import Binding, BindingType

from backend.language import _
from backend.states import ArtifactState, Status
from tui import keymap
from tui.action import Action, Group, Scope
from tui.action_table import DEFAULTS
from tui.clips import clip_of

if TYPE_CHECKING:
    from backend.models import Task

ACTIONS = (*keymap.with_keys(DEFAULTS), *keymap.own_actions())
"""With the user's own keys and commands."""
BY_ID = {action.id: action for action in ACTIONS}

_WRITING = frozenset(
    {"new", "duplicate", "edit", "again", "resend", "resume", "retry", "download", "delete", "stop", "tag"}
    | {"note", "archive", "fix", "own_commands", "pause_account", "add_account"}
    | {"edit_account", "disable_account", "remove_account", "save_account"}
)
"""Actions that send or change something; the user's own commands may do anything."""


def writes(action: Action) -> bool:
    """Whether an action is refused where nothing may be changed."""
    return action.id in _WRITING or action.group is Group.OWN


_WRITING_CALLS = frozenset(action.call for action in ACTIONS if writes(action))


def is_writing(call: str) -> bool:
    """Whether a call, as in a binding, is that of an action that :func:`writes`."""
    return call.rpartition("screen.")[2] in _WRITING_CALLS


def bindings(*scopes: Scope) -> list[BindingType]:
    """Return the bindings of these scopes. The footer is our own, so none is shown by Textual's."""
    return [
        Binding(action.keys, action.call, action.title, show=False, priority=action.first, id=action.id)
        for action in ACTIONS
        if action.scope in scopes and action.keys
    ]


def also(action: str, call: str) -> Binding:
    """Bind the keys of an action, where it makes no sense, to something akin to it."""
    known = BY_ID[action]
    return Binding(known.keys, call, show=False, priority=known.first, id=f"{action}.{call}")


def key(action: str) -> str:
    """Return the key of an action, as people call it, for sentences that name it."""
    return BY_ID[action].first_key


def by_group() -> Iterator[tuple[Group, list[Action]]]:
    """Yield the groups in order, each with its actions."""
    for group in Group:
        yield group, [action for action in ACTIONS if action.group is group]


def refusal(action: str, task: Task | None) -> str:
    """Return why an action makes no sense for this task; empty if it does."""
    if task is None:
        is_about_one = BY_ID[action].scope is Scope.TASK or BY_ID[action].group is Group.MANY
        return _("there is no task here") if is_about_one else ""
    match action:
        case "archive" if not task.status.is_final:
            return _("this task is {status}: only what has ended is archived").format(status=task.status.word)
        case "delete" if task.remote_id is None or not task.status.is_final:
            return _("only a finished film can be deleted")
        case "stop" if task.status.is_final:
            return _("{ended}: there is nothing to stop").format(ended=_ended(task.status))
        case "stop" if task.status is Status.SUBMITTING:
            return _("the request is on its way just now; try again in a moment")
        case "edit" if task.status is not Status.WAITING:
            words = _("only a request that still waits can be changed; {key} makes a new one of it")
            return words.format(key=key("duplicate"))
        case "resume" if task.status is not Status.LOST:
            return _("only a lost task can be watched again")
        case "retry" if task.status.is_final:
            return _("{ended}: there is nothing to ask").format(ended=_ended(task.status))
        case "retry" if task.trouble is None and task.status in (Status.WAITING, Status.SUBMITTING):
            return _("nothing is in this task's way")
        case "resend" if task.status is not Status.UNCONFIRMED:
            words = _("only an unconfirmed task is sent again; {key} makes a new one of any other")
            return words.format(key=key("duplicate"))
        case "view" if not task.artifacts:
            return _("this task has no file to show")
        case "view" if clip_of(task) is None:
            return _("its file is not saved yet; {key} fetches it").format(key=key("download"))
        case "open_file" if not any(each.path for each in task.artifacts):
            return _("none of its files is saved here; {key} fetches them").format(key=key("download"))
        case "download" if not task.artifacts:
            return _("this task has no file to fetch")
        case "download" if all(each.state is ArtifactState.SAVED for each in task.artifacts):
            return _("its files are saved already")
    return ""


def has_cause(action: str, task: Task | None) -> bool:
    """Return whether the bottom line names an action: it makes sense for this task, and there is cause."""
    return not refusal(action, task) and not (action == "retry" and task is not None and task.trouble is None)


def _ended(status: Status) -> str:
    if status in (Status.SUCCEEDED, Status.FAILED):
        return _("this task has {status}").format(status=status.word)
    return _("this task is {status}").format(status=status.word)
