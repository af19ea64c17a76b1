"""Downloads against curl: ``python -m tests.benchmarks.downloads [--mib 512] [--runs 7] [--folder DIR]``.

A server on loopback, a process of its own, gives out an MP4 of any size by sendfile from a sparse file:
that takes no room and hardly any time. ``--mib 2048`` is one of 2 GB. curl and reeltop fetch it by turns.
curl's time is by its own clock, from the connection on. reeltop's is of the whole path (connect, receive,
write, check the structure, link to its name, JSON beside it) but for the syncs, as curl makes none; what both
take with a sync of the file is told beside it. Medians are compared, and the best of each, which other work
on the machine disturbs least. Memory is the peak of the process beside that with a small file.
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
    """Fetch with reeltop's own downloader; print what a run is."""
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
    synced, busy, real = 0.0, 0.0, os.fsync

    def timed(descriptor: int) -> None:
        nonlocal synced, busy
        began, used = time.perf_counter(), time.thread_time()
        real(descriptor)
        synced += time.perf_counter() - began
        busy += time.thread_time() - used

    os.fsync = timed  # type: ignore[assignment]
    idle = resource.getrusage(resource.RUSAGE_SELF)
    before = idle.ru_utime + idle.ru_stime
    started = time.perf_counter()
    done = await engine.download("big")
    seconds = time.perf_counter() - started
    if done.artifacts[0].state is not ArtifactState.SAVED:
        raise SystemExit(f"not saved: {done.artifacts[0].failure}")
    await transport.close()
    used = resource.getrusage(resource.RUSAGE_SELF)
    processor = used.ru_utime + used.ru_stime - before - busy
    print(json.dumps([seconds - synced, seconds, processor, used.ru_maxrss / 1024]))


class _Run(NamedTuple):
    seconds: float
    synced: float
    """Seconds until all is on the medium."""
    processor: float
    """Seconds of the processor, for the user's and the system's side."""
    peak: float
    """MiB of memory."""


def _reeltop(port: int, mib: int, where: str | None) -> _Run:
    with tempfile.TemporaryDirectory(prefix="reeltop-", dir=where) as folder:
        url = f"http://127.0.0.1:{port}/{mib}.mp4"
        command = [sys.executable, "-m", __spec__.name, "--fetch", url, folder]
        return _Run(*json.loads(subprocess.run(command, check=True, capture_output=True).stdout))


def _curl(port: int, mib: int, where: str | None) -> _Run:
    with tempfile.TemporaryDirectory(prefix="reeltop-", dir=where) as folder:
        path = Path(folder) / "x.mp4"
        url = f"http://127.0.0.1:{port}/{mib}.mp4"
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = ["curl", "-s", "-o", str(path), "-w", "%{time_total}", url]
        seconds = float(subprocess.run(command, check=True, capture_output=True).stdout)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        started = time.perf_counter()
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
        synced = seconds + time.perf_counter() - started
        processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return _Run(seconds, synced, processor, after.ru_maxrss / 1024)


def main() -> int:
    """Print rates, ratio and memory; return 1 if one is not as wanted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mib", type=int, default=512)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--folder", help="where to put the files; /dev/shm leaves the disk out of it")
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
            return _compare(int(server.stdout.readline()), args.mib, args.runs, args.folder)
        finally:
            server.terminate()


def _compare(port: int, mib: int, runs: int, where: str | None) -> int:
    small = _reeltop(port, _SMALL, where).peak
    theirs, ours = [], []
    for _ in range(runs):
        theirs.append(_curl(port, mib, where))
        ours.append(_reeltop(port, mib, where))
    print(
        f"{'MiB/s':32} {'median':>8} {'best':>8} {'worst':>8} {'CPU s/GiB':>10}   ({runs} runs of {mib} MiB)"
    )
    for name, each in (("curl", theirs), ("reeltop, checked", ours)):
        busy = f"{statistics.median(run.processor for run in each) * 1024 / mib:10.2f}"
        for words, seconds in (
            (name, [run.seconds for run in each]),
            (f"{name}, synced", [run.synced for run in each]),
        ):
            rates = [mib / second for second in seconds]
            print(f"{words:32} {statistics.median(rates):8.0f} {max(rates):8.0f} {min(rates):8.0f} {busy}")
    ratios = [
        measure([run.seconds for run in theirs]) / measure([run.seconds for run in ours])
        for measure in (statistics.median, min)
    ]
    print(f"{'reeltop to curl':32} {ratios[0]:8.2f} {ratios[1]:8.2f}")
    peak = max(run.peak for run in ours)
    print(f"{'peak memory':32} {peak:8.0f} MiB; with a file of {_SMALL} MiB {small:.0f} MiB")
    return int(min(ratios) < _WANTED or peak - small > _MOST_GROWTH)


if __name__ == "__main__":
    sys.exit(main())
