"""What a program of the user's prints, while it runs and after."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.timer import Timer
from textual.widgets import Static, TextArea
from textual.worker import Worker

from backend.language import _
from backend.own_commands import SECONDS
from backend.programs import Program
from backend.text import clean_block
from tui.action import Scope
from tui.actions import bindings, key
from tui.screens.dialog import Dialog

_LOOK_SECONDS = 0.5


class OutputScreen(Dialog[None]):
    """Runs a program while it is open; closing it ends the program."""

    DEFAULT_CSS = """
    OutputScreen TextArea { height: 1fr; background: $surface; scrollbar-size-vertical: 1; }
    OutputScreen #state { height: auto; color: $text-muted; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings(Scope.LIST)

    def __init__(self, heading: str, program: Program, data: bytes) -> None:
        super().__init__(heading)
        self._program = program
        self._data = data
        self._work: Worker[None] | None = None
        self._looking: Timer | None = None
        self.add_class("-tall")

    def compose_box(self) -> ComposeResult:
        area = TextArea("", read_only=True, show_line_numbers=False, soft_wrap=True, compact=True)
        area.cursor_blink = False
        yield area
        words = _("running · {key} stops it").format(key=key("close"))
        yield Static(words, id="state", markup=False)

    def on_mount(self) -> None:
        self.query_one(TextArea).focus()
        self._looking = self.set_interval(_LOOK_SECONDS, self._look)
        self._work = self.run_worker(self._run(), group="program", exit_on_error=False)

    async def _run(self) -> None:
        from tui.own_commands import ended, reason

        try:
            code = await self._program.run(self._data)
        except TimeoutError:
            words = _("it took more than {minutes:.0f} minutes and was ended")
            self._end(words.format(minutes=SECONDS / 60))
        except (OSError, ValueError) as error:
            self._end(reason(error))
        else:
            self._end(ended(self._heading, code) if code else _("done"))

    def _look(self) -> None:
        area, printed = self.query_one(TextArea), clean_block(self._program.output)
        if printed != area.text:
            is_at_end = area.cursor_at_end_of_text
            area.load_text(printed)
            if is_at_end:
                area.move_cursor(area.document.end)

    def _end(self, words: str) -> None:
        self._work = None
        if not self.is_attached:
            return
        if self._looking is not None:
            self._looking.stop()
        self._look()
        if self._program.left_out:
            more = _("{count} more bytes are not shown").format(count=f"{self._program.left_out:,}")
            words = f"{words} · {more}"
        closing = _("{key}: {word}").format(key=key("close"), word=_("close"))
        self.query_one("#state", Static).update(f"{words} · {closing}")

    def action_cancel(self) -> None:
        """Stop the program; if it has ended, close."""
        if self._work is None:
            self.dismiss(None)
            return
        self._work.cancel()
        self._end(_("stopped"))
