"""All choices of a field, in a list over the form."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events, on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from backend.language import _
from backend.text import clean_line
from tui.screens.dialog import Dialog
from tui.widgets.field_choices import Choice, TypeAhead


class ChoiceScreen(Dialog[str | None]):
    """Returns the chosen value, or None if nothing was chosen."""

    def __init__(self, heading: str, choices: Sequence[Choice], current: str) -> None:
        super().__init__(clean_line(heading))
        self._choices = tuple(choices)
        self._current = current
        self._typing = TypeAhead()

    def compose_box(self) -> ComposeResult:
        widest = max(Content(clean_line(choice.label)).cell_length for choice in self._choices)
        yield OptionList(*(self._option(choice, widest) for choice in self._choices))
        yield Static(_("enter: take it · letters: jump · esc: close"), classes="note", markup=False)

    def on_mount(self) -> None:
        values = [choice.value for choice in self._choices]
        options = self.query_one(OptionList)
        options.highlighted = values.index(self._current) if self._current in values else 0
        options.focus()

    def on_key(self, event: events.Key) -> None:
        if event.is_printable and event.character is not None:
            event.stop()
            options = self.query_one(OptionList)
            current = self._choices[options.highlighted or 0].value
            found = self._typing.find(self._choices, event.character, current)
            if found is not None:
                options.highlighted = self._choices.index(found)

    @on(OptionList.OptionSelected)
    def _take(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._choices[event.option_index].value)

    def _option(self, choice: Choice, widest: int) -> Option:
        mark = "•" if choice.value == self._current else " "
        label = Content(clean_line(choice.label))
        gap = " " * (widest - label.cell_length + 2)
        return Option(Content.assemble(f"{mark} ", label, gap, (clean_line(choice.note), "$text-muted")))
