"""Who is told of changes: on the loop, once for all that happened in one turn of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

Listener = Callable[[frozenset[str]], None]


class Listeners:
    """Gathers ids and hands them out. One that raises does not keep the others from hearing."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._listeners: list[Listener] = []
        self._ids: set[str] = set()
        self._standing = False
        self._called = False

    def add(self, listener: Listener) -> Callable[[], None]:
        """Begin telling `listener`; return what ends it."""
        entry: Listener = lambda ids: listener(ids)  # noqa: E731 - each call its own, even for the same listener
        self._listeners.append(entry)

        def remove() -> None:
            if entry in self._listeners:
                self._listeners.remove(entry)

        return remove

    def tell(self, task_id: str) -> None:
        """Say, soon, that a task changed."""
        self._ids.add(task_id)
        self._call()

    def tell_standing(self) -> None:
        """Say, soon, that the lead or the notices changed, by an empty set."""
        self._standing = True
        self._call()

    def _call(self) -> None:
        if not self._called:
            self._called = True
            self._loop.call_soon(self._hand_out)

    def _hand_out(self) -> None:
        ids, self._ids = frozenset(self._ids), set()
        standing, self._standing = self._standing, False
        self._called = False
        for listener in tuple(self._listeners):
            for news in ((ids,) if ids else ()) + ((frozenset[str](),) if standing else ()):
                self._say(listener, news)

    def _say(self, listener: Listener, news: frozenset[str]) -> None:
        if listener not in self._listeners:
            return
        try:
            listener(news)
        except Exception as error:
            self._loop.call_exception_handler(
                {"message": "A listener of the ledger failed", "exception": error}
            )
