"""The request log: what the door lets out, without secrets; on disk, in bounds."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backend.models import Failure
from backend.providers.contract import HttpRequest
from backend.request_file import Follower, RequestFile, append, read, tail
from backend.request_log import KEPT, About, Entry, Filter, Purpose, RequestLog, shown_file_url, shown_url
from backend.requests import Requests
from backend.secrets import SecretRef
from backend.transport import Transport
from tests.backend.engine.loopback import Loopback, plain, raw
from tests.backend.engine.toys import SECRET, account

ASK = HttpRequest(method="GET", path="/jobs", query=(("ids", "a,b"), ("access_token", "tok-123456")))
ENTRY = Entry(
    at=datetime(2026, 5, 1, 12, 0, 0, 123456, UTC),
    number=1,
    account="kling",
    tasks=("abc123",),
    purpose="query",
    method="GET",
    url="https://api.example.com/v1/videos/1",
    status=200,
    words="",
    ms=12.34,
    sent=0,
    received=512,
)


def entries(count: int) -> list[Entry]:
    return [replace(ENTRY, number=number, at=ENTRY.at + timedelta(seconds=number)) for number in range(count)]


async def test_a_request_becomes_an_entry(server: Loopback, transport: Transport) -> None:
    connection = transport.connect(account(base_url=server.url))
    await connection.send(
        HttpRequest(method="POST", path="/jobs", body={"a": "夕"}),
        about=About(Purpose.CREATE, ("t1", "t2")),
    )
    (entry,) = transport.log.entries
    assert (entry.account, entry.tasks, entry.purpose) == ("toys", ("t1", "t2"), "create")
    assert (entry.method, entry.url, entry.status, entry.words) == ("POST", f"{server.url}/jobs", 200, "")
    assert (entry.sent, entry.received, entry.attempt) == (len('{"a": "夕"}'.encode()), 14, 1)
    assert 0 < entry.ms < 5000
    assert entry.went_well


async def test_no_secret_is_in_an_entry(server: Loopback, transport: Transport) -> None:
    server.script(plain({}), plain({}), raw(f"HTTP/1.1 200 {SECRET}\r\nbroken\r\n\r\n".encode()))
    connection = transport.connect(account(base_url=server.url))
    await connection.send(ASK)
    await connection.send(HttpRequest(method="GET", path=f"/jobs/{SECRET}"))
    await connection.send(ASK)
    first, second, third = transport.log.entries
    assert first.url == f"{server.url}/jobs?ids=a,b&access_token=[secret]"
    assert second.url == f"{server.url}/jobs/[secret]"
    assert third.status is None
    assert third.words
    assert SECRET not in repr(transport.log.entries)
    assert "tok-123456" not in repr(transport.log.entries)


async def test_a_renewed_token_makes_a_second_attempt(server: Loopback, transport: Transport) -> None:
    def token(value: str) -> dict[str, object]:
        return {"token": value, "ends": int(datetime.now(UTC).timestamp() + 86400)}

    server.script(
        plain(token("token-one")), plain({"why": "stale"}, 401), plain(token("token-two")), plain({})
    )
    secret = {"key": SecretRef("literal", SECRET), "app": SecretRef("literal", "app-secret-1234")}
    connection = transport.connect(account(base_url=server.url, credentials=secret))
    await connection.send(ASK, about=About(Purpose.QUERY, ("t1",)))
    assert [(entry.purpose, entry.status, entry.attempt, entry.tasks) for entry in transport.log.entries] == [
        ("token", 200, 1, ()),
        ("query", 401, 1, ("t1",)),
        ("token", 200, 1, ()),
        ("query", 200, 2, ("t1",)),
    ]


async def test_what_does_not_leave_says_why(transport: Transport) -> None:
    connection = transport.connect(account(credentials={"key": SecretRef("env", "NO_SUCH_KEY")}))
    assert isinstance(await connection.send(ASK, about=About(Purpose.CHECK)), Failure)
    (entry,) = transport.log.entries
    assert (entry.purpose, entry.status, entry.sent) == ("check", None, 0)
    assert "NO_SUCH_KEY" in entry.words


async def test_a_cancelled_request_is_in_the_log(server: Loopback, transport: Transport) -> None:
    arrived = asyncio.Event()

    async def never(heard: object, writer: object) -> None:
        arrived.set()
        await asyncio.sleep(9)

    server.script(never)
    sending = asyncio.ensure_future(transport.connect(account(base_url=server.url)).send(ASK))
    await arrived.wait()
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    assert [entry.words for entry in transport.log.entries] == ["broken off here"]


async def test_files_are_logged_by_hop_without_their_query(server: Loopback, transport: Transport) -> None:
    server.script(plain(b"", 302, Location="/real?sig=abc"), plain(b"12345"))
    connection = transport.connect(account(base_url=server.url))
    about = About(Purpose.FILE, ("t1",))
    async with connection.fetch(f"{server.url}/a.mp4?Signature=xyz#f", {}, about=about) as answer:
        assert not isinstance(answer, Failure)
        space = bytearray(10)
        assert await answer.read_into(memoryview(space)) == 5
        assert await answer.read_into(memoryview(space)) == 0
    assert await connection.put(f"{server.url}/up?sig=abc", b"1234567", "image/png", about=about) is None
    assert [(each.url, each.status, each.sent, each.received) for each in transport.log.entries] == [
        (f"{server.url}/a.mp4?…", 302, 0, 0),
        (f"{server.url}/real?…", 200, 0, 5),
        (f"{server.url}/up?…", 200, 7, 5),
    ]


async def test_a_page_without_an_account_is_logged(server: Loopback, transport: Transport) -> None:
    await transport.get(f"{server.url}/accounts")
    assert [(entry.account, entry.url) for entry in transport.log.entries] == [("", f"{server.url}/accounts")]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://u:p@h.test/a?x=1", "https://h.test/a?x=1"),
        ("https://h.test/a?X-Amz-Signature=z&y=2", "https://h.test/a?X-Amz-Signature=[secret]&y=2"),
        ("https://h.test/geheimnis/1", "https://h.test/[secret]/1"),
    ],
)
def test_addresses_are_shown_without_secrets(url: str, shown: str) -> None:
    assert shown_url(url, {"geheimnis"}) == shown


def test_a_hostile_address_stays_short() -> None:
    assert len(shown_file_url("https://h.test/" + "a" * 9_000_000 + "?x", ())) <= 2_010


def test_words_find_entries() -> None:
    failed = replace(ENTRY, status=None, words="Connection refused")
    assert Filter("").fits(ENTRY)
    assert Filter("KLING abc 200").fits(ENTRY)
    assert not Filter("kling -query").fits(ENTRY)
    assert Filter("no answer refused").fits(failed)
    assert Filter("-").fits(ENTRY)


def test_a_filter_can_say_where_a_word_must_be() -> None:
    assert Filter(f"account:{ENTRY.account} status:200").fits(ENTRY)
    assert not Filter("task:kling").fits(ENTRY)
    assert not Filter(f"-account:{ENTRY.account}").fits(ENTRY)
    assert Filter("-account:other").fits(ENTRY)
    host = ENTRY.url.partition("//")[2].partition("/")[0]
    assert Filter(f"{host} https:").fits(ENTRY), "a colon alone makes no field"


def test_memory_is_bounded_and_only_a_watcher_is_told() -> None:
    told: list[None] = []
    log = RequestLog(tell=lambda: told.append(None))
    for entry in entries(KEPT + 5):
        log.note(entry)
    assert (len(log.entries), told) == (KEPT, [])
    log.is_watched = True
    log.note(ENTRY)
    assert len(told) == 1


async def until(happened: Callable[[], object]) -> None:
    for _ in range(3000):
        if happened():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not happen")


async def test_the_file_is_written_in_batches_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "requests.jsonl"
    file = RequestFile(path, pause=0.05)
    for entry in entries(50):
        file.add(entry)
    assert not path.exists()
    await until(lambda: path.exists() and len(list(read(path))) == 50)
    assert list(read(path)) == [replace(entry, ms=12.3) for entry in entries(50)]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    file.add(replace(ENTRY, number=99))
    await file.close()
    assert tail(path, 1)[0].number == 99
    assert json.loads(path.read_text().splitlines()[0])["tasks"] == ["abc123"]


async def test_a_disk_that_refuses_is_told_and_harms_nothing(tmp_path: Path) -> None:
    path = tmp_path / "gone" / "requests.jsonl"
    file = RequestFile(path, pause=0.01)
    file.add(ENTRY)
    await until(lambda: file.problem)
    assert "No such file" in file.problem
    path.parent.mkdir()
    file.add(ENTRY)
    await file.close()
    assert not file.problem
    assert len(list(read(path))) == 1


def test_files_are_turned_over_and_bounded(tmp_path: Path) -> None:
    path = tmp_path / "requests.jsonl"
    for entry in entries(200):
        append(path, [entry], largest=2_000)
    kept = sorted(each.name for each in tmp_path.iterdir())
    assert kept == ["requests.jsonl", "requests.jsonl.1", "requests.jsonl.2", "requests.jsonl.lock"]
    assert all(each.stat().st_size <= 2_000 for each in tmp_path.iterdir())
    found = [entry.number for entry in read(path)]
    assert found == list(range(found[0], 200))
    assert [entry.number for entry in tail(path, 3)] == [197, 198, 199]


def test_damage_costs_no_more_than_itself(tmp_path: Path) -> None:
    path = tmp_path / "requests.jsonl"
    append(path, [ENTRY])
    with path.open("ab") as file:
        file.write(b'\xff\x00\n[]\n{"at": 1}\n' + b"[" * 100_000 + b'\n{"at": "2026-')  # killed while writing
    append(path, [replace(ENTRY, number=2)])
    assert [entry.number for entry in read(path)] == [1, 2]


def _fill(path: Path, name: str) -> None:
    for entry in entries(100):
        append(path, [replace(entry, account=name)], largest=20_000)


def test_two_processes_write_at_once(tmp_path: Path) -> None:
    path = tmp_path / "requests.jsonl"
    context = multiprocessing.get_context("spawn")
    both = [context.Process(target=_fill, args=(path, name)) for name in ("one", "two")]
    for process in both:
        process.start()
    for process in both:
        process.join(30)
    found = list(read(path))
    for name in ("one", "two"):
        numbers = [entry.number for entry in found if entry.account == name]
        assert numbers == list(range(numbers[0], 100))


def test_a_follower_sees_what_is_added_over_a_change_of_files(tmp_path: Path) -> None:
    path = tmp_path / "requests.jsonl"
    follower = Follower(path)
    assert follower.new() == []
    seen = []
    for entry in entries(60):
        append(path, [entry], largest=3_000)
        if entry.number % 3 == 0:
            seen += follower.new()
    seen += follower.new()
    assert [entry.number for entry in seen] == list(range(60))


async def test_entries_of_another_process_come_from_the_file(tmp_path: Path) -> None:
    path = tmp_path / "requests.jsonl"
    log = RequestLog()
    requests = Requests(log, path)
    assert not await requests.look()
    append(path, entries(3))
    log.note(replace(ENTRY, number=7, at=ENTRY.at + timedelta(hours=1)))
    log.note(replace(ENTRY, number=2, at=ENTRY.at + timedelta(seconds=2)))
    assert await requests.look()
    assert not await requests.look()
    assert [entry.number for entry in requests.entries()] == [0, 1, 2, 7]
