"""Sending: on disk first, never twice, in order, within the limits."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import httpx
import pytest

from backend.engine import changes
from backend.models import FailureKind, Status
from tests.backend.engine.clockwork import FakeClock
from tests.backend.engine.toys import (
    CarelessProvider,
    Workshop,
    account,
    limited,
    refusal,
    task,
    workshop,
)


async def test_a_task_goes_its_way(shop: Workshop) -> None:
    await shop.start()
    (made,) = await shop.submit()
    await shop.until(made, status=Status.SUCCEEDED)
    await shop.clock.until(lambda: shop[made].artifacts[0].path)
    done = shop[made]
    assert done.remote_id == "j1"
    assert done.sent_at is not None
    assert done.deadline == done.sent_at + timedelta(seconds=1800)
    assert shop.events(made) == ["created", "sending", "accepted", "status", "status", "download", "saved"]
    assert shop.engine.is_settled(done)
    assert shop.engine.health("toys").unfinished == 0


async def test_nothing_is_sent_before_it_is_on_disk(shop: Workshop) -> None:
    seen: list[Status] = []

    def on_create(request: httpx.Request) -> None:
        (on_disk,) = shop.store.disk.values()
        seen.append(on_disk.status)
        assert on_disk.sent_at is not None
        assert str(on_disk.external_id) in request.content.decode()

    shop.world.on_create = on_create
    await shop.start()
    (made,) = await shop.submit()
    await shop.until(made, status=Status.RUNNING)
    assert seen == [Status.SUBMITTING]


async def test_a_store_that_cannot_be_written_stops_sending(shop: Workshop) -> None:
    await shop.start()
    (made,) = await shop.submit()
    shop.store.broken = True
    await shop.clock.run(60)
    assert shop.world.count("create") == 0
    trouble = shop.engine.health("toys").trouble
    assert trouble is not None
    assert "ledger" in trouble.failure.meaning
    shop.store.broken = False
    await shop.until(made, status=Status.RUNNING)
    assert shop.world.count("create") == 1


async def test_an_outcome_is_kept_until_the_store_takes_it(shop: Workshop) -> None:
    await shop.start()
    tasks = await shop.submit(2)
    shop.world.on_create = lambda request: setattr(shop.store, "broken", True)
    await shop.clock.run(60)
    assert shop.world.count("create") == 1  # nothing else leaves meanwhile
    shop.world.on_create = lambda request: None
    shop.store.broken = False
    await shop.until(*tasks, status=Status.SUCCEEDED)
    assert [job.prompt for job in shop.world.jobs.values()] == [each.prompt for each in tasks]


async def test_fifty_tasks_keep_order_spacing_and_concurrency(shop: Workshop) -> None:
    await shop.start()
    tasks = await shop.submit(50)
    await shop.until(*tasks, status=Status.SUCCEEDED)
    assert shop.world.most_open == 3
    assert [job.prompt for job in shop.world.jobs.values()] == [each.prompt for each in tasks]
    assert shop.world.count("create") == 50
    times = [
        at
        for at, sent in zip(shop.world.times, shop.world.requests, strict=True)
        if sent.url.host == "toys.test"
    ]
    assert all(after - before > 0.49 for before, after in pairwise(times))


@pytest.mark.parametrize("kind", ["rate_limit", "transient"])
async def test_a_passing_refusal_is_tried_again_in_order(shop: Workshop, kind: str) -> None:
    shop.world.script("create", refusal(kind, 429), refusal(kind, 429))
    await shop.start()
    first, second = await shop.submit(2)
    await shop.clock.run(1)
    waiting = shop[first]
    assert waiting.status is Status.WAITING
    assert waiting.trouble is not None
    assert waiting.trouble.next_try is not None
    assert waiting.sent_at is None
    assert shop.world.count("create") == 1  # the second one waits as well
    await shop.until(first, second, status=Status.RUNNING)
    assert [job.prompt for job in shop.world.jobs.values()] == [first.prompt, second.prompt]
    assert shop[first].trouble is None
    assert shop.engine.health("toys").trouble is None


async def test_retry_after_is_obeyed(shop: Workshop) -> None:
    shop.world.script("create", refusal("rate_limit", 429, **{"retry-after": "120"}))
    await shop.start()
    (made,) = await shop.submit()
    await shop.clock.run(119)
    assert shop.world.count("create") == 1
    await shop.until(made, status=Status.QUEUED, limit=5)


async def test_a_server_that_is_down_holds_the_queue(shop: Workshop) -> None:
    shop.world.down = True
    await shop.start()
    tasks = await shop.submit(5)
    await shop.clock.run(600)
    assert shop.statuses() == {Status.WAITING: 5}
    assert shop.world.count("create") < 25
    trouble = shop.engine.health("toys").trouble
    assert trouble is not None
    assert trouble.failure.kind is FailureKind.TRANSIENT
    assert "toys" in shop.health
    shop.world.down = False
    await shop.until(*tasks, status=Status.SUCCEEDED)
    assert shop.world.most_open <= 3


@pytest.mark.parametrize("kind", ["auth", "quota"])
async def test_a_refused_account_burns_no_tasks(shop: Workshop, kind: str) -> None:
    shop.world.script("create", *(refusal(kind, 401) for _ in range(500)))
    await shop.start()
    tasks = await shop.submit(20)
    await shop.clock.run(3600)
    assert shop.statuses() == {Status.WAITING: 20}
    assert shop.world.count("create") < 12
    shop.world.scripts["create"].clear()
    shop.engine.nudge()
    await shop.until(*tasks[:3], status=Status.RUNNING, limit=10)


@pytest.mark.parametrize("kind", ["invalid", "policy", "forbidden"])
async def test_a_refused_request_rejects_that_task_alone(shop: Workshop, kind: str) -> None:
    shop.world.script("create", refusal(kind))
    await shop.start()
    first, second = await shop.submit(2)
    await shop.until(first, status=Status.REJECTED)
    await shop.until(second, status=Status.RUNNING)
    failure = shop[first].failure
    assert failure is not None
    assert failure.kind == kind
    assert shop.world.count("create") == 2


async def test_a_lost_answer_is_looked_for_and_adopted(shop: Workshop) -> None:
    shop.world.after_create = httpx.ReadError("connection reset")
    await shop.start()
    (made,) = await shop.submit()
    await shop.clock.until(lambda: shop[made].status is Status.UNCONFIRMED)
    assert shop.engine.health("toys").unfinished == 1
    await shop.until(made, status=Status.SUCCEEDED)
    assert shop.events(made)[1:5] == ["sending", "unconfirmed", "found", "status"]
    assert shop.world.count("create") == 1
    assert len(shop.world.jobs) == 1
    assert shop[made].failure is None


async def test_what_never_arrived_is_sent_again_with_the_same_id(shop: Workshop) -> None:
    shop.world.script("create", httpx.ReadTimeout("no answer"))
    await shop.start()
    (made,) = await shop.submit()
    await shop.until(made, status=Status.RUNNING)
    assert shop.world.count("create") == 2
    assert shop.world.count("find") == 2
    assert {job.external_id for job in shop.world.jobs.values()} == {made.external_id}


async def test_a_late_create_is_adopted_as_a_duplicate(shop: Workshop) -> None:
    """The first request is carried out only after it was looked for in vain."""
    shop.world.script("create", httpx.ReadTimeout("no answer"))
    shop.world.script("find", refusal("not_found", 404), refusal("not_found", 404))
    await shop.start()
    (made,) = await shop.submit()
    await shop.clock.until(lambda: shop.world.count("find") == 2)
    shop.world.make(made.prompt, made.external_id)
    await shop.until(made, status=Status.SUCCEEDED)
    assert shop.world.count("create") == 2
    assert len(shop.world.jobs) == 1


async def test_a_careless_provider_gets_nothing_twice(
    clock: FakeClock, tmp_path: Path, inline_threads: None
) -> None:
    async with workshop(clock, tmp_path / "d", account(provider=CarelessProvider())) as shop:
        shop.world.script("create", httpx.ReadTimeout("no answer"))
        await shop.start()
        (made,) = await shop.submit()
        await shop.clock.run(7200)
        assert shop[made].status is Status.UNCONFIRMED
        assert changes.is_resting(shop[made])
        assert shop.engine.is_settled(shop[made])
        assert shop.world.count("create") == 1
        assert shop.world.count("find") == 5  # a few, over minutes, then never again


async def test_what_cannot_be_looked_for_rests(
    clock: FakeClock, tmp_path: Path, inline_threads: None
) -> None:
    one = limited(account(provider=CarelessProvider()), concurrency=1)
    async with workshop(clock, tmp_path / "d", one) as shop:
        shop.world.script("create", httpx.ReadTimeout("no answer"))
        await shop.start()
        lost, behind = await shop.submit(2, operation="mute")
        await shop.clock.run(60)
        assert changes.is_resting(shop[lost])
        # It may exist, so it holds its slot until the provider must be done with it.
        assert shop[behind].status is Status.WAITING
        await shop.until(behind, status=Status.SUCCEEDED)
        assert shop[lost].status is Status.UNCONFIRMED
        assert shop.world.count("create") == 2


async def test_an_unreadable_answer_may_have_made_a_job(shop: Workshop) -> None:
    shop.world.after_create = httpx.Response(502, text="<html>Bad gateway</html>")
    await shop.start()
    (made,) = await shop.submit()
    await shop.clock.until(lambda: shop[made].status is Status.UNCONFIRMED)
    assert "Bad gateway" in shop[made].last_answer
    await shop.until(made, status=Status.SUCCEEDED)
    assert len(shop.world.jobs) == 1


async def test_a_crash_while_sending_leaves_it_unconfirmed(shop: Workshop) -> None:
    """The process before died after writing that it sends."""
    sent = changes.sending(
        shop.clock.now(), shop.clock.now() + timedelta(seconds=1800), task(shop.clock).origin
    )
    arrived, never = sent(task(shop.clock)), sent(task(shop.clock))
    shop.world.make(arrived.prompt, arrived.external_id)
    await shop.add(arrived, never)
    await shop.start()
    await shop.until(arrived, never, status=Status.SUCCEEDED)
    assert "unconfirmed" in shop.events(arrived)
    assert "found" in shop.events(arrived)
    assert shop.world.count("create") == 1  # for the one that never arrived
    assert len(shop.world.jobs) == 2


async def test_a_stop_waits_for_the_answer_under_way(shop: Workshop) -> None:
    await shop.start()
    gate = asyncio.Event()
    handle = shop.transport._network.handler  # type: ignore[union-attr]

    async def slow(request: httpx.Request) -> httpx.Response:
        answer: httpx.Response = await handle(request)
        await gate.wait()
        return answer

    shop.transport._network.handler = slow  # type: ignore[union-attr]
    (made,) = await shop.submit()
    await shop.clock.until(lambda: shop.world.count("create") == 1)
    stopping = asyncio.ensure_future(shop.stop())
    await asyncio.sleep(0.01)
    assert shop[made].status is Status.SUBMITTING
    gate.set()
    await stopping
    assert shop.store.disk[made.id].status is Status.QUEUED
    assert shop.store.disk[made.id].remote_id == "j1"


async def test_an_id_of_the_users_own_that_is_taken_is_refused(shop: Workshop) -> None:
    shop.world.make("somebody else's", "mine")
    await shop.start()
    own = task(shop.clock, external_id="mine", request={"prompt": "a", "tag": "mine"})
    await shop.add(own)
    await shop.until(own, status=Status.REJECTED)
    assert shop.world.count("create") == 1


async def test_withdrawn_before_its_turn_it_is_never_sent(shop: Workshop) -> None:
    await shop.start()
    tasks = await shop.submit(4)
    await shop.until(*tasks[:3], status=Status.RUNNING)
    await shop.store.update(tasks[3].id, changes.stopped(shop.clock.now()))
    await shop.clock.run(300)
    assert shop[tasks[3]].status is Status.CANCELLED
    assert shop.world.count("create") == 3


async def test_a_request_that_breaks_its_rules_is_rejected_unsent(shop: Workshop) -> None:
    await shop.start()
    bad = task(shop.clock, request={"unknown": 1})
    (good,) = await shop.submit()
    await shop.add(bad)
    await shop.until(bad, status=Status.REJECTED)
    await shop.until(good, status=Status.RUNNING)
    assert shop.world.count("create") == 1


async def test_a_mistake_in_a_codec_stops_one_task_only(shop: Workshop) -> None:
    await shop.start()
    bad = task(shop.clock, request={"prompt": "unspeakable"})
    await shop.add(bad)
    (good,) = await shop.submit()
    await shop.until(good, status=Status.SUCCEEDED)
    trouble = shop[bad].trouble
    assert shop[bad].status is Status.WAITING
    assert trouble is not None
    assert trouble.failure.kind is FailureKind.PROTOCOL
    assert "the codec has a mistake" in trouble.failure.words


async def test_a_changed_account_never_gets_anothers_task(shop: Workshop) -> None:
    await shop.start()
    moved = task(shop.clock, origin=replace(task(shop.clock).origin, base_url="https://elsewhere.test"))
    other = task(shop.clock, provider="kling")
    strange = task(shop.clock, operation="unheard-of")
    await shop.add(moved, other, strange)
    (good,) = await shop.submit()
    await shop.until(good, status=Status.SUCCEEDED)
    assert shop.world.count("create") == 1
    for stuck in (moved, other, strange):
        trouble = shop[stuck].trouble
        assert shop[stuck].status is Status.WAITING
        assert trouble is not None
        assert trouble.failure.words


async def test_a_task_without_account_waits_and_says_so(shop: Workshop) -> None:
    orphan = task(shop.clock, account="gone")
    await shop.add(orphan)
    await shop.start()
    await shop.clock.run(60)
    trouble = shop[orphan].trouble
    assert shop[orphan].status is Status.WAITING
    assert trouble is not None
    assert "not configured" in trouble.failure.meaning


async def test_one_accounts_trouble_does_not_slow_another(
    clock: FakeClock, tmp_path: Path, inline_threads: None
) -> None:
    bad = account("bad", base_url="https://toys.test:444")
    async with workshop(clock, tmp_path / "d", account(), bad) as shop:
        shop.world.on_create = lambda request: None

        original = shop.world._answer

        def answer(request: httpx.Request) -> httpx.Response | Exception:
            return httpx.ConnectTimeout("") if request.url.port == 444 else original(request)

        shop.world._answer = answer  # type: ignore[method-assign]
        await shop.start()
        origin = replace(task(clock).origin, base_url=bad.base_url)
        stuck = await shop.submit(3, account="bad", origin=origin)
        tasks = await shop.submit(3)
        await shop.until(*tasks, status=Status.SUCCEEDED, limit=60)
        assert all(shop[each].status is Status.WAITING for each in stuck)
        assert shop.engine.health("toys").trouble is None
        assert shop.engine.health("bad").trouble is not None


async def test_only_the_leader_works(shop: Workshop) -> None:
    shop.store.leads = False
    await shop.start()
    (made,) = await shop.submit()
    await shop.clock.run(60)
    assert not shop.world.requests
    assert shop.engine.health("toys").waiting == 1
    shop.store.give_lead(True)
    await shop.until(made, status=Status.RUNNING)
    shop.store.give_lead(False)
    await shop.clock.settle()
    count = len(shop.world.requests)
    await shop.clock.run(600)
    assert len(shop.world.requests) == count


async def test_no_secret_reaches_the_store(shop: Workshop) -> None:
    from tests.backend.engine.toys import SECRET

    def echo(request: httpx.Request) -> httpx.Response:
        return httpx.Response(500, text=f"headers were {dict(request.headers)}")

    shop.world.script("create", echo)
    await shop.start()
    (made,) = await shop.submit()
    await shop.clock.until(lambda: "headers were" in shop[made].last_answer)
    assert SECRET not in repr(shop.store.tasks)
    assert "[secret]" in shop[made].last_answer


async def test_questions_go_on_while_a_create_hangs(shop: Workshop) -> None:
    """Several tasks are to be looked for, which must wait for the create; the others are asked about."""
    await shop.start()
    shop.world.lasts = 1e9
    (watched,) = await shop.submit()
    await shop.until(watched, status=Status.RUNNING)
    deadline = shop.clock.now() + timedelta(seconds=1800)
    sent = changes.sending(shop.clock.now(), deadline, watched.origin)
    lost = [changes.crashed(shop.clock.now(), None)(sent(task(shop.clock))) for _ in range(5)]
    lost = [replace(each, trouble=None, deadline=shop.clock.now()) for each in lost]
    gate = asyncio.Event()
    handle = shop.transport._network.handler  # type: ignore[union-attr]

    async def hang(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            await gate.wait()
        answer: httpx.Response = await handle(request)
        return answer

    shop.transport._network.handler = hang  # type: ignore[union-attr]
    await shop.submit()
    await shop.clock.run(1)
    await shop.add(*lost)
    count = shop.world.count("query")
    await shop.clock.run(50)
    assert shop.world.count("query") >= count + 3
    assert shop.world.count("find") == 0
    gate.set()
    await shop.clock.run(50)
    assert shop.world.count("find") >= 5
