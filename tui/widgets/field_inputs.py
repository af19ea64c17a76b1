"""Text inputs that are safe to paste into: one line, and several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.suggester import SuggestFromList
from textual.widgets import Input, TextArea

from backend.language import _
from backend.text import clean_input, clean_line
from tui.actions import also
from tui.screens.builder_choices import ChoiceScreen
from tui.widgets.field_choices import Choice


class FieldInput(Input):
    """One line. With suggestions it completes them, and lists them on enter."""

    cursor_blink = False

    def __init__(
        self, text: str, *, placeholder: str, title: str = "", suggestions: Sequence[str] = ()
    ) -> None:
        super().__init__(
            clean_line(text),
            placeholder=placeholder,
            suggester=SuggestFromList(suggestions, case_sensitive=False) if suggestions else None,
            compact=True,
            select_on_focus=False,
        )
        self.cursor_blink = False
        self._title = title
        self._suggestions = tuple(suggestions)
        self._former: tuple[str, ...] = ()

    def suggest(self, former: Sequence[str]) -> None:
        """Complete these as well: what the field held before."""
        self._former = tuple(text for text in former if text not in self._suggestions)
        every = (*self._suggestions, *self._former)
        self.suggester = SuggestFromList(every, case_sensitive=False) if every else None

    @property
    def text(self) -> str:
        return self.value

    @text.setter
    def text(self, text: str) -> None:
        self.value = clean_line(text)

    async def action_submit(self) -> None:
        if self._suggestions:
            choices = [Choice(text, text) for text in self._suggestions]
            choices += [Choice(text, text, _("used before")) for text in self._former]
            self.app.push_screen(ChoiceScreen(self._title, choices, self.value), self._take)
        else:
            self.screen.focus_next()

    def _take(self, value: str | None) -> None:
        if value is not None:
            self.value = value
            self.cursor_position = len(value)

    def _on_paste(self, event: events.Paste) -> None:
        # Textual keeps only the first line of what was pasted.
        event.stop()
        event.prevent_default()
        self._put(event.text)

    def action_paste(self) -> None:
        self._put(self.app.clipboard)

    def _put(self, text: str) -> None:
        text = clean_line(text.strip())
        if self.selection.is_empty:
            self.insert_text_at_cursor(text)
        else:
            self.replace(text, *sorted(self.selection))


class FieldArea(TextArea):
    """Several lines. Up on the first and down on the last one leave it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        also("editor", "edit"),
        Binding("ctrl+home", "edge(True)", "To the start", show=False),
        Binding("ctrl+end", "edge(False)", "To the end", show=False),
    ]

    def __init__(self, text: str, *, placeholder: str, editor_suffix: str = ".txt") -> None:
        self._hint = Content(placeholder)
        super().__init__(clean_input(text), placeholder=self._hint, compact=True, highlight_cursor_line=False)
        self.cursor_blink = False
        self.editor_suffix = editor_suffix

    def on_mount(self) -> None:
        self.move_cursor(self.document.end)

    def on_resize(self) -> None:
        """A hint for one line ends there, and says that there is more."""
        if self.has_class("-small") and (width := self.content_size.width):
            self.placeholder = self._hint.truncate(width, ellipsis=True)

    def take(self, text: str) -> None:
        """Replace all of the text; undo brings it back."""
        self.replace(clean_input(text), (0, 0), self.document.end)
        self.move_cursor(self.document.end)

    def action_cursor_up(self, select: bool = False) -> None:
        if not select and self.navigator.is_first_wrapped_line(self.cursor_location):
            self.screen.focus_previous()
        else:
            super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:
        if not select and self.navigator.is_last_wrapped_line(self.cursor_location):
            self.screen.focus_next()
        else:
            super().action_cursor_down(select)

    def action_undo(self) -> None:
        before = self.text
        super().action_undo()
        if self.text == before:
            self.app.call_later(self.run_action, "screen.restore")

    def action_edge(self, start: bool) -> None:
        self.move_cursor((0, 0) if start else self.document.end)

    async def action_edit(self) -> None:
        await self.run_action("screen.edit")

    async def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        result = self.replace(clean_input(event.text), *self.selection)
        self.move_cursor(result.end_location)
