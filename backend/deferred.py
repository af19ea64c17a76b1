"""What few ask of a task that has ended: left in its record, and read from there when it is asked for.

A finished task never changes by itself and there may be ten thousand of them; all that this leaves out is
for who looks at one of them. The task behaves as if it had the values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from backend.models import Task

DEFERRED = frozenset({"events", "last_answer"})
"""Fields that :func:`defer` leaves out."""


class Deferring:
    """A base of :class:`~backend.models.Task`, whose fields may be left in a record."""

    __slots__ = ("_record",)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Return what was left out; only asked about fields without a value."""
            if name not in DEFERRED:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            from backend.records import decode_again

            return getattr(decode_again(self._record), name)


def defer(task: Task, record: bytes) -> None:
    """Leave out of a task what few ask for. It must be nobody else's yet, and just decoded from `record`."""
    object.__setattr__(task, "_record", record)
    for name in DEFERRED:
        object.__delattr__(task, name)
    if isinstance(task.request, dict):
        for name, value in task.request.items():
            if value == task.prompt:
                task.request[name] = task.prompt  # one text in memory instead of two
