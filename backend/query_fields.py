"""What the filter language knows of a task: one table, from which it parses, completes and explains. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from backend.attention import Accounts, attention
from backend.language import N_
from backend.measures import age, cost, elapsed, failures, is_problem, since_end, until_gone
from backend.models import ArtifactState, FailureKind, Status, Task


def fold(text: str) -> str:
    """Return `text` as it is compared: upper and lower case are the same."""
    return text.casefold()


def haystack(task: Task) -> str:
    """Return all text of a task that a bare word is looked for in, folded."""
    texts = (
        task.prompt,
        task.id,
        task.account,
        task.model,
        task.operation,
        task.batch,
        task.note,
        *task.tags,
    )
    words = (part for failure in failures(task) for part in (failure.code, failure.words))
    ids = (task.remote_id, task.external_id)
    return fold("\n".join(text for text in (*texts, *words, *ids) if text))


@dataclass(frozen=True, slots=True)
class Moment:
    """What a filter is asked about besides the task."""

    now: datetime
    accounts: Accounts | None = None
    """How the accounts are doing, for ``is:attention``; None where nobody knows."""
    haystack: Callable[[Task], str] = haystack


class Kind(StrEnum):
    """How a field is compared."""

    TEXT = "text"
    """``:`` part of it, ``=`` all of it."""
    WORD = "word"
    """One of a fixed set, which may be cut short."""
    SPAN = "span"
    """Seconds; ``<`` and ``>`` with a span such as ``2h``."""
    NUMBER = "number"
    """``<`` and ``>`` with a number."""


Texts = Callable[[Task], Iterable[str]]
Number = Callable[[Task, datetime], float | None]
Test = Callable[[Task, Moment], bool]
SortKey = Callable[[Task, datetime], str | float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of the language."""

    name: str
    kind: Kind
    help: str
    example: str
    texts: Texts = lambda task: ()
    number: Number = lambda task, now: None
    words: dict[str, Test] = field(default_factory=dict)
    order: SortKey | None = None
    """What it is sorted by; None where there is no order."""

    def moves(self, values: Iterable[str]) -> bool:
        """Whether time alone changes what fits one of `values`."""
        return self.kind is Kind.SPAN or any(value.lower() == "attention" for value in values)


def _progress(task: Task, now: datetime) -> float | None:
    return None if task.progress is None else 100 * task.progress


def _text(name: str, help: str, example: str, texts: Texts, order: SortKey | None = None) -> Field:
    return Field(name=name, kind=Kind.TEXT, help=help, example=example, texts=texts, order=order)


def _number(kind: Kind, name: str, help: str, example: str, number: Number) -> Field:
    return Field(name=name, kind=kind, help=help, example=example, number=number, order=number)


def _is(status: Status) -> Test:
    return lambda task, moment: task.status is status


def _fails_by(kind: FailureKind) -> Test:
    return lambda task, moment: any(failure.kind is kind for failure in failures(task))


_ORDER = {status: place for place, status in enumerate(Status)}

_IS: dict[str, Test] = {
    "active": lambda task, moment: not task.status.is_final,
    "ended": lambda task, moment: task.status.is_final,
    "problem": lambda task, moment: is_problem(task),
    "attention": lambda task, moment: attention(task, moment.now, moment.accounts) is not None,
}

_HAS: dict[str, Test] = {
    "files": lambda task, moment: bool(task.artifacts),
    "saved": lambda task, moment: any(each.state is ArtifactState.SAVED for each in task.artifacts),
    "unsaved": lambda task, moment: any(each.state is not ArtifactState.SAVED for each in task.artifacts),
    "tags": lambda task, moment: bool(task.tags),
    "note": lambda task, moment: bool(task.note),
    "batch": lambda task, moment: bool(task.batch),
    "cost": lambda task, moment: bool(task.charges),
    "trouble": lambda task, moment: task.trouble is not None,
    "failure": lambda task, moment: any(True for _ in failures(task)),
    "code": lambda task, moment: any(failure.code for failure in failures(task)),
}

FIELDS: dict[str, Field] = {
    each.name: each
    for each in (
        Field(
            name="status",
            kind=Kind.WORD,
            help=N_("where it stands"),
            example="status:failed,lost",
            words={status.value: _is(status) for status in Status},
            order=lambda task, now: _ORDER[task.status],
        ),
        Field(
            name="is",
            kind=Kind.WORD,
            help=N_("several statuses at once; attention: what only you can solve"),
            example="is:active",
            words=_IS,
        ),
        Field(
            name="has",
            kind=Kind.WORD,
            help=N_("whether there is something"),
            example="has:files",
            words=_HAS,
        ),
        _text(
            "account",
            N_("name of the account"),
            "account:kling-cn",
            lambda task: (task.account,),
            lambda task, now: fold(task.account),
        ),
        _text(
            "provider",
            N_("its provider"),
            "provider:chanjing",
            lambda task: (task.provider,),
            lambda task, now: fold(task.provider),
        ),
        _text(
            "model",
            N_("its model"),
            "model:v3",
            lambda task: (task.model,),
            lambda task, now: fold(task.model),
        ),
        _text(
            "operation",
            N_("what is made, with or without the provider"),
            "operation:text2video",
            lambda task: (task.operation, f"{task.provider}/{task.operation}"),
            lambda task, now: fold(task.operation),
        ),
        _text(
            "prompt",
            N_("text of the prompt"),
            'prompt:"rainy street"',
            lambda task: (task.prompt,),
            lambda task, now: fold(task.prompt),
        ),
        _text(
            "tag",
            N_("one of its tags"),
            "tag:ad",
            lambda task: task.tags,
            lambda task, now: ",".join(task.tags),
        ),
        _text("note", N_("text of your note"), "note:client", lambda task: (task.note,)),
        _text(
            "batch",
            N_("name of its batch"),
            "batch:spring",
            lambda task: (task.batch,),
            lambda task, now: fold(task.batch) or None,
        ),
        _text(
            "id",
            N_("its id, the provider's, or your external one"),
            "id:7k2m",
            lambda task: (task.id, task.remote_id or "", task.external_id or ""),
            lambda task, now: task.id,
        ),
        _text(
            "code",
            N_("the provider's error code"),
            "code:1303",
            lambda task: (failure.code or "" for failure in failures(task)),
        ),
        _text(
            "error",
            N_("the provider's words of a failure"),
            'error:"risk control"',
            lambda task: (failure.words for failure in failures(task)),
        ),
        Field(
            name="kind",
            kind=Kind.WORD,
            help=N_("class of a failure"),
            example="kind:quota",
            words={kind.value: _fails_by(kind) for kind in FailureKind},
        ),
        _number(Kind.SPAN, "age", N_("time since it was made"), "age<2h", age),
        _number(Kind.SPAN, "elapsed", N_("time since it was sent, until its end"), "elapsed>10m", elapsed),
        _number(Kind.SPAN, "ended", N_("time since its end"), "ended<1d", since_end),
        _number(
            Kind.SPAN, "expires", N_("time until a file that is not saved goes"), "expires<24h", until_gone
        ),
        _number(
            Kind.NUMBER,
            "cost",
            N_("what the provider says it charged"),
            "cost>1",
            lambda task, now: cost(task),
        ),
        _number(
            Kind.NUMBER, "progress", N_("percent, where the provider tells it"), "progress>50", _progress
        ),
    )
}
"""All fields by name."""

ORDERS: dict[str, SortKey] = {name: each.order for name, each in FIELDS.items() if each.order is not None}
"""What tasks can be sorted by, by the field's name."""
