"""What is typed, handed on one key at a time, and kept until there is something to hand it to.

Textual gives a key to what has the focus just then, and takes the next before the first has had its effect:
of ``/d`` that comes in one piece, as over a slow line, the ``d`` would be obeyed rather than written.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from textual.events import Key, Paste
from textual.message import Message

from tui.actions import BY_ID

if TYPE_CHECKING:
    from textual.app import App
    from textual.widget import Widget

_AT_ONCE = ("help", "palette", "redraw", "suspend", "quit")
"""Actions that need no tasks."""
_WAYS_OUT = ("suspend", "quit")
_PATIENCE = 0.5
"""Seconds after which a key is given up whose effect nobody tells of."""


@dataclass
class KeyTaken(Message):
    """Follows a key on its way: where this comes, the key has been before."""

    number: int
    sent_to: Widget | None = None
    """None: after the key itself."""
    again: bool = False


class TypeAhead:
    """Of one app. Holds everything until told to let go."""

    def __init__(self, app: App[None], hand_on: Callable[[Key | Paste], Awaitable[None]]) -> None:
        self._app = app
        self._hand_on = hand_on
        self._waiting: deque[Key | Paste] = deque()
        self._holds = True
        self._number = 0
        self._is_busy = False
        self._giving_up: asyncio.TimerHandle | None = None

    def hold(self) -> None:
        """Keep what is typed on the first screen from now on."""
        self._holds = True

    def let_go(self) -> None:
        """Hand on what was kept, and what follows."""
        self._holds = False
        self._app.call_later(self._go_on)

    def forget(self) -> None:
        """Drop what was kept: it was meant for something that never came."""
        self._waiting.clear()

    async def take(self, event: Key | Paste) -> None:
        """Hand an event on, now or when its turn comes."""
        if self._may_pass(event):
            await self._hand(event)
            return
        self._waiting.append(event)
        if self._is_busy:
            self._give_up_later()

    async def taken(self, message: KeyTaken) -> None:
        """Go on after a key has had its effect."""
        if message.number != self._number or not self._is_busy or not self._app.screen_stack:
            return
        target = self._target
        if message.again and message.sent_to is target:
            await self._free()
        else:  # what the key has begun, such as opening a screen, may still be on its way
            self._follow(target, KeyTaken(self._number, target, again=message.sent_to is target))

    def _give_up_later(self) -> None:
        if self._giving_up is None:
            loop, give_up = asyncio.get_running_loop(), partial(self._give_up, self._number)
            self._giving_up = loop.call_later(_PATIENCE, lambda: self._app.call_later(give_up))

    async def _give_up(self, number: int) -> None:
        self._giving_up = None
        if self._is_busy and number == self._number:
            await self._free()
        elif self._is_busy and self._waiting:
            self._give_up_later()

    async def _free(self) -> None:
        self._is_busy = False
        await self._go_on()

    async def _go_on(self) -> None:
        while self._waiting and not self._is_busy and not self._is_held:
            await self._hand(self._waiting.popleft())

    async def _hand(self, event: Key | Paste) -> None:
        target = self._target
        is_written = isinstance(event, Paste) or target.check_consume_key(event.key, event.character)
        self._number += 1
        self._is_busy = not is_written
        await self._hand_on(event)
        if self._is_busy:
            self._follow(target, KeyTaken(self._number))
            if self._waiting:
                self._give_up_later()

    def _follow(self, target: Widget, message: KeyTaken) -> None:
        if not target.post_message(message):
            self._app.post_message(KeyTaken(self._number, message.sent_to, message.again))

    @property
    def _target(self) -> Widget:
        return self._app.focused or self._app.screen

    @property
    def _is_held(self) -> bool:
        return self._holds and len(self._app.screen_stack) == 1

    def _may_pass(self, event: Key | Paste) -> bool:
        if not self._is_held:
            return not (self._is_busy or self._waiting)
        if isinstance(event, Paste):
            return False
        names = _AT_ONCE if not self._waiting else () if event.is_printable else _WAYS_OUT
        return any(event.key in BY_ID[name].keys.split(",") for name in names)
