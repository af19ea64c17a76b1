"""A service from which nothing can be sent, changed, deleted, downloaded or archived.

All front ends go through the service, so it is here, and only here, that each of them is held to it. What is
not known to read is refused: a new way of writing is shut until somebody opens it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, cast

from backend.errors import UsageError
from backend.language import _
from backend.service import Service

if TYPE_CHECKING:
    from backend.account_book import AccountBook
    from backend.batches.drafts import DraftBatches
    from backend.batches.recording import Batches
    from backend.desk import Desk
    from backend.drafts import DraftShelf
    from backend.ledger.archive import Archived
    from backend.ledger.store import Change, TaskStore
    from backend.models import Task
    from backend.templates import Templates
    from backend.ui_state import UiState

Part = TypeVar("Part")


def refused() -> UsageError:
    """Return what whoever wants to write is told."""
    words = _(
        "read-only: nothing is sent, changed, deleted, downloaded or archived from here (--read-only, or "
        "read_only in the configuration)"
    )
    return UsageError(words)


class ReadOnlyService(Service):
    """Reads, asks an account for a free proof of its key when told to, and does nothing else."""

    is_read_only = True

    def __init__(self, *, store: TaskStore, **parts: Any) -> None:
        super().__init__(store=ReadOnlyStore(store), **{**parts, "works": False})
        self.remote = _reading(self.remote, "lists", "page", "pages", "can_delete")
        self.shelf = _reading(self.shelf, "archived", "find_archived", "everything", "export", "export_to")
        self.labels = _reading(self.labels)
        self.queue = _reading(self.queue, "is_paused", "can_edit")
        self.doubts = _reading(self.doubts)

    @cached_property
    def batches(self) -> Batches:
        return _reading(super().batches)

    @cached_property
    def draft_batches(self) -> DraftBatches:
        return _reading(super().draft_batches)

    @cached_property
    def account_book(self) -> AccountBook:
        return _reading(super().account_book, "path", "read", "check")

    @cached_property
    def templates(self) -> Templates:
        return _reading(super().templates, "all", "has")

    @cached_property
    def desk(self) -> Desk:
        return _reading(super().desk, "unsent")

    @cached_property
    def drafts(self) -> DraftShelf:
        return _reading(super().drafts, "all", "changes", "change")

    async def submit(self, *_: Any, **__: Any) -> NoReturn:
        raise refused()

    async def stop(self, *_: Any, **__: Any) -> NoReturn:
        raise refused()

    async def resume(self, *_: Any, **__: Any) -> NoReturn:
        raise refused()

    async def resend(self, *_: Any, **__: Any) -> NoReturn:
        raise refused()

    async def download(self, *_: Any, **__: Any) -> NoReturn:
        raise refused()

    def retry_now(self, ids: Iterable[str] = ()) -> NoReturn:
        raise refused()

    async def save_ui_state(self, state: UiState) -> None:
        """Forget how the dashboard is left: that of others stays as it was."""


class ReadOnlyStore:
    """The store's reading side."""

    def __init__(self, store: TaskStore) -> None:
        self._store = store

    @property
    def tasks(self) -> Mapping[str, Task]:
        return self._store.tasks

    @property
    def leads(self) -> bool:
        return False

    @property
    def notices(self) -> tuple[str, ...]:
        return self._store.notices

    async def add(self, tasks: Iterable[Task]) -> None:
        raise refused()

    async def update(self, task_id: str, change: Change, *, durable: bool = True) -> Task:
        raise refused()

    async def archive(self, task_ids: Iterable[str]) -> None:
        raise refused()

    async def archived(self) -> tuple[Sequence[Archived], int]:
        return await self._store.archived()

    def subscribe(self, listener: Callable[[frozenset[str]], None]) -> Callable[[], None]:
        return self._store.subscribe(listener)

    async def flush(self) -> None:
        await self._store.flush()

    async def close(self) -> None:
        await self._store.close()


class _Reading:
    """Stands for a part of the service: hands on what reads, refuses all else."""

    def __init__(self, part: object, reads: Sequence[str]) -> None:
        self._part = part
        self._reads = frozenset(reads)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._part, name)
        if name in self._reads:
            return found

        def refuse(*_: object, **__: object) -> NoReturn:
            raise refused()

        return refuse


def _reading(part: Part, *reads: str) -> Part:
    return cast("Part", _Reading(part, reads))
