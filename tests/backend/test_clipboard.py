"""Programs that put a text into a clipboard."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from backend import clipboard
from backend.clipboard import clipboard_tools, give

DESKTOP = {"DISPLAY": ":0"}


def there(name: str) -> str | None:
    return f"/usr/bin/{name}"


@pytest.mark.parametrize(
    ("environment", "platform", "programs"),
    [
        ({}, "linux", []),
        (DESKTOP, "linux", ["xclip"]),
        ({**DESKTOP, "WAYLAND_DISPLAY": "wayland-0"}, "linux", ["wl-copy"]),
        ({}, "darwin", ["pbcopy"]),
        ({**DESKTOP, "TMUX": "/tmp/tmux-0/default,1,0"}, "linux", ["tmux", "xclip"]),
        ({**DESKTOP, "SSH_TTY": "/dev/pts/1", "TMUX": "/tmp/tmux-0/default,1,0"}, "linux", ["tmux"]),
        ({"SSH_CONNECTION": "192.0.2.1 1 192.0.2.2 22"}, "darwin", []),
    ],
)
def test_which_are_used(environment: Mapping[str, str], platform: str, programs: list[str]) -> None:
    assert [tool[0] for tool in clipboard_tools(environment, platform, there)] == programs


def test_what_is_not_installed_is_not_used() -> None:
    assert clipboard_tools({**DESKTOP, "TMUX": "x"}, "linux", lambda name: None) == []
    xsel = clipboard_tools(DESKTOP, "linux", lambda name: "/usr/bin/xsel" if name == "xsel" else None)
    assert xsel == [("xsel", "--clipboard", "--input")]


def test_the_text_goes_in_by_standard_input(tmp_path: Path) -> None:
    path = tmp_path / "taken"
    writes = f"import sys; open({str(path)!r}, 'wb').write(sys.stdin.buffer.read())"
    assert give((sys.executable, "-c", writes), "漢字 $(x)\n")
    assert path.read_text(encoding="utf-8") == "漢字 $(x)\n"


def test_a_refusal_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not give((sys.executable, "-c", "raise SystemExit(1)"), "x")
    assert not give((str(tmp_path / "missing"),), "x")
    monkeypatch.setattr(clipboard, "_PATIENCE_SECONDS", 0.1)
    assert not give((sys.executable, "-c", "import time; time.sleep(60)"), "x")
