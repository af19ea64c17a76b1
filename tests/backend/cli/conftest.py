"""The command line with a home of its own, against a sandbox that is running.

``bare`` and ``reeltop`` are processes of their own; ``bare_inside`` and ``inside`` run in this one, which
is much quicker, for what needs no process.
"""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from unittest import mock

import pytest

from backend.cli.main import main

ROOT = Path(__file__).parents[3]
PAGES = ROOT / "tests" / "backend" / "providers" / "pages"
COMMAND = [sys.executable, "-W", "error", "-m", "backend"]


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """Return standard output as one JSON value; that it is nothing else is part of the test."""
        return json.loads(self.out)

    def lines(self) -> list[Any]:
        """Return standard output as one JSON value a line."""
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass(frozen=True)
class Sandbox:
    """A sandbox that is running."""

    base_url: str
    accounts: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Reeltop:
    """Runs commands in a home of its own."""

    home: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, *words: str, stdin: str = "", seconds: float = 120.0, **more: str) -> Ended:
        done = subprocess.run(
            [*COMMAND, *words],
            cwd=ROOT,
            env=self.env(**more),
            input=stdin.encode(),
            capture_output=True,
            timeout=seconds,
            check=False,
        )
        return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())

    def start(self, *words: str, **more: str) -> subprocess.Popen[bytes]:
        """Start a command and return at once."""
        return subprocess.Popen(
            [*COMMAND, *words],
            cwd=ROOT,
            env=self.env(**more),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def env(self, **more: str) -> dict[str, str]:
        """Return an environment in which nothing of the real user's can be found."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("REELTOP_", "XDG_", "PYTHON", "COV_"))
        }
        return {**kept, "HOME": str(self.home), "LANG": "C.UTF-8", **self.environment, **more}

    def configure(self, text: str, mode: int = 0o600) -> Path:
        """Write config.toml where it is looked for."""
        path = self.home / ".config" / "reeltop" / "config.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)
        return path


@dataclass(frozen=True, kw_only=True)
class Inside(Reeltop):
    """Runs commands in this process."""

    printed: pytest.CaptureFixture[str]

    def __call__(self, *words: str, stdin: str = "", seconds: float = 120.0, **more: str) -> Ended:
        del seconds
        self.printed.readouterr()
        with (
            mock.patch.dict(os.environ, self.env(**more), clear=True),
            mock.patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()))),
        ):
            try:
                code = main(words)
            except SystemExit as end:
                code = cast(int, end.code)
        out, err = self.printed.readouterr()
        return Ended(code, out, err)


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    alone = Reeltop(tmp_path_factory.mktemp("sandbox"))
    process = alone.start("sandbox", "--port", "0", "--json", "--speed", "20", "--concurrency", "50")
    assert process.stdout is not None
    with process:
        yield Sandbox(**json.loads(process.stdout.readline()))
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


@pytest.fixture
def bare(tmp_path: Path) -> Reeltop:
    """Reeltop on a machine where nothing is configured."""
    return Reeltop(tmp_path / "home")


@pytest.fixture
def reeltop(bare: Reeltop, sandbox: Sandbox) -> Reeltop:
    """Reeltop that uses the running sandbox."""
    return Reeltop(bare.home, {"REELTOP_SANDBOX_URL": sandbox.base_url})


@pytest.fixture
def bare_inside(bare: Reeltop, capsys: pytest.CaptureFixture[str]) -> Inside:
    """Like ``bare``, in this process."""
    return Inside(bare.home, printed=capsys)


@pytest.fixture
def inside(reeltop: Reeltop, capsys: pytest.CaptureFixture[str]) -> Inside:
    """Like ``reeltop``, in this process."""
    return Inside(reeltop.home, reeltop.environment, printed=capsys)
