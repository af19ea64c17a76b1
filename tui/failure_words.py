"""What fails alike, in a line. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from backend.language import _
from backend.states import Status
from backend.text import clean_line
from tui.formatters import code_and_words, listed, many, retry

if TYPE_CHECKING:
    from backend.failure_groups import FailureGroup
    from backend.models import AccountHealth, Trouble


def stands(group: FailureGroup, now: datetime) -> str:
    """Return how the tasks of a group stand: ``retrying in 8 s``, ``failed``, ``not saved``."""
    if group.key.status is None:
        return retry(group.next_try, now)
    return _("not saved") if group.key.status is Status.SUCCEEDED else group.key.status.word


def notices_of(
    groups: Sequence[FailureGroup], troubled: Mapping[str, AccountHealth], now: datetime
) -> list[str]:
    """Return a line for the trouble of each account, and for each that several tasks share.

    What failed for good is no news any more.
    """
    shared = [group for group in groups if group.key.status is None]
    lines = []
    for account, health in troubled.items():
        if health.trouble is None:
            continue
        mine = next((group for group in shared if _is_of(group, account, health.trouble)), None)
        if mine is not None:
            shared.remove(mine)
        lines.append(_of_account(account, health, health.trouble, mine, now))
    return [*lines, *_of_tasks(shared, now)]


def _of_account(
    account: str, health: AccountHealth, trouble: Trouble, group: FailureGroup | None, now: datetime
) -> str:
    parts = [clean_line(account)]
    if group is not None:
        parts.append(many(group.count))
    if health.waiting:
        parts.append(_("{count} waiting to be sent").format(count=health.waiting))
    parts.append(retry(trouble.next_try, now))
    return _("{reason}: {words}").format(reason=listed(parts), words=code_and_words(trouble.failure))


def _of_tasks(groups: Sequence[FailureGroup], now: datetime) -> Iterator[str]:
    for group in groups:
        if group.count > 1:
            head = listed((clean_line(group.key.account), many(group.count), stands(group, now)))
            yield _("{reason}: {words}").format(reason=head, words=code_and_words(group.failure))


def _is_of(group: FailureGroup, account: str, trouble: Trouble) -> bool:
    failure, key = trouble.failure, group.key
    return (key.account, key.kind, key.code) == (account, failure.kind, failure.code or "")
