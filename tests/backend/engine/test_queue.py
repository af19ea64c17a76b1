"""What waits to be sent: 500 tasks at five slots, held back, changed and withdrawn before they leave."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx

from backend.engine import changes
from backend.engine.engine import Engine
from backend.models import Status, Task
from backend.pauses import Pauses
from backend.providers.contract import HttpRequest
from backend.providers.fields import RequestModel
from tests.backend.engine.clockwork import FakeClock
from tests.backend.engine.toys import Workshop, account, limited, workshop


async def test_five_hundred_tasks_at_five_slots(
    clock: FakeClock, tmp_path: Path, inline_threads: None
) -> None:
    one = limited(account(), concurrency=5, min_spacing=0.2)
    async with workshop(clock, tmp_path / "d", one) as shop:
        await shop.start()
        tasks = await shop.submit(500)
        free_while_waiting, seconds = 0.0, 0
        while shop.statuses()[Status.WAITING]:
            await clock.run(1)
            seconds += 1
            unfinished = shop.engine.health("toys").unfinished
            assert unfinished <= 5
            if shop.statuses()[Status.WAITING]:
                free_while_waiting += 5 - unfinished
        await shop.until(*tasks, status=Status.SUCCEEDED)
        assert shop.world.most_open <= 5, "the provider would have said 1303"
        assert shop.world.count("create") == 500, "nothing was refused"
        prompts = [job.prompt for job in shop.world.jobs.values()]
        assert prompts == [task.prompt for task in tasks], "the order is kept"
        assert free_while_waiting / (5 * seconds) < 0.03, "the slots are always full"


def typical_engine(shop: Workshop, seconds: float) -> Engine:
    connections = {each.name: shop.transport.connect(each) for each in shop.accounts}
    return Engine(
        shop.store, connections, shop.clock, shop.downloads, chance=lambda: 0.5, typical=lambda task: seconds
    )


def paused_engine(shop: Workshop, pauses: Pauses) -> Engine:
    connections = {each.name: shop.transport.connect(each) for each in shop.accounts}
    return Engine(shop.store, connections, shop.clock, shop.downloads, chance=lambda: 0.5, pauses=pauses)


async def test_a_paused_account_sends_nothing_and_watches_on(shop: Workshop, tmp_path: Path) -> None:
    pauses = Pauses(tmp_path / "paused")
    shop.engine = paused_engine(shop, pauses)
    await shop.start()
    (sent,) = await shop.submit()
    await shop.until(sent, status=Status.QUEUED)
    pauses.add("toys")
    waiting = await shop.submit(2)
    await shop.clock.run(600)
    assert shop.engine.health("toys").paused
    assert shop.world.count("create") == 1
    assert shop[sent].status is Status.SUCCEEDED
    assert [shop[each].status for each in waiting] == [Status.WAITING] * 2
    pauses.remove("toys")  # by another process, which can ring no bell here
    await shop.until(*waiting, status=Status.SUCCEEDED, limit=200)
    assert not shop.engine.health("toys").paused


def edited(which: Task, prompt: str, shop: Workshop) -> changes.Change:
    made = replace(which, request={**which.request, "prompt": prompt}, prompt=prompt)
    return changes.edited(made, shop.clock.now())


async def test_an_edited_task_keeps_its_place_and_its_id(shop: Workshop) -> None:
    first, second, third = await shop.submit(3)
    await shop.store.update(second.id, edited(second, "another toy", shop))
    await shop.start()
    await shop.until(first, second, third, status=Status.SUCCEEDED)
    jobs = list(shop.world.jobs.values())
    assert [job.prompt for job in jobs] == [first.prompt, "another toy", third.prompt]
    assert jobs[1].external_id == second.external_id
    assert "edited" in shop.events(second)


async def test_what_is_edited_while_it_is_written_down_leaves_as_edited(shop: Workshop) -> None:
    """The request is made from the task, then marked as leaving: an edit may come in between."""
    (made,) = await shop.submit()
    codec = shop.accounts[0].provider.operations["make"].codec
    original = type(codec).create
    edits = 0

    def create(self: object, request: RequestModel, external_id: str | None) -> HttpRequest:
        nonlocal edits
        if not edits:
            edits += 1
            before = shop.store.tasks[made.id]
            shop.store._tasks[made.id] = edited(before, "changed in time", shop)(before)
        return original(codec, request, external_id)

    type(codec).create = create  # type: ignore[method-assign]
    try:
        await shop.start()
        await shop.until(made, status=Status.SUCCEEDED)
    finally:
        type(codec).create = original  # type: ignore[method-assign]
    assert edits == 1
    assert [job.prompt for job in shop.world.jobs.values()] == ["changed in time"]
    assert shop[made].request["prompt"] == "changed in time"


async def test_what_has_begun_to_leave_is_not_edited(shop: Workshop) -> None:
    (made,) = await shop.submit()
    await shop.start()
    await shop.until(made, status=Status.QUEUED)
    await shop.store.update(made.id, edited(made, "too late", shop))
    assert shop[made].prompt == made.prompt


async def test_what_may_exist_under_its_id_is_not_edited(shop: Workshop) -> None:
    """Unconfirmed once, it waits to be sent again under an id that may be taken by the first request."""
    (made,) = await shop.submit()
    now = shop.clock.now()
    lost = changes.crashed(now, None)(changes.sending(now, now, made.origin)(made))
    again = changes.resent(now)(lost)
    assert again.status is Status.WAITING
    assert edited(again, "another", shop)(again) is again


async def test_a_stopped_task_holds_its_slot_until_such_jobs_have_ended(
    clock: FakeClock, tmp_path: Path, inline_threads: None
) -> None:
    one = limited(account(), concurrency=2)
    async with workshop(clock, tmp_path / "d", one) as shop:
        shop.world.lasts = 300.0
        shop.engine = typical_engine(shop, 300.0)
        await shop.start()
        first, second, third = await shop.submit(3)
        await shop.until(first, second, status=Status.RUNNING)
        await shop.store.update(first.id, changes.stopped(clock.now()))
        await shop.store.update(second.id, changes.stopped(clock.now()))
        await clock.run(120)
        assert shop[third].status is Status.WAITING
        health = shop.engine.health("toys")
        assert (health.unfinished, health.unwatched) == (2, 2)
        await shop.until(third, status=Status.SUCCEEDED, limit=1000)
        assert shop.world.most_open <= 2, "the provider works on what is no longer watched"
        assert shop.engine.health("toys").unwatched == 0


async def test_a_task_that_was_given_up_holds_no_slot(
    clock: FakeClock, tmp_path: Path, inline_threads: None
) -> None:
    one = limited(account(), concurrency=1)
    async with workshop(clock, tmp_path / "d", one) as shop:
        shop.engine = typical_engine(shop, 3000.0)
        await shop.start()
        (first,) = await shop.submit()
        await shop.until(first, status=Status.RUNNING)
        shop.world.jobs.clear()
        (second,) = await shop.submit()
        await shop.until(first, status=Status.LOST)
        await clock.run(5)
        assert shop.engine.health("toys").unwatched == 0
        assert shop[second].status is not Status.WAITING


async def test_a_stopped_task_that_is_watched_again_holds_one_slot(shop: Workshop) -> None:
    await shop.start()
    (made,) = await shop.submit()
    await shop.until(made, status=Status.QUEUED)
    await shop.store.update(made.id, changes.stopped(shop.clock.now()))
    await shop.clock.run(1)
    assert shop.engine.health("toys").unfinished == 1
    deadline = shop.clock.now() + timedelta(seconds=1800)
    await shop.store.update(made.id, changes.resumed(shop.clock.now(), deadline))
    await shop.clock.run(1)
    health = shop.engine.health("toys")
    assert (health.unfinished, health.unwatched) == (1, 0)
    await shop.until(made, status=Status.SUCCEEDED)
    assert shop.engine.health("toys").unfinished == 0


async def test_a_create_that_is_redirected_waits_and_goes_nowhere_else(shop: Workshop) -> None:
    elsewhere = "https://user:pass@evil.example/v1/videos?token=abc"
    shop.world.script("create", *(httpx.Response(307, headers={"Location": elsewhere}) for _ in range(3)))
    await shop.start()
    made, behind = await shop.submit(2)
    await shop.clock.until(lambda: shop.world.count("create") == 2)
    waiting = shop[made]
    assert waiting.status is Status.WAITING
    assert waiting.trouble is not None
    failure = waiting.trouble.failure
    assert failure.words == "redirect 307 to evil.example"
    assert "credentials are not taken along" in failure.meaning
    assert "base_url" in failure.next_step
    assert waiting.trouble.next_try is not None
    assert shop.engine.health("toys").trouble is not None, "the account says why it waits"
    assert shop[behind].status is Status.WAITING
    await shop.until(made, behind, status=Status.SUCCEEDED)
    creates = [request.url.host for request in shop.world.requests if request.method == "POST"]
    assert creates == ["toys.test"] * 5, "three refused, two taken"
    assert len(shop.world.jobs) == 2
