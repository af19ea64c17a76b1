"""What is told of tasks, once each, and the user's own program that hears of it."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from backend.config import load_config
from backend.errors import ConfigError
from backend.hook import Hook
from backend.models import AccountHealth, Failure, FailureKind, Status, Task, TaskEvent, Trouble
from backend.news import News, NewsDesk
from backend.sandbox.server import SandboxServer
from tests.backend.test_service import configure, draft, service_in, submit
from tests.tui.fakes import NOW, make_task

AUTH = Trouble(failure=Failure(kind=FailureKind.AUTH, code="1002"), since=NOW, count=1)


class Desk:
    """A desk over tasks that a test changes."""

    def __init__(self, *tasks: Task) -> None:
        self.tasks = {task.id: task for task in tasks}
        self.healths = {"studio": AccountHealth()}
        self._desk = NewsDesk(self.tasks, lambda task: task.status.is_final, self.healths.get)
        self._desk.open(NOW)

    def change(self, task_id: str, **fields: Any) -> list[str]:
        self.tasks[task_id] = replace(self.tasks[task_id], **fields)
        return self.hear(task_id)

    def hear(self, *ids: str) -> list[str]:
        return [f"{news.task.id} {news.needs or news.task.status}" for news in self._desk.hear(ids, NOW)]


def test_an_end_is_told_once() -> None:
    desk = Desk(make_task("a"), make_task("old", Status.SUCCEEDED))
    assert desk.change("a", progress=0.5) == []
    assert desk.change("a", status=Status.SUCCEEDED) == ["a succeeded"]
    assert desk.change("a", note="nice") == []
    assert desk.change("old", note="nice") == []


def test_a_file_that_is_saved_after_all_is_no_second_end() -> None:
    task = make_task("a")
    settled = {"now": True}
    tasks = {"a": task}
    desk = NewsDesk(tasks, lambda task: task.status.is_final and settled["now"], lambda _: AccountHealth())

    def change(**fields: Any) -> list[str]:
        tasks["a"] = replace(tasks["a"], **fields)
        return [news.task.status for news in desk.hear(["a"], NOW)]

    assert change(status=Status.SUCCEEDED) == ["succeeded"]
    settled["now"] = False  # its file is fetched again
    assert change(note="b") == []
    settled["now"] = True
    assert change(note="c") == []
    assert change(status=Status.RUNNING) == []
    assert change(status=Status.FAILED) == ["failed"]


def test_what_came_finished_or_was_ended_by_the_user_is_no_news() -> None:
    desk = Desk(make_task("a"))
    desk.tasks["imported"] = make_task("imported", Status.FAILED)
    assert desk.hear("imported", "gone") == []
    stopped = (TaskEvent(at=NOW, what="stopped"),)
    assert desk.change("a", status=Status.LOST, events=stopped) == []
    assert desk.change("a", status=Status.RUNNING) == []
    assert desk.change("a", status=Status.LOST, events=()) == ["a lost"]


def test_trouble_of_an_account_is_told_once_until_it_is_over() -> None:
    desk = Desk(make_task("a"), make_task("b"))
    desk.healths["studio"] = AccountHealth(trouble=AUTH)
    assert desk.change("a", trouble=AUTH) == ["a credential"]
    assert desk.change("b", trouble=AUTH) == []
    assert desk.change("a", trouble=AUTH) == []
    desk.healths["studio"] = AccountHealth()
    assert desk.change("a", trouble=None) == []
    desk.healths["studio"] = AccountHealth(trouble=AUTH)
    assert desk.change("b", trouble=AUTH) == ["b credential"]


def test_trouble_is_not_told_again_at_each_try_nor_by_the_next_process() -> None:
    desk = Desk(make_task("a", Status.WAITING))
    desk.healths["studio"] = AccountHealth(trouble=AUTH)
    assert desk.change("a", trouble=AUTH) == ["a credential"]
    desk.healths["studio"] = AccountHealth()  # nothing waits while it is tried
    assert desk.change("a", status=Status.SUBMITTING) == []
    desk.healths["studio"] = AccountHealth(trouble=AUTH)
    assert desk.change("a", status=Status.WAITING) == []
    later = Desk(*desk.tasks.values())
    assert later.change("a", status=Status.SUBMITTING) == []
    later.healths["studio"] = AccountHealth(trouble=AUTH)
    assert later.change("a", status=Status.WAITING) == []
    later.healths["studio"] = AccountHealth()
    assert later.change("a", status=Status.QUEUED, trouble=None) == []
    assert later.change("a", trouble=AUTH) == ["a credential"]


# -- the program ------------------------------------------------------------------------------------------

NOTER = """
import json, os, sys
task = json.load(sys.stdin)
with open(sys.argv[1], "a") as file:
    file.write(json.dumps([task["id"], task["status"], task["prompt"], os.environ["REELTOP_NEEDS"]]) + "\\n")
"""


@pytest.fixture
def noter(tmp_path: Path) -> str:
    program = tmp_path / "my noter.py"
    program.write_text(NOTER)
    return f"{sys.executable} '{program}' '{tmp_path / 'noted'}'"


def noted(folder: Path) -> list[list[str]]:
    file = folder / "noted"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


@pytest.fixture
async def sandbox() -> AsyncIterator[SandboxServer]:
    async with SandboxServer(speed=20) as server:
        yield server


async def test_the_program_hears_of_each_task_once_whoever_looks_on(
    tmp_path: Path, sandbox: SandboxServer, noter: str
) -> None:
    configure(tmp_path, f'[notify]\non_finished = "{noter}"\n')
    prompts = {"ok": "[ok] 一只猫 $(touch here) ; [b]", "fail": "[fail] `id`"}
    async with service_in(tmp_path, sandbox) as service, service_in(tmp_path, sandbox):
        ids = {
            word: await submit(service, draft("kling", "text2video", prompt=prompt))
            for word, prompt in prompts.items()
        }
        await asyncio.wait_for(service.wait(ids.values()), 20)
    told = sorted(noted(tmp_path))
    assert told == sorted(
        [[ids["ok"], "succeeded", prompts["ok"], ""], [ids["fail"], "failed", prompts["fail"], ""]]
    )
    assert not (tmp_path / "here").exists()
    async with service_in(tmp_path, sandbox):
        await asyncio.sleep(0.1)
    assert len(noted(tmp_path)) == 2


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        ("/no/such/program", "on_finished: /no/such/program: No such file or directory"),
        (
            f"{sys.executable} -c 'raise SystemExit(3)'",
            f"on_finished: {sys.executable} ended with exit code 3",
        ),
        (f"{sys.executable} -c 'pass'", ""),
    ],
)
async def test_a_program_that_fails_is_complained_of(command: str, complaint: str) -> None:
    complaints: list[str] = []
    hook = Hook(command, complaints.append)
    hook.tell([News(make_task("a", Status.SUCCEEDED))])
    await hook.close()
    assert complaints == ([complaint] if complaint else [])


# -- the configuration ------------------------------------------------------------------------------------


def test_the_table_is_read(tmp_path: Path) -> None:
    configure(tmp_path, '[notify]\nbell = false\ndesktop = "osc777"\non_finished = "say done"\n')
    notify = load_config(tmp_path / "config.toml").notify
    assert (notify.toast, notify.bell, notify.desktop, notify.on_finished) == (
        True,
        False,
        "osc777",
        "say done",
    )


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('bell = "loud"', "notify.bell: must be true or false"),
        ("desktop = 9", "notify.desktop: must be text in quotes"),
        ('desktop = "osc1"', "notify.desktop: must be one of auto, osc9, osc777, osc99, off"),
        ('on_finished = "say \'done"', "notify.on_finished: no closing quotation"),
        ('on_finished = " "', "notify.on_finished: names no program"),
        ("horn = true", "notify.horn: unknown; known here: bell, desktop, on_finished, toast"),
    ],
)
def test_a_wrong_entry_is_named_with_its_line(tmp_path: Path, line: str, complaint: str) -> None:
    configure(tmp_path, f"[notify]\n{line}\n")
    with pytest.raises(ConfigError, match=rf"config.toml:2: {complaint}"):
        load_config(tmp_path / "config.toml")
