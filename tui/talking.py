"""What the app tells, and where: the user, the terminal, the clipboards."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from textual.notifications import Notification

from backend.display import Display
from backend.language import _
from backend.text import clean_line
from tui.actions import key
from tui.clipboard import Sent, sequences
from tui.messages import TerminalAnswered
from tui.terminal.display import TerminalApp
from tui.widgets.status_bar import StatusBar

if TYPE_CHECKING:
    from textual.notifications import SeverityLevel

    from backend.clipboard import Tool

_SAID_SECONDS = 6.0
_KINDS = {"information": "said", "warning": "warning", "error": "error"}


class TalkingApp(TerminalApp):
    """Says things in a box, or in the bottom line where bytes are dear."""

    def __init__(self, display: Display) -> None:
        super().__init__()
        self.display_settings = display
        self.set_class(display.lean, "-lean")
        self._said: Notification | None = None

    def say(self, words: str, severity: SeverityLevel = "information") -> None:
        """Answer a key with a short message. The answer before goes for it, unless that is an error."""
        if self._say_in_line(words, severity):
            return
        if self._said is not None and self._said.severity != "error":
            del self._notifications[self._said]
        self._said = Notification(clean_line(words), severity=severity, markup=False)
        self._notifications.add(self._said)  # not by a message: the next key may be faster
        self._refresh_notifications()

    def notify(self, message: str, *, severity: SeverityLevel = "information", **options: Any) -> None:
        """Tell something that nobody asked for."""
        if not self._say_in_line(message, severity):
            super().notify(message, severity=severity, **options)

    def _say_in_line(self, words: str, severity: SeverityLevel) -> bool:
        """Say it where it costs one line, if bytes are dear; False if it must be a box."""
        if not self.display_settings.lean:
            return False
        for screen in reversed(self.screen_stack):
            for bar in screen.query(StatusBar):
                bar.say(clean_line(words), _KINDS[severity], _SAID_SECONDS)
                return True
            if not screen.is_modal:
                break
        return False

    def send_to_clipboard(self, name: str, text: str, by_hand: str = "") -> bool:
        """Hand a text to every clipboard within reach and say so; False if there is none for one so long.

        `by_hand` are the keys that show it as plain text.
        """
        from backend.clipboard import clipboard_tools

        sequence = sequences(text, in_tmux="TMUX" in os.environ)
        tools = clipboard_tools(os.environ)
        if not sequence and not tools:
            return False
        self._clipboard = text
        self.write_to_terminal(sequence)
        keys = by_hand or _("{copy}, then {text}").format(copy=key("copy"), text=key("as_text"))
        sent = Sent(name, keys, to_terminal=bool(sequence))
        if tools:
            self.run_worker(self._give_to(tools, text, sent), group="clipboard")
        else:
            self.say(sent.words())
        return True

    async def _give_to(self, tools: Sequence[Tool], text: str, sent: Sent) -> None:
        from backend.clipboard import give

        for tool in tools:
            took = await asyncio.to_thread(give, tool, text)
            (sent.took if took else sent.refused).append(tool[0])
        self.say(sent.words(), "information" if sent.to_terminal or sent.took else "warning")

    def write_to_terminal(self, sequence: str) -> None:
        """Hand the terminal an escape sequence that moves nothing on the screen."""
        if sequence and self._driver is not None:
            self._driver.write(sequence)

    def copy_to_clipboard(self, text: str) -> None:
        if not self.send_to_clipboard(_("Selection"), text):
            self.say(_("Too long for a terminal's clipboard"), "warning")

    def ask_terminal(self) -> None:
        """Ask where the cursor is: the answer, TerminalAnswered, comes after all that was written before."""
        self.write_to_terminal("\x1b[6n")

    def on_cursor_position(self) -> None:
        self.screen.post_message(TerminalAnswered())
