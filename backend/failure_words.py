"""Failures and events of a record as a person is told them, in the chosen language.

Records are English. Our sentences are translated here, where they are shown; the words of providers are not.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from backend.language import N_, _, speaks_english, spoken

if TYPE_CHECKING:
    from backend.models import Failure, TaskEvent

_OUR_EVENTS = frozenset({"accepted", "found", "imported", "download", "stopped", "resend", "deleted"})
"""Events whose words are never a provider's."""
_EVENTS = (
    N_("created"),
    N_("sending"),
    N_("accepted"),
    N_("status"),
    N_("refused"),
    N_("unconfirmed"),
    N_("found"),
    N_("trouble"),
    N_("recovered"),
    N_("download"),
    N_("saved"),
    N_("stopped"),
    N_("resumed"),
    N_("resend"),
    N_("edited"),
    N_("imported"),
    N_("deleted"),
)
"""What :attr:`TaskEvent.what` may be, for the catalogue."""


def told(failure: Failure) -> Failure:
    """Return `failure` with its sentences in the chosen language, to be shown and not to be kept."""
    if speaks_english():
        return failure
    is_ours = failure.code is None and failure.http_status is None
    return replace(
        failure,
        words=spoken(failure.words, is_ours=is_ours),
        meaning=_(failure.meaning),
        money=_(failure.money),
        next_step=_(failure.next_step),
    )


def event_word(event: TaskEvent) -> str:
    """Return what an event of a task's timeline is called."""
    return _(event.what)


def event_words(event: TaskEvent) -> str:
    """Return what an event of a task's timeline says, in the chosen language."""
    return spoken(event.words, is_ours=event.what in _OUR_EVENTS)
