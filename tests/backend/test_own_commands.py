"""The user's own commands: what the configuration says of them, and what is run."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

import pytest

from backend.config import load_config
from backend.errors import ConfigError
from backend.models import ArtifactState, Status
from backend.own_commands import OwnCommand, Showing, as_lines, environment
from backend.programs import Program
from backend.query_fields import Moment
from tests.backend.test_config import write
from tests.tui.fakes import NOW, make_task, result

SHOW = """\
import json, os, sys
tasks = [json.loads(line) for line in sys.stdin]
print([task["prompt"] for task in tasks], sys.argv[1:], os.environ["REELTOP_FILE"], flush=True)
sys.stderr.write(os.environ["REELTOP_TASKS"] + os.environ["REELTOP_TASK_ID"])
"""


def test_commands_are_read(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """\
        [[commands]]
        name = "Publish 发布"
        run = ["/bin/publish", "--to", "a b"]
        key = "f11"
        for = "status:succeeded"
        confirm = true
        output = "text"

        [[commands]]
        name = "Log"
        run = ["logger"]
        """,
    )
    publish, log = load_config(path).own_commands
    assert (publish.name, publish.run, publish.key) == (
        "Publish 发布",
        ("/bin/publish", "--to", "a b"),
        "f11",
    )
    assert (publish.confirm, publish.output) == (True, Showing.TEXT)
    done, running = make_task("a", Status.SUCCEEDED), make_task("b")
    assert publish.fits([done], Moment(NOW))
    assert not publish.fits([done, running], Moment(NOW))
    assert (log.fits([done, running], Moment(NOW)), log.output) == (True, Showing.TOAST)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('run = ["x"]', 4, r"commands\.2: needs a name"),
        ('name = "Log"', 4, r"commands\.2: needs run = "),
        ('name = "Log"\nrun = "sh -c x"', 6, r"commands\.2\.run: must be a list"),
        ('name = "Log"\nrun = ["x", 1]', 6, "each in quotes"),
        ('name = "Log"\nrun = [""]', 6, "each in quotes"),
        ('name = "One"\nrun = ["x"]', 5, "another command of this name"),
        ('name = "Log"\nrun = ["x"]\nfor = "statu:x"', 7, r"commands\.2\.for: column 1"),
        ('name = "Log"\nrun = ["x"]\noutput = "mail"', 7, "must be toast or text or terminal"),
        ('name = "Log"\nrun = ["x"]\nshell = true', 7, "unknown; known here: confirm, for, key"),
    ],
)
def test_what_is_wrong_is_told_by_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f'[[commands]]\nname = "One"\nrun = ["x"]\n[[commands]]\n{text}\n')
    with pytest.raises(ConfigError, match=f":{line}: .*{words}"):
        load_config(path)


async def test_tasks_come_on_standard_input_and_nothing_of_them_in_the_command_line() -> None:
    hostile = make_task("x1", Status.SUCCEEDED, prompt="$(touch here); `id` [b]\n猫")
    saved = make_task(
        "x2", Status.SUCCEEDED, artifacts=(result(state=ArtifactState.SAVED, path="/v/a b.mp4"),)
    )
    command = OwnCommand(name="show", run=(sys.executable, "-c", SHOW, "$HOME"))
    both = command.program([hostile, saved])
    assert await both.run(as_lines([hostile, saved])) == 0
    assert both.output == f"{[hostile.prompt, saved.prompt]} ['$HOME'] \n2"
    one = command.program([saved])
    await one.run(as_lines([saved]))
    assert one.output.endswith(" /v/a b.mp4\n1x2")
    assert environment([hostile])["REELTOP_FILE"] == ""
    assert json.loads(as_lines([hostile]))["prompt"] == hostile.prompt


def wait_for_end(process: str) -> None:
    command = Path(f"/proc/{process}/cmdline")
    end = time.monotonic() + 30
    while command.exists() and command.read_bytes():
        assert time.monotonic() < end
        time.sleep(0.02)


async def test_output_and_time_are_bounded_and_the_end_takes_what_it_started_along(tmp_path: Path) -> None:
    started = tmp_path / "started"
    program = Program(
        ["sh", "-c", f"sleep 300 & echo $! > '{started}'; yes"], environment={}, seconds=0.5, keep=1000
    )
    with pytest.raises(TimeoutError):
        await program.run(b"x" * 1_000_000)
    assert len(program.output) == 1000
    assert program.left_out > 0
    await asyncio.to_thread(wait_for_end, started.read_text().strip())


async def test_what_stays_in_the_background_is_not_waited_for() -> None:
    program = Program(["sh", "-c", "echo done; sleep 60 & exit 3"], environment={}, seconds=30, keep=100)
    assert await program.run(b"") == 3
    assert program.output == "done\n"
