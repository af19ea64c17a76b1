"""A box over whatever is below, closed with escape."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.types import CSSPathType

from backend.language import _
from tui.action import Scope
from tui.actions import also, bindings
from tui.widgets.header_bar import SANDBOX

Result = TypeVar("Result")


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
            box.border_title = self._heading
            is_sandbox = self._is_sandbox
            if is_sandbox is None:
                is_sandbox = getattr(self.app, "is_sandbox", False)
            box.border_subtitle = _(SANDBOX) if is_sandbox else ""
            yield from self.compose_box()

    def compose_box(self) -> ComposeResult:
        """Yield what is in the box."""
        yield from ()

    def action_cancel(self) -> None:
        """Close without a result."""
        self.dismiss(None)
