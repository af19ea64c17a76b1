"""The filter language in examples."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from backend.language import _
from backend.query_completion import help_rows
from tui.action import Scope
from tui.actions import bindings, key
from tui.detail import Row, Section
from tui.screens.dialog import Dialog
from tui.widgets.section_view import SectionView


class FilterHelp(Dialog[None]):
    """Made from the same table as the language itself."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Scope.LIST)
    DEFAULT_CSS = "FilterHelp SectionView { height: 1fr; background: $surface; }"

    def __init__(self) -> None:
        words = _("What a filter can say · {find} finds · {key} closes")
        super().__init__(words.format(key=key("close"), find=key("find")))
        self.add_class("-tall")

    def compose_box(self) -> ComposeResult:
        rows = tuple(
            row
            for example, meaning in help_rows()
            for row in (Row("", example, "strong"), Row("", f"  {meaning}"))
        )
        yield SectionView([Section("", rows)])

    def on_mount(self) -> None:
        self.query_one(SectionView).focus()
