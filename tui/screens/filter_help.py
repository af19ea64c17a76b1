"""The filter language in examples."""

from __future__ import annotations

from textual.app import ComposeResult

from backend.language import _
from backend.query_completion import help_rows
from tui.detail import Row, Section
from tui.screens.dialog import Dialog
from tui.widgets.section_view import SectionView


class FilterHelp(Dialog[None]):
    """Made from the same table as the language itself."""

    DEFAULT_CSS = "FilterHelp SectionView { height: 1fr; background: $surface; }"

    def __init__(self) -> None:
        super().__init__(_("What a filter can say · esc closes"))
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
