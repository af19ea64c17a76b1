"""Reads what the terminal sends, and keeps what is pasted apart from what is typed."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from typing import TYPE_CHECKING

from textual._xterm_parser import BRACKETED_PASTE_END, BRACKETED_PASTE_START, XTermParser
from textual.message import Message

from backend.text import clean_input

if TYPE_CHECKING:
    from tui.terminal.interview import Interview

_START, _END = BRACKETED_PASTE_START, BRACKETED_PASTE_END
_LONGEST = len(_END) - 1
"""Characters of a mark that a read may end with."""


class PastingParser(XTermParser):
    """Textual's parser, which takes what follows an escape character in a pasted text for keys."""

    def __init__(self, interview: Callable[[], Interview | None], debug: bool = False) -> None:
        """`interview` returns what takes its answers out of what is read, if anything was asked."""
        super().__init__(debug)
        self._interview = interview
        self._tail = ""
        self._pasted: list[str] | None = None

    def feed(self, data: str) -> Iterable[Message]:
        """Yield what `data` means; a paste when it is complete."""
        if not data:
            yield from super().feed(data)
        interview = self._interview()
        if interview is not None and self._pasted is None:
            data = interview.take(data)
        yield from self._read(data)

    def tick(self) -> Iterable[Message]:
        """Yield what the time that has passed means."""
        if (interview := self._interview()) is not None:
            yield from self._read(interview.let_go())
        yield from super().tick()

    def _read(self, data: str) -> Iterable[Message]:
        while data:
            data = yield from self._typed(data) if self._pasted is None else self._paste(data)

    def _typed(self, data: str) -> Generator[Message, None, str]:
        """Hand on what comes before a paste; return what comes after its mark."""
        before = len(self._tail)
        seen = self._tail + data
        at = seen.find(_START)
        if at < 0:
            self._tail = seen[-_LONGEST:]
            yield from super().feed(data)
            return ""
        stop = at + len(_START) - before
        yield from super().feed(data[:stop])
        self._pasted, self._tail = [], ""
        return data[stop:]

    def _paste(self, data: str) -> Generator[Message, None, str]:
        """Keep what is pasted until its end; return what comes after that."""
        assert self._pasted is not None  # noqa: S101 - for the type checker
        seen = self._tail + data
        at = seen.find(_END)
        if at < 0:
            keep = max(0, len(seen) - _LONGEST)
            self._pasted.append(seen[:keep])
            self._tail = seen[keep:]
            return ""
        text = clean_input("".join((*self._pasted, seen[:at])))
        self._pasted, self._tail = None, ""
        yield from super().feed(text + _END)
        return seen[at + len(_END) :]
