"""Watching 1,000 running tasks at a 5 s interval with 10,000 stored: ``python -m tests.benchmarks.polling``.

First, what a question costs: signed, sent and read through our door to the network, against a bare ``get``
of httpx's stock client, by turns. Then the service as it is, with its ledger on disk, against a gateway
without batch questions in another process: alone, and under the dashboard in a terminal of 140×44, drawn as
for a terminal here and as for one at the other end of an SSH session. Every answer brings a change.
"""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from backend.accounts import Account
from backend.clock import SystemClock
from backend.display import choose_display
from backend.ledger.tinydb_store import open_store
from backend.models import Origin, Status, Task, TaskEvent
from backend.opening import Options, open_service
from backend.paths import Paths
from backend.providers import registry
from backend.providers.contract import HttpAnswer, HttpRequest
from backend.secrets import SecretRef
from backend.service import Service
from backend.tokens import TokenCache
from backend.transport import Transport
from tests.benchmarks.polling_server import Gateway
from tests.benchmarks.table import Row, print_rows

RUNNING, STORED = 1_000, 10_000
INTERVAL = 5.0
POLLS = 199.0
"""A second: all of the running ones each 5 s, but for the one that is just being asked about."""
WARM_UP = 12.0
_BURST, _BURSTS = 10, 20
_SAMPLE = 0.02
_PROBE = "/v1/videos/probe"


# -- what a question costs --------------------------------------------------------------------------------


async def question(url: str, rounds: int) -> Row:
    """Measure CPU per poll in bursts of ten, as the scheduler's tick makes them."""
    row = Row("CPU of a poll: signed, sent, read", "httpx's stock client, a bare get", goal=0.25)
    clock = SystemClock()
    provider = registry.provider("openai-video")
    secret = {"api_key": SecretRef("literal", "sk-0123456789abcdef")}
    account = Account(
        name="gateway", provider=provider, base_url=url, credentials=secret, limits=provider.limits
    )
    with tempfile.TemporaryDirectory() as folder:
        transport = Transport(clock, TokenCache(Path(folder), clock))
        connection = transport.connect(account)
        limits = httpx.Limits(max_connections=100, max_keepalive_connections=10)
        async with httpx.AsyncClient(limits=limits) as stock:
            headers = {"Authorization": "Bearer sk-0123456789abcdef"}

            async def ours() -> None:
                answer = await connection.send(HttpRequest(method="GET", path=_PROBE))
                assert isinstance(answer, HttpAnswer)

            async def theirs() -> None:
                assert (await stock.get(url + _PROBE, headers=headers)).status_code == 200

            for _ in range(rounds):
                row.add(await _cpu(ours), await _cpu(theirs))
        await transport.close()
    return row


async def _cpu(ask: Callable[[], Awaitable[None]]) -> float:
    """Return ms of CPU for one of many."""
    await ask()
    start = time.process_time()
    for _ in range(_BURSTS):
        await asyncio.gather(*(ask() for _ in range(_BURST)))
        await asyncio.sleep(0.05)
    return 1000 * (time.process_time() - start) / (_BURST * _BURSTS)


# -- the whole of it --------------------------------------------------------------------------------------


@dataclass(slots=True)
class Report:
    """What a process says of its steady state."""

    cpu: float
    """Share of a core."""
    lag: float
    """p99 of how late the loop comes to a timer, in ms."""
    own: float
    """The same, as far as this process itself computed meanwhile: without what others took of the machine."""
    since: float
    until: float
    """Unix times of the measurement."""


async def steady(seconds: float) -> Report:
    """Measure this process for so long, on its loop."""
    await asyncio.sleep(WARM_UP)
    lags, own, since, cpu = list[float](), list[float](), time.time(), time.process_time()
    while time.time() - since < seconds:
        start, spent = time.perf_counter(), time.process_time()
        await asyncio.sleep(_SAMPLE)
        lags.append(1000 * (time.perf_counter() - start - _SAMPLE))
        own.append(min(lags[-1], 1000 * (time.process_time() - spent)))
    until = time.time()
    share = (time.process_time() - cpu) / (until - since)
    return Report(share, _p99(lags), _p99(own), since, until)


def _p99(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.99)]


def paths_in(folder: Path) -> Paths:
    return Paths(config=folder / "config.toml", data=folder / "data", downloads=folder / "downloads")


async def fill(folder: Path, url: str) -> None:
    """Have 10,000 tasks in the ledger, the newest 1,000 of them running."""
    limits = (
        f"concurrency = {2 * RUNNING}\nmin_spacing = 0.0001\npoll_first = {INTERVAL}\npoll_max = {INTERVAL}"
    )
    account = f'provider = "openai-video"\nbase_url = "{url}"\napi_key = "env:REELTOP_BENCHMARK_KEY"'
    paths_in(folder).config.write_text(
        f"[accounts.gateway]\n{account}\n[accounts.gateway.limits]\n{limits}\ndeadline = 86400\n"
    )
    store = await open_store(paths_in(folder).ledger)
    now = datetime.now(UTC)
    await store.add(_task(number, url, now) for number in range(STORED))
    await store.close()


def _task(number: int, url: str, now: datetime) -> Task:
    at = now - timedelta(seconds=STORED - number)
    words = ("created", "sending", "accepted", "status")
    task = Task(
        id=f"t{number:06}",
        account="gateway",
        provider="openai-video",
        operation="generate",
        origin=Origin(base_url=url, endpoint="/v1/videos"),
        request={"model": "kling-2.6", "prompt": f"{number} " + "a cat on a train, " * 14},
        prompt=f"{number} " + "a cat on a train, " * 14,
        model="kling-2.6",
        created_at=at,
        updated_at=at,
        sent_at=at,
        started_at=at,
        remote_id=f"video_{number:06}",
        status=Status.RUNNING,
        status_words="in_progress",
        deadline=now + timedelta(days=1),
        events=tuple(TaskEvent(at=at, what=word, words=word) for word in words),
        last_answer="HTTP 200\n" + "x" * 900,
    )
    if number >= STORED - RUNNING:
        return task
    return replace(task, status=Status.SUCCEEDED, finished_at=at + timedelta(seconds=100))


async def service_in(folder: Path) -> Service:
    return await open_service(Options(paths=paths_in(folder)))


async def alone(folder: Path, seconds: float) -> Report:
    """Work without a screen."""
    async with await service_in(folder):
        return await steady(seconds)


def under_dashboard(folder: Path, seconds: float, told: Path) -> None:
    """Work under the dashboard, in the terminal that this process has."""
    no_file = folder / "config.toml"
    display = choose_display(lean=None, refresh=None, config=no_file, environment=os.environ)
    os.environ.update(display.environment)
    from tui.app import ReeltopApp, run_app

    measuring: list[asyncio.Task[Report]] = []

    async def open_it() -> Service:
        measuring.append(asyncio.create_task(steady(seconds)))
        measuring[0].add_done_callback(lambda _: app.exit())
        return await service_in(folder)

    app = ReeltopApp(open_it, display=display)
    asyncio.run(run_app(app))
    told.write_text(json.dumps(_fields(measuring[0].result())))


def _fields(report: Report) -> dict[str, Any]:
    return {name: getattr(report, name) for name in Report.__slots__}


def _child(part: str, folder: Path, seconds: float, told: Path) -> list[str]:
    options = ["--part", part, "--folder", str(folder), "--told", str(told), "--seconds", str(seconds)]
    return [sys.executable, "-m", "tests.benchmarks.polling", *options]


def _environment(*, ssh: bool = False) -> dict[str, str]:
    here = {name: value for name, value in os.environ.items() if not name.startswith("SSH_")}
    far = {"SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22"} if ssh else {}
    own = {"REELTOP_BENCHMARK_KEY": "sk-0123456789abcdef", "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    return {**here, **own, **far}


def headless(folder: Path, seconds: float, gateway: Gateway) -> tuple[Report, float]:
    """Return the report and the polls a second."""
    told = folder / "alone.json"
    process = subprocess.Popen(_child("alone", folder, seconds, told), env=_environment())
    return _result(told, gateway, process.wait, seconds)


def on_screen(folder: Path, seconds: float, gateway: Gateway, *, ssh: bool) -> tuple[Report, float, float]:
    """Return the report, the polls and the bytes a second."""
    told = folder / "screen.json"
    command = _child("screen", folder, seconds, told)
    process, terminal = pty.fork()
    if process == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 44, 140, 0, 0))
        os.execve(command[0], command, _environment(ssh=ssh))
    arrived: list[tuple[float, int]] = []

    def wait() -> None:
        try:
            while True:
                ready, _, _ = select.select([terminal], [], [], WARM_UP + seconds + 30)
                if not ready:
                    os.kill(process, signal.SIGKILL)
                data = os.read(terminal, 65536)
                arrived.append((time.time(), len(data)))
                if b"\x1b[?2026$p" in data:
                    os.write(terminal, b"\x1b[?2026;2$y")
        except OSError:
            os.waitpid(process, 0)
            os.close(terminal)

    report, polls = _result(told, gateway, wait, seconds)
    size = sum(size for at, size in arrived if report.since <= at <= report.until)
    return report, polls, size / (report.until - report.since)


def _result(told: Path, gateway: Gateway, wait: Callable[[], object], seconds: float) -> tuple[Report, float]:
    """Count the gateway's questions within the measured time, from beside."""
    from threading import Thread

    counts: list[tuple[float, int]] = []
    done = False

    def count() -> None:
        while not done:
            counts.append((time.time(), gateway.asked()[0]))
            time.sleep(0.1)

    counting = Thread(target=count)
    counting.start()
    try:
        wait()
    finally:
        done = True
        counting.join()
    report = Report(**json.loads(told.read_text()))
    inside = [(at, asked) for at, asked in counts if report.since <= at <= report.until]
    (first_at, first), (last_at, last) = inside[0], inside[-1]
    return report, (last - first) / (last_at - first_at)


def whole(rounds: int, seconds: float, gateway: Gateway) -> list[Row]:
    """Run everything together."""
    kinds = ("service", "with dashboard", "the same over SSH")
    rows = {
        what: [
            Row(f"{what}: polls a second", "", goal=POLLS, unit="/s", at_least=True),
            Row(f"{what}: CPU, % of a core", "", goal=10.0, unit="%"),
            Row(f"{what}: loop lag, p99", "", goal=5.0, unit="ms"),
            Row("… of its own doing", "", goal=5.0, unit="ms"),
            *([Row("… to the terminal", "", goal=1024.0, unit="B/s")] if what != "service" else []),
        ]
        for what in kinds
    }
    for _ in range(rounds):
        for what in kinds:
            with tempfile.TemporaryDirectory(prefix="reeltop-") as name:
                folder = Path(name)
                asyncio.run(fill(folder, gateway.url))
                if what == "service":
                    report, polls = headless(folder, seconds, gateway)
                    sent = 0.0
                else:
                    report, polls, sent = on_screen(folder, seconds, gateway, ssh=what != "with dashboard")
            figures = (polls, 100 * report.cpu, report.lag, report.own, sent)
            for row, figure in zip(rows[what], figures, strict=False):
                row.add(figure, 1.0)
    return [row for each in rows.values() for row in each]


def main() -> int:
    """Measure and print; the exit code is 1 if a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.polling")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--part", choices=("alone", "screen"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--told", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.part == "alone":
        args.told.write_text(json.dumps(_fields(asyncio.run(alone(args.folder, args.seconds)))))
        return 0
    if args.part == "screen":
        under_dashboard(args.folder, args.seconds, args.told)
        return 0
    with Gateway() as gateway:
        rows = [asyncio.run(question(gateway.url, 3 * args.rounds))]
        rows += whole(args.rounds, args.seconds, gateway)
    return print_rows(rows)


if __name__ == "__main__":
    sys.exit(main())
