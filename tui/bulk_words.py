"""What is asked before something is done to several tasks. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from backend.language import _, named, ngettext
from backend.models import ArtifactState, Task
from backend.states import Status
from backend.text import clean_line
from tui.actions import refusal
from tui.formatters import joined, listed, many
from tui.wording import Copyable, Question

_MOST_ACCOUNTS = 6


@dataclass(frozen=True, slots=True)
class Chosen:
    """The tasks that something is to be done to: those, and no others, whatever happens meanwhile."""

    tasks: tuple[Task, ...]
    left_out: int = 0
    """Marked ones for which it makes no sense."""
    hidden: int = 0
    """Of the tasks, how many are not shown just now."""

    @property
    def ids(self) -> list[str]:
        """Their ids."""
        return [task.id for task in self.tasks]


def choose(action: str, tasks: Sequence[Task], shown: Callable[[str], bool]) -> tuple[Chosen, str]:
    """Return those of `tasks` for which an action makes sense; if there is none, also why."""
    able = tuple(task for task in tasks if not refusal(action, task))
    reason = "" if able else _none_of(action, tasks)
    hidden = sum(not shown(task.id) for task in able)
    return Chosen(able, len(tasks) - len(able), hidden), reason


def _none_of(action: str, tasks: Sequence[Task]) -> str:
    if len(tasks) < 2:
        return refusal(action, tasks[0] if tasks else None)
    reasons = Counter(refusal(action, task) for task in tasks).most_common()
    counted = (f"{reason} ({count})" for reason, count in reasons)
    words = _("none of the {tasks} marked: {reasons}")
    return words.format(tasks=many(len(tasks)), reasons=listed(counted))


def question(verb: str, chosen: Chosen, cost: str, *, go: str = "") -> Question:
    """Ask before `verb` is done: how many, of which accounts, at what cost, and what is left out."""
    lines = [_statuses(chosen.tasks), _accounts(chosen.tasks)]
    if chosen.left_out:
        words = _("Left out: {tasks} of those marked, for which it makes no sense.")
        lines.append(words.format(tasks=many(chosen.left_out)))
    if chosen.hidden:
        words = ngettext(
            "{count} of them is not shown just now.", "{count} of them are not shown just now.", chosen.hidden
        )
        lines.append(words.format(count=chosen.hidden))
    title = _("{verb} {tasks}?").format(verb=verb, tasks=many(len(chosen.tasks)))
    return Question(title=title, what=tuple(lines), cost=cost, go=go or verb)


def stop_cost(tasks: Iterable[Task]) -> str:
    """Return what stopping these tasks means for the user's money."""
    counts = Counter(task.status is Status.WAITING for task in tasks)
    words = []
    if counts[True]:
        withdrawn = _("{count} not sent yet: withdrawn, nothing is charged.")
        words.append(withdrawn.format(count=counts[True]))
    if counts[False]:
        going_on = _(
            "{count} at their providers, which know no cancel: they go on, and may charge. "
            "Nothing of them will be downloaded unless they are watched again."
        )
        words.append(going_on.format(count=counts[False]))
    return joined(words)


def delete_cost(tasks: Sequence[Task]) -> str:
    """Return what having the films of these tasks deleted means."""
    words = _("This cannot be undone, and nothing is paid back. What is saved here stays.")
    unsaved = sum(any(item.state is not ArtifactState.SAVED for item in task.artifacts) for task in tasks)
    if not unsaved:
        return words
    lost = ngettext(
        "{count} IS NOT SAVED HERE: IT IS LOST.", "{count} ARE NOT SAVED HERE: THEY ARE LOST.", unsaved
    )
    return joined((words, lost.format(count=unsaved)))


def copies(each: Iterable[Sequence[Copyable]]) -> list[Copyable]:
    """Return what can be copied of several tasks at once: the same of each, a line or more for each."""
    texts: dict[tuple[str, str], list[str]] = {}
    for items in each:
        for item in items:
            texts.setdefault((item.letter, item.name), []).append(item.text)
    return [Copyable(letter, name, "\n".join(found)) for (letter, name), found in texts.items()]


def parse_tags(text: str) -> tuple[list[str], list[str]]:
    """Return the tags to give and those to take away: ``ad -draft``."""
    words = text.replace(",", " ").split()
    return (
        [word for word in words if not word.startswith("-")],
        [word[1:] for word in words if len(word) > 1 and word.startswith("-")],
    )


def _statuses(tasks: Iterable[Task]) -> str:
    counts = Counter(task.status for task in tasks)
    return listed(
        _("{count} {status}").format(count=count, status=status.word)
        for status, count in counts.most_common()
    )


def _accounts(tasks: Iterable[Task]) -> str:
    counts = Counter(clean_line(task.account) for task in tasks).most_common()
    names = [f"{name} {count}" for name, count in counts[:_MOST_ACCOUNTS]]
    if len(counts) > _MOST_ACCOUNTS:
        more = len(counts) - _MOST_ACCOUNTS
        names.append(ngettext("{count} more account", "{count} more accounts", more).format(count=more))
    words = ngettext("account {names}", "accounts {names}", len(counts))
    return words.format(names=named(names))
