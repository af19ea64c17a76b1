"""What is left of Kling's resource packs (FACTS 2.13): adapter against sandbox, and against what may come."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from backend.models import Failure, FailureKind, Quota
from backend.providers import registry
from backend.providers.contract import HttpAnswer
from tests.backend.sandbox.conftest import Client, HandClock

from .rows import PATHS, TEXT

KLING = registry.provider("kling")
PATH = "/account/costs"


async def ask(client: Client, clock: HandClock) -> tuple[Quota, ...] | Failure:
    request = KLING.quota(clock.now())
    assert request is not None
    assert (request.method, request.path, request.body) == ("GET", PATH, None)
    got = await client.call("kling", "GET", PATH, params=dict(request.query))
    return KLING.read_quota(HttpAnswer(status=got.status_code, body=got.content))


async def test_the_sandbox_tells_what_films_have_left(still: Client, hand_clock: HandClock) -> None:
    before = await ask(still, hand_clock)
    assert not isinstance(before, Failure)
    (pack,) = before
    assert (pack.left, pack.total, pack.status) == (Decimal(1000), Decimal(1000), "online")
    assert pack.ends_at is not None
    assert 59 <= (pack.ends_at - hand_clock.now()).days <= 60
    body = {"model_name": "kling-v1", "prompt": "x [ok]", "mode": "std", "duration": "5"}
    await still.call("kling", "POST", PATHS[TEXT], body)
    hand_clock.pass_(600)
    after = await ask(still, hand_clock)
    assert not isinstance(after, Failure)
    assert after[0].left == Decimal(998)


async def test_it_is_asked_once_a_second(still: Client, hand_clock: HandClock) -> None:
    assert not isinstance(await ask(still, hand_clock), Failure)
    hand_clock.pass_(0.5)
    failure = await ask(still, hand_clock)
    assert isinstance(failure, Failure)
    assert (failure.code, failure.kind) == ("1302", FailureKind.RATE_LIMIT)
    hand_clock.pass_(0.6)
    assert not isinstance(await ask(still, hand_clock), Failure)


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"start_time": "1"},
        {"end_time": "1"},
        {"start_time": "x", "end_time": "2"},
        {"start_time": "3", "end_time": "2"},
    ],
)
async def test_both_times_are_required(client: Client, query: dict[str, str]) -> None:
    got = await client.call("kling", "GET", PATH, params=query)
    assert (got.status_code, got.json()["code"]) == (400, 1201)


async def test_packs_are_asked_for_by_name(still: Client, hand_clock: HandClock) -> None:
    query = {"start_time": "1", "end_time": "2", "resource_pack_name": "another"}
    got = await still.call("kling", "GET", PATH, params=query)
    assert got.json()["data"] == {"resource_pack_subscribe_infos": []}


def read(body: str) -> tuple[Quota, ...] | Failure:
    return KLING.read_quota(HttpAnswer(status=200, body=body.encode()))


def packs(entries: str) -> tuple[Quota, ...] | Failure:
    return read(f'{{"code": 0, "data": {{"resource_pack_subscribe_infos": {entries}}}}}')


def test_a_pack_as_it_is_documented() -> None:
    entry = """[{"resource_pack_name": "视频 [生成] 1000", "resource_pack_id": "509f", "status": "online",
        "resource_pack_type": "decreasing_total", "total_quantity": 200.0, "remaining_quantity": 118.30,
        "purchase_time": 1726124664368, "effective_time": 1726124664368, "invalid_time": 1727366400000}]"""
    assert packs(entry) == (
        Quota(
            name="视频 [生成] 1000",
            left=Decimal("118.30"),
            total=Decimal("200.0"),
            status="online",
            ends_at=datetime(2024, 9, 26, 16, tzinfo=UTC),
        ),
    )


@pytest.mark.parametrize(
    "entries",
    ['[1, null, "x", [], {}]', '[{"remaining_quantity": null}]', '[{"remaining_quantity": "lots"}]', "[]"],
)
def test_what_tells_no_amount_is_left_out(entries: str) -> None:
    assert packs(entries) == ()


def test_hostile_text_is_made_harmless() -> None:
    found = packs('[{"resource_pack_name": "a\\u001b[31m\\u202eb\\n", "remaining_quantity": "7"}]')
    assert not isinstance(found, Failure)
    assert (found[0].total, found[0].ends_at) == (None, None)
    assert "\x1b" not in found[0].name
    assert "\u202e" not in found[0].name


@pytest.mark.parametrize("body", ["", "<html>", "[]", "null", '{"code": 0}', '{"code": 0, "data": [1]}'])
def test_what_cannot_be_understood_is_a_failure(body: str) -> None:
    failure: Any = read(body)
    assert isinstance(failure, Failure)
    assert failure.kind is FailureKind.PROTOCOL


def test_other_providers_tell_nothing() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    others = [each for name, each in registry.providers().items() if name != "kling"]
    assert [each.quota(now) for each in others] == [None] * len(others)
