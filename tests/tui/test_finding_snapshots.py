"""What finding, marking and what needs a person look like, with failures and CJK text."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from textual.pilot import Pilot

from backend.models import Failure, FailureKind, Status, Task, Trouble
from tests.tui.fakes import POLICY, FakeClock, FakeService, ago, ahead, gallery, make_task
from tui.app import ReeltopApp

Compare = Callable[..., bool]
SIZES = pytest.mark.parametrize("size", [(80, 24), (140, 45)], ids=["80x24", "140x45"])
BUSY = Failure(kind=FailureKind.RATE_LIMIT, code="1303", words="parallel task over resource pack limit")
REFUSED = Failure(
    kind=FailureKind.AUTH,
    code="1002",
    words="鉴权失败：密钥 [无效]",
    meaning="The provider refuses the account's credential.",
    money="Nothing was created, so nothing should be charged.",
    next_step="Put the credential right, then try again.",
)


def tasks() -> list[Task]:
    busy = Trouble(failure=BUSY, since=ago(9), count=1, next_try=ahead(8))
    held = Trouble(failure=REFUSED, since=ago(60), count=1)
    words = replace(POLICY, words="内容安全审核未通过 [policy]")
    cjk = "雨夜的霓虹市场，镜头缓慢推进，水洼里倒映着招牌"
    return [
        *gallery(),
        *(make_task(f"s{n}busy", Status.WAITING, age=12, prompt=cjk, trouble=busy) for n in range(3)),
        make_task("t1auth", account="avatars", prompt=cjk, trouble=held),
        make_task("u1fail", Status.FAILED, prompt=cjk, failure=words, batch="春季广告", tags=("ad",)),
        make_task("u2fail", Status.FAILED, prompt="A fox [b]runs[/b]", failure=words, batch="春季广告"),
        make_task("u3made", Status.SUCCEEDED, prompt=cjk, batch="春季广告", note="给客户看"),
    ]


def app() -> ReeltopApp:
    return ReeltopApp(FakeService(tasks()).open, FakeClock())


def press(*keys: str) -> Callable[[Pilot[None]], Awaitable[None]]:
    async def run(pilot: Pilot[None]) -> None:
        await pilot.pause(0.2)
        await pilot.press(*keys)
        await pilot.pause(0.2)
        for line in pilot.app.screen.query("Input").results():
            line.cursor_blink = False  # type: ignore[attr-defined]
        await pilot.pause(0.1)

    return run


@SIZES
def test_typing_a_filter(snap_compare: Compare, size: tuple[int, int]) -> None:
    keys = [*"code:13 -status:f"]
    named = {"-": "minus", ":": "colon", " ": "space"}
    pressed = press("slash", *(named.get(key, key) for key in keys))
    assert snap_compare(app(), terminal_size=size, run_before=pressed)


@SIZES
def test_marks(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(app(), terminal_size=size, run_before=press("space", "down", "down", "V"))


@SIZES
def test_needs_attention(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(app(), terminal_size=size, run_before=press("3"))


@SIZES
def test_why_tasks_fail(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(app(), terminal_size=size, run_before=press("F"))


@SIZES
def test_by_batch(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(app(), terminal_size=size, run_before=press("b"))
