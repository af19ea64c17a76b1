"""Numbers, times and statuses as words. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import reduce
from typing import TYPE_CHECKING

from backend.failure_words import told
from backend.language import N_, _, ngettext
from backend.language import listed as listed
from backend.measures import elapsed
from backend.states import Status
from backend.text import clean_line

if TYPE_CHECKING:
    from backend.models import Failure, Task

# Single-cell everywhere: none is an emoji, and none is wide in East Asian terminals.
SYMBOLS: Mapping[Status, str] = {
    Status.WAITING: "◌",
    Status.SUBMITTING: "⇡",
    Status.QUEUED: "▹",
    Status.RUNNING: "▸",
    Status.SUCCEEDED: "✓",
    Status.FAILED: "✗",
    Status.CANCELLED: "⊘",
    Status.UNCONFIRMED: "?",
    Status.REJECTED: "⊗",
    Status.LOST: "∅",
}

MEANINGS: Mapping[Status, str] = {
    Status.WAITING: N_("on disk, not sent yet"),
    Status.SUBMITTING: N_("the request is on its way"),
    Status.QUEUED: N_("accepted, not started"),
    Status.RUNNING: N_("being made"),
    Status.SUCCEEDED: N_("made"),
    Status.FAILED: N_("accepted, then failed"),
    Status.CANCELLED: N_("withdrawn before it was sent, or cancelled by the provider"),
    Status.UNCONFIRMED: N_("sent, answer unknown: it may exist and be charged"),
    Status.REJECTED: N_("refused: nothing was created"),
    Status.LOST: N_("no longer watched; it may still finish"),
}

STYLES: Mapping[Status, str] = {
    Status.WAITING: "muted",
    Status.SUBMITTING: "active",
    Status.QUEUED: "active",
    Status.RUNNING: "active",
    Status.SUCCEEDED: "good",
    Status.FAILED: "bad",
    Status.CANCELLED: "muted",
    Status.UNCONFIRMED: "doubtful",
    Status.REJECTED: "bad",
    Status.LOST: "doubtful",
}


def status_mark(status: Status) -> str:
    """Return symbol and word: ``✓ succeeded``."""
    return f"{SYMBOLS[status]} {status.word}"


def many(count: int) -> str:
    """Return ``1 task`` or ``12 tasks``."""
    return ngettext("{count} task", "{count} tasks", count).format(count=count)


def within(label: str) -> str:
    """Return a label as it stands inside a sentence; only English writes it in small letters there."""
    return label.lower() if label.isascii() else label


def joined(sentences: Iterable[str]) -> str:
    """Return sentences as one text; those that are empty are left out."""
    said = [*filter(None, sentences)] or [""]
    return reduce(
        lambda before, sentence: _("{before} {sentence}").format(before=before, sentence=sentence),
        said,
    )


def capital(sentence: str) -> str:
    """Return what may stand in a sentence as one of its own."""
    return sentence[:1].upper() + sentence[1:]


def stopwatch(seconds: float) -> str:
    """Return an exact time span: ``0:42``, ``12:03``, ``1:02:03``, ``2d 03h``."""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    if hours >= 24:
        return f"{hours // 24}d {hours % 24:02}h"
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def rough(seconds: float) -> str:
    """Return a time span that nobody should count on: ``40 s``, ``3 min``, ``23 h``, ``6 days``."""
    seconds = max(0.0, seconds)
    if seconds < 99.5:
        return _("{number} s").format(number=f"{seconds:.0f}")
    if seconds < 5970:
        return _("{number} min").format(number=f"{seconds / 60:.0f}")
    if seconds < 171_000:
        return _("{number} h").format(number=f"{seconds / 3600:.0f}")
    return _("{number} days").format(number=f"{seconds / 86_400:.0f}")


def size(count: float) -> str:
    """Return a number of bytes: ``12.3 MB``."""
    import humanize  # not needed for the first paint

    return humanize.naturalsize(count).replace("Bytes", "B").replace("Byte", "B")


_BLOCKS = "▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[float]) -> str:
    """Return a block for each value, oldest first; the greatest is the highest, nothing is the lowest."""
    greatest = max(values, default=0.0) or 1.0
    return "".join(_BLOCKS[min(7, int(8 * max(0.0, value) / greatest))] for value in values)


def bar(fraction: float, width: int) -> str:
    """Return a bar with its percentage, `width` cells in all: ``████░░░░  45%``."""
    fraction = min(1.0, max(0.0, fraction))
    cells = max(1, width - 5)
    done = int(fraction * cells)
    return f"{'█' * done}{'░' * (cells - done)} {int(fraction * 100):>3}%"


def time_of_day(moment: datetime, now: datetime) -> str:
    """Return a time on the user's clock, with the date unless it is today."""
    local, today = moment.astimezone(), now.astimezone().date()
    return f"{local:%H:%M:%S}" if local.date() == today else f"{local:%Y-%m-%d %H:%M:%S}"


def time_left(task: Task, now: datetime, typical: float | None, runs: int = 0) -> str:
    """Return what past runs let one expect, labelled as the estimate it is, or with the number of `runs` that
    it rests on; empty if nothing."""
    if typical is None or task.status not in (Status.QUEUED, Status.RUNNING):
        return ""
    left = typical - elapsed(task, now)
    if left >= 1:
        words = _("~{span} left").format(span=rough(left))
    else:
        words = _("over ~{span}").format(span=rough(typical))
    if not runs:
        return _("{time_left} (est.)").format(time_left=words)
    return ngettext("{time_left}, {count} run", "{time_left}, {count} runs", runs).format(
        time_left=words, count=runs
    )


def retry(moment: datetime | None, now: datetime) -> str:
    """Return when the next try is due: ``retrying in 8 s``; with none planned, only the user can go on."""
    if moment is None:
        return _("on hold")
    if moment <= now:
        return _("retrying now")
    return _("retrying in {span}").format(span=rough((moment - now).total_seconds()))


def code_and_words(failure: Failure) -> str:
    """Return the provider's own words with its code before them, or ours if it had none."""
    said = told(failure)
    words = clean_line(said.words).strip() or said.meaning or failure.kind.word
    code = clean_line(failure.code or "").strip()
    return f"{code} {words}" if code and not words.startswith(code) else words


def operation_name(task: Task) -> str:
    """Return ``kling/text2video``."""
    name = task.operation
    return clean_line(name if "/" in name else f"{task.provider}/{name}")
