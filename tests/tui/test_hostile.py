"""Text from users and servers is shown, never obeyed."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from backend.models import ArtifactState, Failure, FailureKind, Status, TaskEvent, Trouble
from tests.tui.conftest import Running
from tests.tui.fakes import FakeService, ago, ahead, make_task, result
from tests.tui.test_dashboard import dashboard, settle, shown

NASTY = [
    "[red]not markup[/red] [/foo] [@click=app.quit]x[/]",
    "\x1b[2J\x1b]52;c;aGk=\x07\x1bPtmux;\x1b\\ after",
    "tab\there\r\nand\x00there\x9b31m",
    "漢字かな交じり文" * 20,
    "👩‍👩‍👧‍👦 ⚠️ ▶️ é\u202eevil\u2066",
    "x" * 10_000,
    "long words " * 1000,
]


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
async def test_hostile_text_is_harmless(
    running: Running, service: FakeService, text: str, size: tuple[int, int]
) -> None:
    failure = Failure(
        kind=FailureKind.FAILED_TASK,
        words=text,
        code=text,
        request_id=text,
        meaning="It failed.",
        money="Ask.",
        next_step="Ask.",
    )
    artifact = result(state=ArtifactState.FAILED, path=text, failure=failure)
    task = make_task(
        "nasty1",
        Status.FAILED,
        prompt=text,
        account=text[:60],
        model=text,
        remote_id=text,
        status_words=text,
        failure=failure,
        trouble=Trouble(failure=failure, since=ago(5), count=1, next_try=ahead(5)),
        artifacts=(artifact,),
        request={"prompt": text, text[:50]: {"deep": [text]}},
        events=(TaskEvent(at=ago(5), what="status", words=text),),
        last_answer=text,
    )
    async with running(size) as pilot:
        service.put(task)
        await settle(pilot)
        dashboard(pilot).go_to("nasty1")
        for keys in (("enter", "escape"), ("y", "down", "v", "escape"), ("y", "w"), ("c",), ("d",)):
            await pilot.press(*keys)
            await pilot.pause(0.1)
            for line in shown(pilot).split("\n"):
                assert line.isprintable(), keys
                assert cell_len(line) == size[0], keys
