"""Watching: what is due, in batches, through trouble, and never an invented failure."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import httpx

from backend.engine import changes
from backend.models import FailureKind, Status, Task
from tests.backend.engine.clockwork import FakeClock
from tests.backend.engine.toys import (
    Workshop,
    account,
    limited,
    refusal,
    task,
    workshop,
)


async def running(shop: Workshop, number: int = 1, lasts: float = 1e9, operation: str = "make") -> list[Task]:
    """Return tasks that run at the provider, and forget how they got there."""
    shop.world.lasts = lasts
    tasks = await shop.submit(number, operation=operation)
    await shop.until(*tasks, status=Status.RUNNING)
    shop.world.requests.clear()
    shop.world.times.clear()
    return tasks


def query_times(shop: Workshop) -> list[float]:
    pairs = zip(shop.world.times, shop.world.requests, strict=True)
    return [at for at, request in pairs if request.url.path == "/jobs" and request.method == "GET"]


async def test_the_interval_grows_with_age_up_to_its_end(shop: Workshop) -> None:
    await shop.start()
    await running(shop)
    await shop.clock.run(600)
    times = query_times(shop)
    gaps = [after - before for before, after in pairwise(times)]
    assert 5 <= gaps[0] <= 7
    assert all(later >= earlier - 0.01 for earlier, later in pairwise(gaps))
    assert gaps[-1] == 20


async def test_nothing_new_is_not_written(shop: Workshop) -> None:
    await shop.start()
    await running(shop)
    shop.store.writes.clear()
    await shop.clock.run(300)
    assert shop.store.writes == []


async def test_progress_is_cheap_and_ends_are_durable(shop: Workshop) -> None:
    await shop.start()
    (made,) = await running(shop)
    shop.store.writes.clear()
    job = shop.world.jobs["j1"]
    job.progress = 0.5
    await shop.clock.run(30)
    assert shop.store.writes == [(made.id, Status.RUNNING, False)]
    assert shop[made].progress == 0.5
    job.status = "failed"
    await shop.until(made, status=Status.FAILED)
    assert shop.store.writes[-1] == (made.id, Status.FAILED, True)
    failure = shop[made].failure
    assert failure is not None
    assert failure.words == "not nice"
    assert shop[made].finished_at is not None


async def test_many_tasks_share_a_question(clock: FakeClock, tmp_path: Path, inline_threads: None) -> None:
    one = limited(account(), concurrency=40, min_spacing=0.01)
    async with workshop(clock, tmp_path / "d", one) as shop:
        await shop.start()
        await running(shop, 40)
        await clock.run(600)
        # 40 tasks, 10 to a question, one question each 20 seconds at their age.
        assert len(query_times(shop)) < 40 * 600 / 20 / 4
        last = shop.world.requests[-1].url.params["ids"].split(",")
        assert len(last) == 10
        assert len(set(last)) == 10


async def test_an_answer_about_many_is_kept_cut_to_each(
    clock: FakeClock, tmp_path: Path, inline_threads: None
) -> None:
    async with workshop(clock, tmp_path / "d", limited(account(), min_spacing=0.01)) as shop:
        await shop.start()
        tasks = await running(shop, 3)
        for job in shop.world.jobs.values():
            job.progress = 0.25
        await shop.clock.until(lambda: all(shop[each].progress for each in tasks))
        assert '"j2"' in shop[tasks[1]].last_answer
        assert '"j1"' not in shop[tasks[1]].last_answer


async def test_one_bad_id_does_not_spoil_the_others_question(shop: Workshop) -> None:
    """The provider refuses a whole question because of one id in it."""
    await shop.start()
    tasks = await running(shop, 3)
    original = shop.world._answer

    def picky(request: httpx.Request) -> httpx.Response | Exception:
        if "j2" in request.url.params.get("ids", ""):
            return refusal("invalid")
        return original(request)

    shop.world._answer = picky  # type: ignore[method-assign]
    shop.world.lasts = 0
    await shop.until(tasks[0], tasks[2], status=Status.SUCCEEDED, limit=300)
    assert shop[tasks[1]].status is Status.RUNNING
    assert shop[tasks[1]].trouble is not None


async def test_few_requests_at_a_time(clock: FakeClock, tmp_path: Path, inline_threads: None) -> None:
    one = limited(account(), concurrency=40, min_spacing=0.0)
    async with workshop(clock, tmp_path / "d", one) as shop:
        await shop.start()
        await running(shop, 40, operation="mute")
        shop.world.most_in_flight = 0
        await clock.run(120)
        assert 1 <= shop.world.most_in_flight <= 8


async def test_trouble_is_shown_backs_off_and_passes(shop: Workshop) -> None:
    await shop.start()
    (made,) = await running(shop)
    shop.world.script("query", *(refusal("transient", 500) for _ in range(4)))
    await shop.clock.until(lambda: shop[made].trouble)
    trouble = shop[made].trouble
    assert trouble is not None
    assert trouble.count == 1
    assert shop[made].status is Status.RUNNING
    assert shop.engine.health("toys").trouble is None  # one failure is no trouble of the account
    await shop.clock.until(lambda: not shop[made].trouble)
    times = query_times(shop)
    gaps = [after - before for before, after in pairwise(times)]
    assert gaps[1] < gaps[2] < gaps[3]
    assert shop.events(made)[-2:] == ["trouble", "recovered"]
    assert shop[made].status is Status.RUNNING


async def test_a_dead_account_is_probed_by_one_question_at_a_time(
    clock: FakeClock, tmp_path: Path, inline_threads: None
) -> None:
    one = limited(account(), concurrency=30, min_spacing=0.01)
    async with workshop(clock, tmp_path / "d", one) as shop:
        await shop.start()
        tasks = await running(shop, 30, operation="mute")
        shop.world.down = True
        await clock.run(900)
        trouble = shop.engine.health("toys").trouble
        assert trouble is not None
        assert trouble.next_try is not None
        assert len(shop.world.requests) < 20
        assert shop.statuses() == {Status.RUNNING: 30}
        shop.world.down = False
        await clock.until(lambda: shop.engine.health("toys").trouble is None, 400)
        await clock.run(5)
        assert all(shop[each].trouble is None for each in tasks)


async def test_retry_after_holds_the_whole_account(shop: Workshop) -> None:
    await shop.start()
    await running(shop, 3, operation="mute")
    shop.world.script("query", refusal("rate_limit", 429, **{"retry-after": "100"}))
    await shop.clock.until(lambda: shop.engine.health("toys").trouble)
    asked = len(shop.world.requests)
    await shop.clock.run(99)
    assert len(shop.world.requests) <= asked + 2  # those already under way
    await shop.clock.until(lambda: shop.engine.health("toys").trouble is None, 20)


async def test_a_refused_credential_is_the_accounts_trouble(shop: Workshop) -> None:
    await shop.start()
    (made,) = await running(shop)
    shop.world.script("query", *(refusal("auth", 401) for _ in range(3)))
    await shop.clock.run(60)
    trouble = shop.engine.health("toys").trouble
    assert trouble is not None
    assert trouble.failure.kind is FailureKind.AUTH
    assert shop[made].status is Status.RUNNING
    shop.world.scripts["query"].clear()
    shop.engine.nudge([made.id])
    await shop.clock.run(2)
    assert shop.engine.health("toys").trouble is None


async def test_answers_that_mean_nothing_change_nothing(shop: Workshop) -> None:
    await shop.start()
    (made,) = await running(shop)
    nonsense = (b"<html>", b"[1,", b"null", b'{"jobs": 3}', b'{"jobs": [{"id": 1}]}', b"\xff\xfe")
    shop.world.script("query", *(httpx.Response(200, content=body) for body in nonsense))
    await shop.clock.until(lambda: not shop.world.scripts["query"], 3600)
    assert shop[made].status is Status.RUNNING
    await shop.clock.run(400)
    assert shop[made].trouble is None


async def test_an_unknown_word_is_kept_and_asked_about_slowly(shop: Workshop) -> None:
    await shop.start()
    (made,) = await running(shop)
    shop.world.jobs["j1"].status = "reviewing"
    await shop.clock.until(lambda: shop[made].status_words == "reviewing")
    shop.world.times.clear()
    shop.world.requests.clear()
    await shop.clock.run(1700)
    assert shop[made].status is Status.RUNNING
    gaps = [after - before for before, after in pairwise(query_times(shop))]
    assert all(before <= after for before, after in pairwise(gaps[:-1])), gaps
    assert gaps[0] >= 20
    assert 299 < max(gaps) < 301
    shop.world.jobs["j1"].status = "failed"
    await shop.until(made, status=Status.FAILED)


async def test_a_job_that_is_gone_is_lost_only_after_a_while(shop: Workshop) -> None:
    await shop.start()
    (made,) = await running(shop)
    del shop.world.jobs["j1"]
    await shop.clock.until(lambda: shop[made].trouble)
    await shop.clock.run(45)
    assert shop[made].status is Status.RUNNING
    await shop.until(made, status=Status.LOST, limit=120)
    assert shop.world.count("query") >= 4
    assert "no longer knows it" in shop[made].events[-1].words
    assert shop[made].failure is None


async def test_a_job_that_comes_back_is_not_lost(shop: Workshop) -> None:
    await shop.start()
    (made,) = await running(shop)
    job = shop.world.jobs.pop("j1")
    await shop.clock.run(40)
    shop.world.jobs["j1"] = job
    await shop.clock.run(300)
    assert shop[made].status is Status.RUNNING
    assert shop[made].trouble is None


async def test_past_its_deadline_it_is_asked_once_more_then_lost(shop: Workshop) -> None:
    await shop.start()
    (made,) = await running(shop)
    await shop.until(made, status=Status.LOST, limit=2000)
    deadline = shop[made].deadline
    assert deadline is not None
    assert abs((shop.clock.now() - deadline).total_seconds()) < 1
    assert "no longer watched" in shop[made].events[-1].words
    count = shop.world.count("query")
    await shop.clock.run(600)
    assert shop.world.count("query") == count


async def test_after_a_long_sleep_the_last_question_counts(shop: Workshop) -> None:
    """The machine was asleep: the deadline passed, and the job succeeded meanwhile."""
    done = task(
        shop.clock,
        status=Status.RUNNING,
        remote_id="j1",
        sent_at=shop.clock.now() - timedelta(hours=9),
        deadline=shop.clock.now() - timedelta(hours=8),
    )
    shop.world.make("p", done.external_id).made_at = -9 * 3600
    await shop.add(done)
    await shop.start()
    await shop.until(done, status=Status.SUCCEEDED, limit=60)


async def test_past_its_deadline_a_silent_provider_is_not_asked_for_ever(shop: Workshop) -> None:
    await shop.start()
    (made,) = await running(shop)
    shop.world.down = True
    await shop.until(made, status=Status.LOST, limit=4 * 3600)
    assert "cannot be asked" in shop[made].events[-1].words


async def test_what_the_user_stopped_is_let_go(shop: Workshop) -> None:
    await shop.start()
    (made,) = await running(shop)
    await shop.store.update(made.id, changes.stopped(shop.clock.now()))
    await shop.clock.settle()
    count = shop.world.count("query")
    await shop.clock.run(300)
    assert shop.world.count("query") == count
    now = shop.clock.now()
    await shop.store.update(made.id, changes.resumed(now, now + timedelta(seconds=1800)))
    shop.world.lasts = 0
    await shop.until(made, status=Status.SUCCEEDED, limit=60)


async def test_a_stop_while_the_answer_comes_in_wins(shop: Workshop) -> None:
    await shop.start()
    (made,) = await running(shop)

    def stop_meanwhile(request: httpx.Request) -> httpx.Response:
        stopped = changes.stopped(shop.clock.now())(shop.store._tasks[made.id])
        shop.store._tasks[made.id] = stopped
        return httpx.Response(
            200, json={"jobs": [{"id": "j1", "status": "succeeded", "urls": ["https://x/"]}]}
        )

    shop.world.script("query", stop_meanwhile)
    await shop.clock.run(60)
    assert shop[made].status is Status.LOST


async def test_a_store_in_trouble_makes_no_storm(shop: Workshop) -> None:
    await shop.start()
    (made,) = await running(shop, lasts=60.0)
    shop.store.broken = True
    await shop.clock.run(600)
    assert 10 < shop.world.count("query") < 200
    shop.store.broken = False
    await shop.until(made, status=Status.SUCCEEDED, limit=60)


async def test_a_mistake_in_a_codec_is_that_tasks_trouble(shop: Workshop) -> None:
    await shop.start()
    (made,) = await running(shop)
    shop.world.script("query", httpx.Response(200, json={"jobs": [{"status": "no id"}]}))
    await shop.clock.until(lambda: shop[made].trouble)
    trouble = shop[made].trouble
    assert trouble is not None
    assert "KeyError" in trouble.failure.words
    await shop.clock.until(lambda: not shop[made].trouble)


async def test_events_stay_bounded(shop: Workshop) -> None:
    made = task(shop.clock)
    for number in range(500):
        made = changes.with_event(made, shop.clock.now(), "status", str(number))
    assert len(made.events) == 120
    assert made.events[0].what == "created"
    assert made.events[-1].words == "499"


async def test_idle_is_idle(shop: Workshop) -> None:
    await shop.start()
    (made,) = await running(shop, lasts=10.0)
    await shop.until(made, status=Status.SUCCEEDED)
    await shop.clock.run(60)
    shop.world.requests.clear()
    await shop.clock.run(24 * 3600)
    assert not shop.world.requests
    soon = shop.clock.monotonic() + 3600
    assert not [at for at, _, sleeper in shop.clock._sleepers if at < soon and not sleeper.done()]


async def test_health_counts(shop: Workshop) -> None:
    await shop.start()
    await shop.submit(10)
    await shop.clock.run(8)
    health = shop.engine.health("toys")
    assert (health.waiting, health.unfinished) == (7, 3)
    assert Counter(shop.statuses())[Status.WAITING] == 7


async def test_a_task_that_lies_open_is_asked_about_more_often(shop: Workshop) -> None:
    await shop.start()
    opened, other = await running(shop, 2, operation="mute")
    await shop.clock.run(300)  # both are old, and asked about every 20 s
    shop.engine.focus([opened.id])
    shop.world.requests.clear()
    shop.world.times.clear()
    await shop.clock.run(60)
    asked = Counter(request.url.params["ids"] for request in shop.world.requests)
    assert asked[shop[opened].remote_id or ""] >= 20
    assert asked[shop[other].remote_id or ""] <= 4
    shop.engine.focus([])
    shop.world.requests.clear()
    await shop.clock.run(60)
    assert len(shop.world.requests) <= 8


async def test_health_tells_how_an_account_is_asked(shop: Workshop) -> None:
    await shop.start()
    await running(shop, 3, operation="mute")
    await shop.clock.run(120)
    health = shop.engine.health("toys")
    assert health.requests is not None
    assert health.requests >= 9
    assert (health.errors, health.latency) == (0, 0.0)
    shop.world.down = True
    await shop.clock.run(60)
    health = shop.engine.health("toys")
    assert health.errors is not None
    assert 3 <= health.errors == health.requests
    assert health.trouble is not None
    await shop.clock.run(600)
    shop.store.give_lead(False)
    assert shop.engine.health("toys").requests is None, "only who works knows"
