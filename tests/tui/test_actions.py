"""The registry of actions."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from textual.binding import Binding
from textual.screen import Screen

from backend.models import Status
from tests.tui.fakes import make_task, result
from tui.action import Scope
from tui.actions import ACTIONS, BY_ID, bindings, by_group, refusal
from tui.app import ReeltopApp
from tui.screens.builder import BuilderScreen
from tui.screens.dashboard import DashboardScreen
from tui.screens.detail import DetailScreen
from tui.screens.preview import PreviewPane
from tui.widgets.field_chooser import Chooser
from tui.widgets.field_group import GroupTitle
from tui.widgets.request_form import RequestForm
from tui.widgets.task_table import TaskTable

NEVER_ARRIVE = ("ctrl+enter", "shift+enter", "ctrl+h", "ctrl+m", "ctrl+i", "ctrl+c", "alt+enter")


def keys_of(*scopes: Scope) -> list[str]:
    return [key for action in ACTIONS if action.scope in scopes for key in action.keys.split(",")]


def test_every_key_reaches_a_plain_terminal() -> None:
    assert not set(keys_of(*Scope)) & set(NEVER_ARRIVE)


def test_no_key_means_two_things_at_once() -> None:
    here = Counter(keys_of(Scope.APP, Scope.DASHBOARD, Scope.TASK))
    assert not [key for key, times in here.items() if times > 1]


def test_no_key_of_the_builder_means_two_things() -> None:
    here = Counter(keys_of(Scope.APP, Scope.BUILDER))
    assert not [key for key, times in here.items() if times > 1]


def test_keys_of_the_form_in_the_registry_are_bound() -> None:
    owners = (BuilderScreen, RequestForm, PreviewPane, Chooser, GroupTitle)
    bound = {key for owner in owners for key in owner._merge_bindings().key_to_bindings}
    assert set(keys_of(Scope.FORM)) <= bound


@pytest.mark.parametrize(
    ("status", "words"),
    [(Status.SUCCEEDED, "has succeeded"), (Status.FAILED, "has failed"), (Status.CANCELLED, "is cancelled")],
)
def test_a_refusal_is_a_sentence(status: Status, words: str) -> None:
    assert refusal("stop", make_task(status=status)) == f"this task {words}: there is nothing to stop"


def test_the_word_of_the_footer_is_in_the_name() -> None:
    assert BY_ID["duplicate"].name == "Use as a new request (clone)"
    assert BY_ID["follow"].name == "Follow the newest"
    assert all(action.hint in action.name.lower() for action in ACTIONS)


def test_table_keys_in_the_registry_are_keys_of_the_table() -> None:
    bound = TaskTable._merge_bindings().key_to_bindings
    for key in keys_of(Scope.TABLE):
        assert key in bound or key == "tab"
    assert [binding.action for binding in bound["g"]] == ["screen.follow"]


@pytest.mark.parametrize(
    ("owner", "scopes"),
    [
        (DashboardScreen, (Scope.DASHBOARD, Scope.TASK)),
        (DetailScreen, (Scope.TASK,)),
        (BuilderScreen, (Scope.BUILDER,)),
    ],
)
def test_every_binding_has_its_method(owner: type[Screen[Any]], scopes: tuple[Scope, ...]) -> None:
    for binding in bindings(*scopes):
        assert isinstance(binding, Binding)
        name = binding.action.partition("(")[0]
        target = ReeltopApp if name.startswith("app.") else owner
        assert hasattr(target, f"action_{name.removeprefix('app.')}")


def test_every_action_is_in_a_group_and_explained() -> None:
    assert sum(len(actions) for _, actions in by_group()) == len(ACTIONS)
    assert all(action.title and action.help.endswith(".") for action in ACTIONS)


@pytest.mark.parametrize(
    ("action", "status", "possible"),
    [
        ("stop", Status.RUNNING, True),
        ("stop", Status.WAITING, True),
        ("stop", Status.SUBMITTING, False),
        ("stop", Status.FAILED, False),
        ("resume", Status.LOST, True),
        ("resume", Status.RUNNING, False),
        ("resend", Status.UNCONFIRMED, True),
        ("resend", Status.FAILED, False),
        ("download", Status.SUCCEEDED, False),
        ("retry", Status.RUNNING, True),
        ("retry", Status.WAITING, False),
        ("retry", Status.FAILED, False),
        ("duplicate", Status.FAILED, True),
    ],
)
def test_what_can_be_done_in_which_status(action: str, status: Status, possible: bool) -> None:
    assert (refusal(action, make_task(status=status)) == "") == possible


def test_a_file_that_is_not_saved_can_be_fetched() -> None:
    assert not refusal("download", make_task(status=Status.SUCCEEDED, artifacts=(result(),)))


def test_without_a_task_only_what_needs_none_is_possible() -> None:
    assert refusal("stop", None)
    assert not refusal("new", None)
