"""What a playing clip costs on the line: ``python -m tests.benchmarks.preview [seconds]``.

The player runs in a pseudo-terminal whose other end takes so many bytes a second, and answers where the
cursor is as a terminal does: when it has got there. Two clips: one of the sandbox, in which little moves, and
one in which every pixel is another in each frame. Beside half cells stands what a frame would cost if each of
its cells were sent; on 80×24, the same is played by Kitty graphics and as Sixel. Held, a clip must cost
nothing.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import tempfile
import termios
import time
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import av

from backend.display import Display
from backend.sandbox import media
from tests.backend.media.conftest import job
from tests.tui.clips import saved_clip
from tests.tui.fakes import FakeService
from tui.app import ReeltopApp

_SIZES = ((80, 24), (140, 45))
_RATES = (None, 200_000, 50_000)
_WAYS = ("half-cells", "kitty", "sixel")
_CELL_PIXELS = 9, 18
_ASKED = re.compile(rb"\x1b\[6n")
_CELL = len("\x1b[38;2;100;100;100;48;2;100;100;100m▀".encode())
_TICK = 0.02
_PATIENCE = 30.0


@dataclass(slots=True)
class Measured:
    """One run."""

    bytes: int
    frames: int
    held: int
    """Bytes while the clip was held."""


def measure(path: Path, way: str, size: tuple[int, int], rate: int | None, seconds: float) -> Measured:
    """Play `path` for so long on a line of `rate` bytes a second, then hold it for a second.

    On a line with a rate, it is played as over SSH: lean.
    """
    process, terminal = pty.fork()
    if process == 0:
        os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
        pixels = size[0] * _CELL_PIXELS[0], size[1] * _CELL_PIXELS[1]
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], *pixels))
        options = ["--play", str(path), way, "lean" if rate is not None and way != "half-cells" else ""]
        os.execv(sys.executable, [sys.executable, "-m", "tests.benchmarks.preview", *options])
    try:
        _wait(terminal, b"succeeded")
        os.write(terminal, b"v")
        _wait(terminal, b"hold")
        _take(terminal, rate, 2.0)  # finds its pace
        played = _take(terminal, rate, seconds)
        os.write(terminal, b" ")
        _take(terminal, None, 1.0)
        held = _take(terminal, None, 1.0)
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        os.close(terminal)
    return Measured(len(played), len(_ASKED.findall(played)), len(held))


def _wait(terminal: int, words: bytes) -> None:
    seen, end = b"", time.monotonic() + _PATIENCE
    while words not in seen:
        if time.monotonic() > end:
            raise TimeoutError(f"{words!r} never came")
        seen += _take(terminal, None, 0.1)


def _take(terminal: int, rate: int | None, seconds: float) -> bytes:
    end, taken = time.monotonic() + seconds, bytearray()
    while (now := time.monotonic()) < end:
        most = 65536 if rate is None else max(0, int(rate * (seconds - (end - now))) - len(taken))
        ready, _, _ = select.select([terminal], [], [], _TICK) if most else ([], [], [])
        if not ready:
            time.sleep(_TICK if not most else 0)
            continue
        data = os.read(terminal, min(most, 65536))
        taken += data
        for _ in _ASKED.findall(data):
            os.write(terminal, b"\x1b[1;1R")
    return bytes(taken)


def busy_clip(path: Path) -> None:
    """Write ten seconds in which everything moves."""
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for number in range(240):
            frame = av.VideoFrame(640, 360, "rgb24")
            row = bytes((part * 80 + x * 7 + number * 11) % 256 for x in range(640) for part in range(3))
            lines = (row[3 * (y % 64) :] + row[: 3 * (y % 64)] for y in range(360))
            frame.planes[0].update(b"".join(line.ljust(frame.planes[0].line_size, b"\0") for line in lines))
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def main() -> int:
    """Print a table; return 1 if a clip that is held costs bytes."""
    if sys.argv[1:2] == ["--play"]:
        service = FakeService([saved_clip(Path(sys.argv[2]))])
        display = Display(pictures=sys.argv[3], lean=bool(sys.argv[4]))
        asyncio.run(ReeltopApp(service.open, display=display).run_async())
        return 0
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 6.0
    code = 0
    with tempfile.TemporaryDirectory(prefix="reeltop-") as folder:
        sandbox, busy = Path(folder) / "sandbox.mp4", Path(folder) / "busy.mp4"
        sandbox.write_bytes(media.video(job("a boat", seconds=10.0)))
        busy_clip(busy)
        print(
            f"{'clip':8} {'drawn by':10} {'terminal':>8} {'line':>10} {'KB/s':>7} {'frames/s':>9}"
            f" {'KB/frame':>9} {'all cells':>9} {'held, B/s':>9}"
        )
        cases = product((("sandbox", sandbox), ("busy", busy)), _WAYS, _SIZES, _RATES)
        for (name, path), way, size, rate in cases:
            if way != "half-cells" and size != _SIZES[0]:
                continue
            found = measure(path, way, size, rate, seconds)
            whole = f"{size[0] * (size[1] - 1) * _CELL / 1000:.1f}" if way == "half-cells" else "–"
            line = "free" if rate is None else f"{rate // 1000} KB/s"
            each = found.bytes / 1000 / max(1, found.frames)
            print(
                f"{name:8} {way:10} {size[0]:>5}×{size[1]} {line:>10} {found.bytes / 1000 / seconds:7.1f}"
                f" {found.frames / seconds:9.1f} {each:9.1f} {whole:>9} {found.held:9}",
                flush=True,
            )
            code |= found.held > 0
    return code


if __name__ == "__main__":
    sys.exit(main())
