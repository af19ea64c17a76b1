"""Pictures of the builder."""

from __future__ import annotations

from typing import Protocol

import pytest
from textual.app import App

from backend.service import Draft
from tests.tui.builder_stage import Stage, StageService

EMPTY = Draft(account="main", operation="text2video")
FULL = Draft(
    account="main",
    operation="image2video",
    texts={
        "prompt": "雪の中を走る狐 [cinematic] [/b]\nlow camera, morning light",
        "model_name": "kling-v2-6",
        "duration": "7",
        "image": "https://example.com/fox.png",
        "camera_control.type": "simple",
        "camera_control.config.zoom": "5",
        "sound": "on",
    },
)
READY = Draft(
    account="main",
    operation="text2video",
    texts={"prompt": "a red fox runs through fresh snow", "model_name": "kling-v2-6", "mode": "pro"},
)


class Compare(Protocol):
    def __call__(
        self, app: App[None], *, press: list[str] = ..., terminal_size: tuple[int, int] = ...
    ) -> bool: ...


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
@pytest.mark.parametrize("draft", [EMPTY, FULL, READY], ids=["empty", "full", "ready"])
def test_form(snap_compare: Compare, draft: Draft, size: tuple[int, int]) -> None:
    assert snap_compare(Stage(StageService(draft)), press=["wait:300"], terminal_size=size)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
def test_refused(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = Stage(StageService(FULL))
    assert snap_compare(app, press=["wait:300", "ctrl+s", "wait:300"], terminal_size=size)


def test_question_in_the_sandbox(snap_compare: Compare) -> None:
    app = Stage(StageService(READY, sandbox=True))
    assert snap_compare(app, press=["wait:300", "ctrl+s", "wait:300"], terminal_size=(80, 24))


def test_all_choices(snap_compare: Compare) -> None:
    app = Stage(StageService(READY))
    assert snap_compare(app, press=["wait:300", "up", "enter", "wait:300"], terminal_size=(80, 24))


def test_request_as_curl(snap_compare: Compare) -> None:
    app = Stage(StageService(READY))
    assert snap_compare(app, press=["wait:300", "f3", "wait:300"], terminal_size=(80, 24))
