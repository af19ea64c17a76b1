"""Downloads against curl: ``python -m tests.benchmarks.downloads [--mib 512] [--runs 3]``.

A server on loopback, a process of its own, gives out an MP4 of any size from a sparse file, which takes no
room; ``--mib 2048`` is one of 2 GB. curl and reeltop fetch it by turns. reeltop's time is of the whole path:
receive, write, check the structure, sync, rename, JSON beside it. What counts is the ratio to curl with a
sync at the end, as both then have the file on the medium. Memory is the peak of the process beside that with
a small file.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from backend.clock import SystemClock
from backend.engine.engine import Engine
from backend.models import Artifact, ArtifactState, Origin, RemoteFile, Status, Task
from backend.tokens import TokenCache
from backend.transport import Transport
from tests.backend.engine.memory import MemoryStore
from tests.backend.engine.toys import account, box, index

_MIB = 1024**2
_SMALL = 16
"""MiB of the file that memory is compared with."""
_WANTED = 0.9
_MOST_GROWTH = 16
"""MiB that the peak of memory may grow from a small file to a large one."""


def head(size: int) -> bytes:
    """Return the beginning of an MP4 of `size` bytes, up to its pictures."""
    ftyp = box(b"ftyp", b"isom\0\0\2\0isom")
    sample = 64 * 1024
    start = len(ftyp) + len(index(0, 1, 0)) + 16
    count = (size - start) // sample
    return ftyp + index(start, count, sample) + b"\0\0\0\x01mdat" + (size - start + 16).to_bytes(8)


def _serve() -> None:
    """Give out sparse files from the page cache: as little work as a server can have."""
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    while True:
        connection, _ = listener.accept()
        with connection, tempfile.TemporaryFile() as file, suppress(ConnectionError):
            asked = b""
            while b"\r\n\r\n" not in asked:
                asked += connection.recv(65536)
            size = int(asked.split(b" ", 2)[1].strip(b"/").removesuffix(b".mp4")) * _MIB
            file.write(head(size))
            file.truncate(size)
            file.seek(0)
            lines = (
                f"Content-Length: {size}",
                f'ETag: "{size}"',
                "Content-Type: video/mp4",
                "Connection: close",
            )
            connection.sendall(("\r\n".join(("HTTP/1.1 200 OK", *lines)) + "\r\n\r\n").encode())
            connection.sendfile(file)


async def _fetch(url: str, folder: Path) -> None:
    """Fetch with reeltop's own downloader; print the seconds, those of the processor, the peak of memory."""
    clock = SystemClock()
    store, transport = MemoryStore(), Transport(clock, TokenCache(folder / "tokens", clock))
    engine = Engine(store, {"toys": transport.connect(account())}, clock, folder / "downloads")
    task = Task(
        id="big",
        account="toys",
        provider="toys",
        operation="make",
        origin=Origin(base_url="https://toys.test", endpoint="/jobs"),
        request={},
        created_at=clock.now(),
        updated_at=clock.now(),
        status=Status.SUCCEEDED,
        artifacts=(Artifact(remote=RemoteFile(url=url)),),
    )
    await store.add([task])
    await transport.clients()
    idle = resource.getrusage(resource.RUSAGE_SELF)
    before = idle.ru_utime + idle.ru_stime
    started = time.perf_counter()
    done = await engine.download("big")
    seconds = time.perf_counter() - started
    if done.artifacts[0].state is not ArtifactState.SAVED:
        raise SystemExit(f"not saved: {done.artifacts[0].failure}")
    await transport.close()
    used = resource.getrusage(resource.RUSAGE_SELF)
    processor = used.ru_utime + used.ru_stime - before
    print(json.dumps([seconds, processor, used.ru_maxrss / 1024]))


class _Run(NamedTuple):
    seconds: float
    processor: float
    """Seconds of the processor, for the user's and the system's side."""
    more: float
    """reeltop: peak of memory in MiB; curl: seconds without the sync."""


def _reeltop(port: int, mib: int) -> _Run:
    with tempfile.TemporaryDirectory(prefix="reeltop-") as folder:
        url = f"http://127.0.0.1:{port}/{mib}.mp4"
        command = [sys.executable, "-m", __spec__.name, "--fetch", url, folder]
        return _Run(*json.loads(subprocess.run(command, check=True, capture_output=True).stdout))


def _curl(port: int, mib: int) -> _Run:
    with tempfile.TemporaryDirectory(prefix="reeltop-") as folder:
        path = Path(folder) / "x.mp4"
        command = ["curl", "-s", "-o", str(path), f"http://127.0.0.1:{port}/{mib}.mp4"]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        started = time.perf_counter()
        subprocess.run(command, check=True)
        plain = time.perf_counter() - started
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
        processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return _Run(time.perf_counter() - started, processor, plain)


def main() -> int:
    """Print rates, ratio and memory; return 1 if one is not as wanted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mib", type=int, default=512)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--fetch", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.serve:
        _serve()
    if args.fetch:
        asyncio.run(_fetch(args.fetch[0], Path(args.fetch[1])))
        return 0
    if not shutil.which("curl"):
        print("curl is not installed: nothing to compare with")
        return 0
    with subprocess.Popen([sys.executable, "-m", __spec__.name, "--serve"], stdout=subprocess.PIPE) as server:
        try:
            assert server.stdout is not None
            return _compare(int(server.stdout.readline()), args.mib, args.runs)
        finally:
            server.terminate()


def _compare(port: int, mib: int, runs: int) -> int:
    small = _reeltop(port, _SMALL).more
    theirs, ours = [], []
    for _ in range(runs):
        theirs.append(_curl(port, mib))
        ours.append(_reeltop(port, mib))
    columns = {
        "curl": [run.more for run in theirs],
        "curl, synced": [run.seconds for run in theirs],
        "reeltop, checked and synced": [run.seconds for run in ours],
    }
    processor = [theirs, theirs, ours]
    print(f"{'MiB/s':32} {'median':>8} {'min':>8} {'max':>8} {'CPU s/GiB':>10}   ({runs} runs of {mib} MiB)")
    for (name, seconds), each in zip(columns.items(), processor, strict=True):
        rates = [mib / second for second in seconds]
        busy = statistics.median(run.processor for run in each) * 1024 / mib
        print(f"{name:32} {statistics.median(rates):8.0f} {min(rates):8.0f} {max(rates):8.0f} {busy:10.2f}")
    # Of each round, as the machine's other work comes and goes; the best round shows what the code can do.
    ratios = sorted(their.seconds / our.seconds for their, our in zip(theirs, ours, strict=True))
    print(
        f"{'reeltop to curl, synced':32} {statistics.median(ratios):8.2f} {ratios[0]:8.2f} {ratios[-1]:8.2f}"
    )
    peak = max(run.more for run in ours)
    print(f"{'peak memory':32} {peak:8.0f} MiB; with a file of {_SMALL} MiB {small:.0f} MiB")
    return int(statistics.median(ratios) < _WANTED or peak - small > _MOST_GROWTH)


if __name__ == "__main__":
    sys.exit(main())
