"""What screens hear from the app. Everything is told in the past tense, and nothing asks for an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from backend.service import Service


@dataclass
class ServiceOpened(Message):
    """The ledger is open and work has begun."""

    service: Service


@dataclass
class TasksChanged(Message):
    """These tasks are new or different."""

    ids: frozenset[str]

    def can_replace(self, message: Message) -> bool:
        # Called on the older of two waiting messages: what it knew goes into the newer one.
        if not isinstance(message, TasksChanged):
            return False
        message.ids |= self.ids
        return True


@dataclass
class FilterOpened(Message):
    """Somebody types a filter."""


@dataclass
class FilterChanged(Message):
    """Another filter was typed, and was understood."""

    text: str


@dataclass
class FilterLeft(Message):
    """Nobody types a filter any more; `text` is the one that stays."""

    text: str


@dataclass
class AccountsChanged(Message):
    """The health of an account is different."""

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, AccountsChanged)


@dataclass
class LeadChanged(Message):
    """This process began or ceased to submit, poll and download."""

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, LeadChanged)


@dataclass
class RequestsChanged(Message):
    """The request log has more."""

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, RequestsChanged)


@dataclass
class TerminalAnswered(Message):
    """The terminal has taken in all that was written before it was asked."""
