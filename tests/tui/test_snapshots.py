"""What the screens look like; regenerate with ``pytest --snapshot-update`` and look at the pictures."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from textual.pilot import Pilot

from backend.models import Trouble
from tests.tui.fakes import UNREACHABLE, FakeClock, FakeService, ago, ahead, gallery
from tui.app import ReeltopApp

Compare = Callable[..., bool]
SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])


def app() -> ReeltopApp:
    service = FakeService(gallery())
    service.troubles["avatars"] = Trouble(failure=UNREACHABLE, since=ago(40), count=3, next_try=ahead(8))
    return ReeltopApp(service.open, FakeClock())


def press(*keys: str) -> Callable[[Pilot[None]], Awaitable[None]]:
    async def run(pilot: Pilot[None]) -> None:
        await pilot.pause(0.2)
        await pilot.press(*keys)
        await pilot.pause(0.2)

    return run


@SIZES
def test_dashboard(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(app(), terminal_size=size, run_before=press())


@SIZES
def test_failure_detail(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(app(), terminal_size=size, run_before=press("e", "e", "e", "enter"))


@SIZES
def test_help(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(app(), terminal_size=size, run_before=press("question_mark"))


def test_confirm(snap_compare: Compare) -> None:
    assert snap_compare(app(), run_before=press("q"))


def test_accounts(snap_compare: Compare) -> None:
    assert snap_compare(app(), run_before=press("a"))
