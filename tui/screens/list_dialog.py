"""Boxes with a list in which one moves while something is typed above it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar, TypeVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widgets import Input

from backend.language import _
from tui.screens.dialog import Dialog
from tui.widgets.field_inputs import FieldInput
from tui.widgets.line_table import LineTable

Result = TypeVar("Result")


class LineInput(FieldInput):
    """Enter says that it is done, instead of going to the next field."""

    async def action_submit(self) -> None:
        self.post_message(self.Submitted(self, self.value))


class ListDialog(Dialog[Result]):
    """A box with a line to type in, which keeps the focus, and a list."""

    DEFAULT_CLASSES = "-tall"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "step(-1)", show=False),
        Binding("down", "step(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
    ]

    @property
    def table(self) -> LineTable:
        """The list."""
        return self.query_one(LineTable)

    def on_mount(self) -> None:
        self.table.can_focus = False
        self.query_one(Input).focus()

    def action_step(self, rows: int) -> None:
        """Move the cursor while words are typed."""
        self.table.action_step(rows)

    def action_page(self, pages: int) -> None:
        """Move the cursor by pages while words are typed."""
        self.table.action_page(pages)


class FindDialog(ListDialog[Result]):
    """What holds all words that are typed is listed."""

    @property
    @abstractmethod
    def searched(self) -> Mapping[str, str]:
        """What the words are looked for in, folded, by the key of the row."""

    @on(Input.Changed)
    def find(self) -> None:
        """List what is found."""
        words = self.query_one(LineInput).text.casefold().split()
        self.table.empty_text = _("none")
        self.table.set_keys(
            [key for key, text in self.searched.items() if all(word in text for word in words)]
        )
