"""From the machine where a file lies to the person who wants it."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from backend.errors import UsageError
from backend.handover import file_link, open_here, opener
from backend.ssh import Session, here, session

SSH = {"SSH_CONNECTION": "198.51.100.7 51234 203.0.113.9 22"}


def test_the_line_names_what_the_session_reached() -> None:
    found = session(SSH, "ana")
    assert found == Session("ana", "203.0.113.9", "22")
    assert found.scp(["/home/ana/clip.mp4"]) == "scp ana@203.0.113.9:/home/ana/clip.mp4 ."


def test_another_port_and_a_long_address() -> None:
    found = session({"SSH_CONNECTION": "2001:db8::1 5 2001:db8::2 2222"}, "ana")
    assert found is not None
    assert found.scp(["/a.mp4"]) == "scp -P 2222 'ana@[2001:db8::2]:/a.mp4' ."


@pytest.mark.parametrize("path", ["/a b/it's.mp4", "/夕阳 猫.mp4", "/$HOME/`id`;rm.mp4", "/a\"b'c.mp4"])
def test_a_path_is_one_word_of_the_shell(path: str) -> None:
    line = Session("ana", "host").scp([path, "/b.mp4"])
    assert shlex.split(line) == ["scp", f"ana@host:{path}", "ana@host:/b.mp4", "."]


@pytest.mark.parametrize(
    "path", ["", "relative.mp4", "-oProxyCommand=x", "/a\nb.mp4", "/a\x1b[2J.mp4", "/a\u202eb"]
)
def test_what_is_no_good_path_makes_no_line_and_no_link(path: str) -> None:
    assert Session("ana", "host").scp([path]) == ""
    assert file_link(path) == ""


@pytest.mark.parametrize(
    "words", ["", "1 2 3", "1 2 3 4 5", "a b c d", "198.51.100.7 51234 203.0.113.9 22;id"]
)
def test_without_a_session_there_is_no_line(words: str) -> None:
    assert session({"SSH_CONNECTION": words}, "ana") is None
    assert session({}, "ana") is None


def test_the_user_is_the_one_of_this_process() -> None:
    found = here(SSH)
    assert found is not None
    assert found.user


def test_a_link_is_quoted() -> None:
    assert file_link("/a b/猫.mp4") == "file:///a%20b/%E7%8C%AB.mp4"


DESKTOP = {"DISPLAY": ":0"}


def find(name: str) -> str | None:
    return f"/usr/bin/{name}"


def test_what_opens_files() -> None:
    assert opener(DESKTOP, "linux", find) == "/usr/bin/xdg-open"
    assert opener({"WAYLAND_DISPLAY": "wayland-0"}, "linux", find) == "/usr/bin/xdg-open"
    assert opener({}, "darwin", find) == "/usr/bin/open"


@pytest.mark.parametrize(
    ("environment", "platform", "words"),
    [
        ({**DESKTOP, **SSH}, "linux", "over SSH"),
        ({"SSH_TTY": "/dev/pts/1"}, "darwin", "over SSH"),
        ({}, "linux", "no desktop"),
    ],
)
def test_why_nothing_opens_them(environment: Mapping[str, str], platform: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        opener(environment, platform, find)


def test_no_program_to_open_them() -> None:
    with pytest.raises(UsageError, match="xdg-open is not installed"):
        opener(DESKTOP, "linux", lambda name: None)


def program(folder: Path, text: str) -> str:
    path = folder / "opens"
    path.write_text(f"#!{sys.executable}\n{text}\n")
    path.chmod(0o700)
    return str(path)


def test_a_file_is_opened_by_a_program_of_its_own(tmp_path: Path) -> None:
    film = tmp_path / "it's $HOME; 猫.mp4"
    film.write_bytes(b"x")
    words = "import os, sys; open(sys.argv[1] + '.seen', 'w').write(f'{len(sys.argv)} {os.getsid(0)}')"
    open_here(program(tmp_path, words), film)
    count, sid = Path(f"{film}.seen").read_text().split()
    assert count == "2"
    assert int(sid) != os.getsid(0)


def test_what_goes_wrong_with_it_is_said(tmp_path: Path) -> None:
    film = tmp_path / "a.mp4"
    with pytest.raises(UsageError, match="not there any more"):
        open_here("/bin/true", film)
    film.write_bytes(b"x")
    with pytest.raises(UsageError, match="ended with status 3"):
        open_here(program(tmp_path, "raise SystemExit(3)"), film)
    with pytest.raises(UsageError, match="cannot be started"):
        open_here(str(tmp_path / "nothing"), film)


def test_a_player_that_goes_on_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.handover._PATIENCE_SECONDS", 0.05)
    film = tmp_path / "a.mp4"
    film.write_bytes(b"x")
    open_here(program(tmp_path, "import time; time.sleep(0.5)"), film)
