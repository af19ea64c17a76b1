"""A box over whatever is below, closed with escape."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.events import Resize
from textual.markup import escape
from textual.screen import ModalScreen
from textual.types import CSSPathType

from backend.language import _
from tui.action import Scope
from tui.actions import also, bindings
from tui.widgets.header_bar import SANDBOX

Result = TypeVar("Result")


_LONGEST_LIST = 16
"""Rows of a list in a box that is as high as its contents."""


class Dialog(ModalScreen[Result]):
    """Base of all boxes. Says so in its frame if nothing here costs money."""

    CSS_PATH: ClassVar[CSSPathType | None] = "dialog.tcss"

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.BOX), also("jump", "app.jump")]

    def __init__(self, heading: str, *, is_sandbox: bool | None = None) -> None:
        """`is_sandbox` is for the box to say; None: as the whole app is."""
        super().__init__()
        self._heading = heading
        self._is_sandbox = is_sandbox

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = escape(self._heading)
            is_sandbox = self._is_sandbox
            if is_sandbox is None:
                is_sandbox = getattr(self.app, "is_sandbox", False)
            box.border_subtitle = _(SANDBOX) if is_sandbox else ""
            yield from self.compose_box()

    def compose_box(self) -> ComposeResult:
        """Yield what is in the box."""
        yield from ()

    @on(Resize)
    def _make_room(self) -> None:
        """Keep the keys below a list in sight, however low the terminal is."""
        if self.query(".listing"):
            self.call_after_refresh(self._fit_list)

    def _fit_list(self) -> None:
        box, listing = self.query_one("#box"), self.query_one(".listing")
        others = sum(child.outer_size.height for child in box.children if child is not listing)
        room = self.size.height * 9 // 10 - box.gutter.height - others - listing.styles.margin.height
        listing.styles.max_height = max(3, min(_LONGEST_LIST, room))

    def action_cancel(self) -> None:
        """Close without a result."""
        self.dismiss(None)
