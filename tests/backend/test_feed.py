from __future__ import annotations

import asyncio

from backend.feed import Changes, Feed


async def test_what_happens_while_the_reader_is_busy_is_merged() -> None:
    feed = Feed()
    reader = feed.subscribe()
    feed.publish(Changes(tasks=frozenset({"a"})))
    feed.publish(Changes(tasks=frozenset({"b"}), accounts=True, notices=("one",)))
    feed.publish(Changes(notices=("two",)))
    assert await anext(reader) == Changes(frozenset({"a", "b"}), accounts=True, notices=("one", "two"))
    feed.publish(Changes(lead=True))
    assert await anext(reader) == Changes(lead=True)


async def test_every_reader_hears_everything_from_its_own_start() -> None:
    feed = Feed()
    early = feed.subscribe()
    feed.publish(Changes(tasks=frozenset({"a"})))
    late = feed.subscribe()
    feed.publish(Changes(tasks=frozenset({"b"})))
    assert (await anext(early)).tasks == {"a", "b"}
    assert (await anext(late)).tasks == {"b"}


async def test_a_reader_sleeps_until_something_happens() -> None:
    feed = Feed()
    reader = feed.subscribe()
    waiting = asyncio.ensure_future(anext(reader))
    await asyncio.sleep(0)
    assert not waiting.done()
    feed.publish(Changes(accounts=True))
    assert (await waiting).accounts
