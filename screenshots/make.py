"""Makes the pictures of the README from the running app: ``python screenshots/make.py [folder]``.

The app runs on a sandbox of its own, in a folder that is thrown away; nothing is drawn by hand.
"""

from __future__ import annotations

import asyncio
import html
import os
import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.cells import cell_len
from textual.pilot import Pilot

from backend.language import speak
from backend.models import Status
from backend.opening import Options, open_service
from backend.paths import Paths
from backend.service import Draft, Service
from tui.app import ReeltopApp
from tui.screens.dashboard import DashboardScreen

WIDE = (140, 40)
NARROW = (80, 24)
_CELL = 12.2
"""Width of a cell in Rich's pictures."""

FINISHED = (
    Draft(
        account="kling",
        operation="text2video",
        texts={"prompt": "[ok] 宇航员站起身走了, slow dolly in", "model_name": "kling-v2-6", "mode": "pro"},
    ),
    Draft(
        account="chanjing",
        operation="tx-kling2.5",
        texts={"ref_prompt": "[ok] 未来城市夜景穿梭镜头,光轨拖尾,节奏快速", "clarity": "1080"},
    ),
    Draft(
        account="kling-relay",
        operation="text2video",
        texts={"prompt": "[ok] 在海滩上度假的快乐场景。", "model_name": "kling-v2-5-turbo"},
    ),
    Draft(
        account="openai-video",
        operation="generate",
        texts={
            "model": "kling-2.6",
            "prompt": "[fail] a dancer repeats the reference film",
            "scene_type": "motion_control",
            "video_url": "https://example.com/dance-ref.mp4",
        },
    ),
    Draft(
        account="kling",
        operation="image2video",
        texts={"prompt": "[fail] she turns and waves", "image": "https://example.com/first.png"},
    ),
)
RUNNING = (
    Draft(
        account="kling-relay",
        operation="turbo-image2video",
        texts={
            "prompt": "[slow] petals sway, bokeh shimmers",
            "first_frame": "https://example.com/petals.jpg",
            "resolution": "1080p",
        },
    ),
    Draft(
        account="openai-video",
        operation="generate",
        texts={"model": "kling-3.0", "prompt": "[slow] 雪山之巅,雄鹰盘旋", "seconds": "10"},
    ),
    Draft(
        account="kling",
        operation="text2video",
        texts={"prompt": "[slow] a paper boat crosses a rainy street at night", "model_name": "kling-v3"},
    ),
)


async def submit(service: Service, draft: Draft) -> str:
    """Submit a draft as the form does; return the task's id."""
    request = service.prepare(draft).request
    if request is None:
        raise SystemExit(f"a draft of this script is not valid: {service.prepare(draft).issues}")
    return (await service.submit(draft.account, draft.operation, request)).id


async def until(service: Service, ids: list[str], *statuses: Status) -> None:
    """Return when all these tasks are in one of `statuses`."""
    changes = service.changes()
    while any(service.tasks[task_id].status not in statuses for task_id in ids):
        await anext(changes)


async def picture(pilot: Pilot[None], folder: Path, name: str) -> None:
    """Save what the screen shows."""
    await pilot.pause(0.5)
    (folder / f"{name}.svg").write_text(spread(pilot.app.export_screenshot()), encoding="utf-8")


def spread(svg: str) -> str:
    """Give wide characters their two cells: Rich counts characters where it says how long a text is."""

    def length(found: re.Match[str]) -> str:
        cells = cell_len(html.unescape(found[2]))
        return f'textLength="{round(cells * _CELL, 1):g}"{found[1]}{found[2]}</text>'

    return re.sub(r'textLength="[\d.]+"([^>]*>)([^<\n]+)</text>', length, svg)


def new_app(data: Path) -> ReeltopApp:
    """Return the app on a sandbox of its own."""
    paths = Paths(config=data / "config.toml", data=data, downloads=data / "clips", downloads_given=True)
    return ReeltopApp(
        lambda: open_service(Options(paths=paths, sandbox=True, sandbox_seed=3, sandbox_speed=3.0))
    )


async def begin(app: ReeltopApp, pilot: Pilot[None]) -> tuple[Service, list[str], list[str]]:
    """Return the service, with the ids of tasks that ended and of some that run; show one that failed."""
    while app.service is None:
        await pilot.pause(0.1)
    service = app.service
    finished = [await submit(service, draft) for draft in FINISHED]
    await service.wait(finished)
    running = [await submit(service, draft) for draft in RUNNING]
    await until(service, running, Status.RUNNING)
    await pilot.pause(3)
    await pilot.press("e")
    return service, finished, running


async def make_chinese(folder: Path, data: Path) -> None:
    """Make the picture in the other language."""
    speak("zh_CN")
    app = new_app(data)
    async with app.run_test(size=WIDE) as pilot:
        service, _, running = await begin(app, pilot)
        await picture(pilot, folder, "dashboard-zh_CN")
        await service.stop(running)
    await app.close_service()


async def make(folder: Path, data: Path) -> None:
    """Make all pictures in English."""
    app = new_app(data)
    async with app.run_test(size=WIDE) as pilot:
        service, finished, running = await begin(app, pilot)
        await picture(pilot, folder, "dashboard")
        await pilot.press("enter")
        await picture(pilot, folder, "failure")
        await pilot.press("escape")
        clip = next(key for key in finished if service.tasks[key].status is Status.SUCCEEDED)
        dashboard = app.screen_stack[0]
        assert isinstance(dashboard, DashboardScreen)  # noqa: S101
        dashboard.go_to(clip)
        await pilot.pause(1)
        await picture(pilot, folder, "preview")
        await pilot.press("v")
        await pilot.pause(2)
        await pilot.press("space")
        await picture(pilot, folder, "player")
        await pilot.press("escape")
        await pilot.press("e")
        await pilot.resize_terminal(*NARROW)
        await picture(pilot, folder, "dashboard-80x24")
        await pilot.resize_terminal(*WIDE)
        app.open_builder(RUNNING[-1])
        await picture(pilot, folder, "builder")
        await service.stop(running)
        await pilot.press("escape")
    await app.close_service()


def main() -> None:
    """Run :func:`make` with a home of its own."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    with TemporaryDirectory(prefix="reeltop-") as data:
        os.environ.update(HOME=data, TERM="xterm-256color", COLORTERM="truecolor")
        asyncio.run(make(folder, Path(data, "en")))
        asyncio.run(make_chinese(folder, Path(data, "zh_CN")))


if __name__ == "__main__":
    main()
