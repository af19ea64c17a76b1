"""``reeltop download``: which files, how it shows them, how it ends."""

from __future__ import annotations

import json
import os
import select
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.backend.cli.conftest import COMMAND, ROOT, Inside, Reeltop
from tests.backend.cli.helpers import pseudo_terminal
from tests.backend.engine.toys import film

FILM = film(400_000)


@dataclass
class Films:
    """A server of one film that takes its time."""

    url: str = ""
    pause: float = 0.0
    """Seconds between pieces of a tenth of it."""
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def films() -> Iterator[Films]:
    made = Films()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", str(len(FILM)))
            self.end_headers()
            for start in range(0, len(FILM), len(FILM) // 10):
                self.wfile.write(FILM[start : start + len(FILM) // 10])
                time.sleep(made.pause)

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


def backup(folder: Path, films: Films, **hours: float | None) -> Path:
    """Write a backup with a finished task for each name, its file gone in so many hours."""
    now = datetime.now(UTC)
    lines = []
    for name, left in hours.items():
        ends = None if left is None else (now + timedelta(hours=left)).isoformat()
        record = {
            "schema": 1,
            "id": name,
            "account": "kling",
            "provider": "kling",
            "operation": "text2video",
            "origin": {"base_url": "http://127.0.0.1:1/kling", "endpoint": "/v1/videos/text2video"},
            "request": {"prompt": "a cat"},
            "prompt": "a cat",
            "status": "succeeded",
            "remote_id": f"r-{name}",
            "created_at": now.isoformat(),
            "updated_at": now.isoformat(),
            "finished_at": now.isoformat(),
            "artifacts": [{"remote": {"url": f"{films.url}/{name}.mp4", "expires_at": ends}}],
        }
        lines.append(json.dumps(record))
    path = folder / "backup.jsonl"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_what_goes_soon_is_fetched(inside: Inside, tmp_path: Path, films: Films) -> None:
    inside("import", str(backup(tmp_path, films, soon=3, later=30, week=100, unknown=None, gone=-1)))
    done = inside("download", "--expiring", "--within", "5h", "--output", str(tmp_path / "out"), "--json")
    assert done.code == 0, done.err
    fetched = [task["id"] for task in done.lines()]
    assert fetched == ["soon", "unknown"]
    assert sorted(path.read_bytes() == FILM for path in (tmp_path / "out").iterdir()) == [True, True]


def test_all_that_is_not_saved(inside: Inside, tmp_path: Path, films: Films) -> None:
    inside("import", str(backup(tmp_path, films, one=3, two=None, three=-1)))
    done = inside("download", "--all", "--json")
    assert done.code == 0, done.err
    assert {task["artifacts"][0]["state"] for task in done.lines()} == {"saved"}
    assert len(done.lines()) == 3
    again = inside("download", "--all")
    assert (again.code, again.out) == (0, "")
    assert "nothing to fetch" in again.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "download which?"),
        (("--all", "--expiring"), "download which?"),
        (("x", "--all"), "download which?"),
        (("--all", "--within", "3h"), "--within goes with --expiring"),
        (("--expiring", "--within", "soon"), "must be a number with s, m, h, d or w"),
        (("nonsense",), "no task with an id"),
    ],
)
def test_it_must_be_clear_which(inside: Inside, words: tuple[str, ...], said: str) -> None:
    done = inside("download", *words)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_one_that_fails_holds_up_no_other(inside: Inside, tmp_path: Path, films: Films) -> None:
    task = inside(
        "submit", "--account", "kling", "--operation", "text2video", "--set", "prompt=[slow]", "--json"
    )
    inside("import", str(backup(tmp_path, films, one=3)))
    done = inside("download", task.json()["id"], "one", "--json")
    assert done.code == 2
    assert "has no files" in done.err
    assert [each["id"] for each in done.lines()] == ["one"]


def test_how_long_a_file_lives(inside: Inside, tmp_path: Path, films: Films) -> None:
    inside("import", str(backup(tmp_path, films, soon=3.5, unknown=None)))
    assert "lives:       3h more, until " in inside("show", "soon").out
    assert "lives:       unknown: the provider does not say" in inside("show", "unknown").out


def on_a_terminal(reeltop: Reeltop, *words: str, width: int = 80, **more: str) -> tuple[int, str]:
    """Run a command whose standard error is a terminal; return exit code and what came there."""
    ours, theirs = pseudo_terminal()
    subprocess.run(["stty", "cols", str(width)], stdin=theirs, check=True)
    process = subprocess.Popen(
        [*COMMAND, *words],
        cwd=ROOT,
        env=reeltop.env(TERM="xterm", **more),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    )
    os.close(theirs)
    said = b""
    while process.poll() is None or select.select([ours], [], [], 0)[0]:
        if select.select([ours], [], [], 0.2)[0]:
            try:
                said += os.read(ours, 65536)
            except OSError:
                break
    os.close(ours)
    return process.wait(), said.decode()


def test_on_a_terminal_it_shows_how_the_files_come_in(reeltop: Reeltop, tmp_path: Path, films: Films) -> None:
    reeltop("import", str(backup(tmp_path, films, one=3, two=3)))
    films.pause = 0.3
    code, said = on_a_terminal(reeltop, "download", "--all", width=100)
    assert code == 0, said
    assert "one  [" in said
    assert "of 400.0 kB" in said
    assert "/s, " in said
    assert "left" in said
    assert "in all  0 of 2 files" in said
    assert said.rstrip("\r\n").endswith("\x1b[J")


def test_on_a_narrow_terminal_no_line_breaks(reeltop: Reeltop, tmp_path: Path, films: Films) -> None:
    reeltop("import", str(backup(tmp_path, films, one=3)))
    films.pause = 0.2
    code, said = on_a_terminal(reeltop, "download", "one", width=44)
    assert code == 0, said
    drawn = said.split("fetching")[1].replace("\x1b[K", "").replace("\x1b[J", "").splitlines()
    assert max(len(line.rpartition("F")[2]) for line in drawn) < 44
    assert "of 400.0 kB" in said


def test_nothing_is_drawn_where_it_is_quiet(reeltop: Reeltop, tmp_path: Path, films: Films) -> None:
    reeltop("import", str(backup(tmp_path, films, one=3)))
    films.pause = 0.1
    assert on_a_terminal(reeltop, "download", "one", "--quiet") == (0, "")


def test_nothing_is_drawn_where_it_is_no_terminal(inside: Inside, tmp_path: Path, films: Films) -> None:
    inside("import", str(backup(tmp_path, films, one=3)))
    films.pause = 0.1
    done = inside("download", "one")
    assert (done.code, done.err) == (0, "reeltop: one  fetching\n")
    again = inside("download", "one")
    assert (again.code, again.err, again.out) == (0, "", done.out), "it is here already"
