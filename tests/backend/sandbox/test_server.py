"""The server as a whole: outcomes, memory, sharing, starting and stopping."""

from __future__ import annotations

import asyncio
import json
import socket
import stat
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend.providers import registry
from backend.sandbox.books import Books
from backend.sandbox.host import SandboxError, SandboxHost
from backend.sandbox.jobs import Film, Job, Order, Phase, Simulator
from backend.sandbox.server import SandboxServer
from tests.backend.sandbox.conftest import SPEED, Client, HandClock

TEXT = "/v1/videos/text2video"


def order(prompt: str = "x", provider: str = "kling", external_id: str | None = None) -> Order:
    return Order(
        provider=provider,
        account=provider,
        operation="text2video",
        request={},
        prompt=prompt,
        film=Film(),
        external_id=external_id,
        failures=("one", "two", "three"),
    )


def outcomes(seed: int, count: int = 60) -> list[tuple[str, float]]:
    simulator = Simulator(Books(), HandClock(), seed=seed)
    jobs = [simulator.make(order(), lambda _, __, number: f"{number}") for _ in range(count)]
    return [(job.failure, job.ends - job.created) for job in jobs]


def test_the_same_seed_and_order_give_the_same_outcomes() -> None:
    assert outcomes(1) == outcomes(1)
    assert outcomes(1) != outcomes(2)


def test_one_in_six_fails_and_jobs_take_seconds() -> None:
    told = outcomes(3)
    assert sum(bool(failure) for failure, _ in told) == 10
    assert {failure for failure, _ in told} == {"", "one", "two", "three"}
    assert all(5 <= seconds <= 13 for _, seconds in told)


def test_marks_in_prompts() -> None:
    simulator = Simulator(Books(), HandClock())
    for number in range(20):
        assert simulator.make(order("[ok]"), lambda *_, n=number: f"a{n}").failure == ""
        assert simulator.make(order("[fail]"), lambda *_, n=number: f"b{n}").failure
    slow = simulator.make(order("[slow]"), lambda *_: "c")
    assert 50 <= slow.ends - slow.created <= 130


def test_ids_are_never_given_twice() -> None:
    clock = HandClock()
    before = Simulator(Books(), clock).make(order(), lambda chance, *_: f"{chance.random()}")
    clock.pass_(1)
    after = Simulator(Books(), clock).make(order(), lambda chance, *_: f"{chance.random()}")
    assert before.id != after.id
    assert before.token != after.token


def test_books_survive_crashes_and_forget_the_oldest(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "jobs.jsonl"
    books = Books(path, capacity=3)
    books.load()
    simulator = Simulator(books, HandClock())
    jobs = [simulator.make(order(external_id=f"e{n}"), lambda *_, n=n: f"{n}") for n in range(4)]
    books.delete(jobs[2])
    books.close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with path.open("a") as file:
        file.write('[1]\n\n{"id": 1}\n{"half": ')

    again = Books(path, capacity=3)
    again.load()
    assert list(again) == [jobs[1], jobs[3]]
    assert again.find_external("kling", "e3") == jobs[3]
    assert again.find_token(jobs[1].token) == jobs[1]
    assert again.find_external("kling", "e0") is None
    assert again.find_external("kling", "e2") is None
    assert again.count("kling") == 4
    fifth = Simulator(again, HandClock()).make(order(), lambda *_: "5")
    again.close()
    last = Books(path, capacity=3)
    last.load()
    assert list(last) == [jobs[1], jobs[3], fifth]
    last.close()


def test_books_are_rewritten_when_most_is_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "jobs.jsonl"
    books = Books(path, capacity=2)
    books.load()
    simulator = Simulator(books, HandClock())
    for number in range(150):
        simulator.make(order(), lambda *_, n=number: f"{n}")
    books.close()
    again = Books(path, capacity=2)
    again.load()
    assert [job.id for job in again] == ["148", "149"]
    assert again.count("kling") == 150
    assert len(path.read_text().split()) == 2
    again.close()


async def test_a_restarted_sandbox_goes_on_with_its_jobs(tmp_path: Path, hand_clock: HandClock) -> None:
    books = tmp_path / "jobs.jsonl"
    async with SandboxServer(books=books, clock=hand_clock) as server:
        port = server.port
        client = Client(server)
        for number in range(3):
            body = {"prompt": "[ok]", "external_task_id": f"e{number}"}
            await client.call("kling", "POST", TEXT, body)
        await client.http.aclose()
    hand_clock.pass_(20)
    restarted = SandboxServer(books=books, clock=hand_clock)
    assert await restarted.start(port) == f"http://127.0.0.1:{port}"
    async with restarted:
        client = Client(restarted)
        task = (await client.call("kling", "GET", f"{TEXT}/e1")).json()["data"]
        assert task["task_status"] == "succeed"
        assert (await client.http.get(task["task_result"]["videos"][0]["url"])).status_code == 200
        again = await client.call("kling", "POST", TEXT, {"prompt": "x", "external_task_id": "e1"})
        assert again.json()["code"] == 1201
        await client.http.aclose()


async def test_the_root_says_what_this_is(client: Client) -> None:
    page = (await client.http.get(client.server.base_url + "/")).json()
    assert page["sandbox"] == "reeltop"
    listed = (await client.http.get(client.server.base_url + "/accounts")).json()["accounts"]
    assert listed == page["accounts"]
    assert [account["name"] for account in listed] == ["kling", "kling-relay", "openai-video", "chanjing"]
    for path in ("/nothing", "/klingon/v1", "//"):
        assert (await client.http.get(client.server.base_url + path)).status_code == 404


def test_accounts_have_the_credentials_that_their_providers_want() -> None:
    for account in SandboxServer().accounts:
        provider = registry.provider(account.provider)
        assert set(account.credentials) == {spec.key for spec in provider.credentials}
        assert all(value.startswith("sandbox-") for value in account.credentials.values())


async def test_the_log_tells_every_request(client: Client) -> None:
    await client.call("kling", "GET", TEXT)
    await client.call("kling", "GET", TEXT, fault="429")
    await client.http.get(client.server.base_url + "/")
    told = [(line.method, line.path, line.account, line.status, line.fault) for line in client.server.log]
    assert told == [
        ("GET", "/kling" + TEXT, "kling", 200, ""),
        ("GET", "/kling" + TEXT, "kling", 429, "429"),
        ("GET", "/", "", 200, ""),
    ]


async def test_bodies_have_a_limit(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.sandbox.wire.LARGEST_BODY", 1000)
    answer = await client.call("kling", "POST", TEXT, {"prompt": "x" * 2000})
    assert answer.status_code == 413


async def test_odd_texts_come_back_whole(client: Client) -> None:
    raw = b'{"prompt": "\\ud800 \\u0000 \\u202e", "external_task_id": "\\ud83c\\udfac/%2F"}'
    headers = {"Content-Type": "application/json"}
    answer = await client.call("kling", "POST", TEXT, content=raw, headers=headers)
    assert answer.json()["code"] in (0, 1201)


async def test_stopping_is_quick_and_leaves_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    before = asyncio.all_tasks()
    server = SandboxServer(speed=SPEED)
    await server.start()
    client = Client(server)
    waiting = asyncio.create_task(client.call("kling", "GET", TEXT, fault="latency;seconds=60"))
    await client.call("kling-relay", "GET", "/kling/v1/videos/text2video/x")
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"POST /kling/v1/videos/text2video HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
    garbage, garbage_writer = await asyncio.open_connection("127.0.0.1", server.port)
    garbage_writer.write(b"\x00\x01nonsense\r\n\r\n")
    await garbage.read()
    started = time.monotonic()
    await server.stop()
    assert time.monotonic() - started < 0.3
    with pytest.raises(httpx.TransportError):
        await waiting
    assert await reader.read() == b""
    for one in (writer, garbage_writer):
        one.close()
    await client.http.aclose()
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before
    assert capfd.readouterr() == ("", "")
    await server.stop()
    await server.start(server.port)
    await server.stop()


async def test_only_loopback_and_only_a_free_port() -> None:
    async with SandboxServer() as server:
        with pytest.raises(OSError, match="in use"):
            await SandboxServer().start(server.port)
        assert server.base_url.startswith("http://127.0.0.1:")


def runs(host: SandboxHost) -> bool:
    """Whether this host is the one that runs the sandbox."""
    return host.server is not None


class TestHost:
    """Several reeltops on one folder."""

    async def test_the_second_uses_the_first_and_takes_over(self, tmp_path: Path) -> None:
        first, second = SandboxHost(tmp_path), SandboxHost(tmp_path)
        url = await first.ensure()
        assert await first.ensure() == url
        assert await second.ensure() == url
        assert runs(first)
        assert not runs(second)
        told = json.loads((tmp_path / "sandbox.json").read_text())
        assert told["base_url"] == url
        assert stat.S_IMODE((tmp_path / "sandbox.json").stat().st_mode) == 0o600
        await first.close()
        assert await second.ensure() == url
        assert runs(second)
        await second.close()
        await second.close()

    async def test_two_at_once_make_one(self, tmp_path: Path) -> None:
        hosts = [SandboxHost(tmp_path) for _ in range(4)]
        urls = await asyncio.gather(*(host.ensure() for host in hosts))
        assert len(set(urls)) == 1
        assert sum(runs(host) for host in hosts) == 1
        for host in hosts:
            await host.close()

    async def test_jobs_and_port_outlive_it(self, tmp_path: Path) -> None:
        host = SandboxHost(tmp_path, speed=SPEED)
        url = await host.ensure()
        assert host.server is not None
        client = Client(host.server)
        await client.call("kling", "POST", TEXT, {"prompt": "[ok]", "external_task_id": "e"})
        await client.http.aclose()
        await host.close()
        again = SandboxHost(tmp_path)
        assert await again.ensure() == url
        assert again.server is not None
        job = again.server.books.find_external("kling", "e")
        assert job is not None
        assert job.phase(job.ends) is Phase.SUCCEEDED
        await again.close()

    async def test_a_taken_port_or_a_broken_note_is_no_harm(self, tmp_path: Path) -> None:
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]
            for note in (f'{{"port": {port}, "instance": "x"}}', "{", '{"port": 99999999, "instance": "x"}'):
                (tmp_path / "sandbox.json").write_text(note)
                host = SandboxHost(tmp_path)
                url = await host.ensure()
                assert url.startswith("http://127.0.0.1:")
                assert url != f"http://127.0.0.1:{port}"
                await host.close()

    async def test_a_holder_that_died_is_replaced(self, tmp_path: Path) -> None:
        script = (
            "import asyncio, sys; from pathlib import Path; from backend.sandbox.host import SandboxHost\n"
            "async def main():\n"
            "    print(await SandboxHost(Path(sys.argv[1])).ensure(), flush=True)\n"
            "    await asyncio.sleep(60)\n"
            "asyncio.run(main())"
        )
        holder = await asyncio.create_subprocess_exec(
            sys.executable, "-c", script, str(tmp_path), stdout=asyncio.subprocess.PIPE
        )
        assert holder.stdout is not None
        url = (await holder.stdout.readline()).decode().strip()
        host = SandboxHost(tmp_path)
        assert await host.ensure() == url
        assert not runs(host)
        holder.kill()
        await holder.wait()
        assert await host.ensure() == url
        assert runs(host)
        await host.close()

    async def test_what_cannot_be_is_said(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(SandboxError):
            await SandboxHost(tmp_path / "file").ensure()
        monkeypatch.setattr("backend.sandbox.host._PATIENCE_SECONDS", 0.1)
        holder = SandboxHost(tmp_path)
        await asyncio.to_thread(holder._try_lock)
        with pytest.raises(SandboxError, match="does not answer"):
            await SandboxHost(tmp_path).ensure()
        await holder.close()


def test_jobs_are_kept_as_json() -> None:
    made: list[Any] = []
    simulator = Simulator(Books(), HandClock())
    made.append(simulator.make(order("🎬"), lambda *_: "1"))
    assert Job.from_json(json.loads(json.dumps(made[0].to_json()))) == made[0]
