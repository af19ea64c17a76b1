"""Shown when reeltop cannot open what it needs."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from backend.language import _
from backend.text import clean_block
from tui.actions import also, key
from tui.detail import Row, Section
from tui.widgets.header_bar import HeaderBar
from tui.widgets.section_view import SectionView
from tui.widgets.status_bar import StatusBar


class FailedScreen(Screen[None]):
    """The error in its own words, and the way out."""

    CSS = "FailedScreen SectionView { height: 1fr; padding: 1 2; }"
    BINDINGS: ClassVar[list[BindingType]] = [also(each, "app.leave") for each in ("quit", "close", "open")]

    def __init__(self, heading: str, words: str, note: str) -> None:
        super().__init__()
        self._sections = (
            Section(heading, (Row("", clean_block(words), "bad"),)),
            Section("", (Row("", ""), Row("", note))),
        )

    def compose(self) -> ComposeResult:
        yield HeaderBar()
        yield SectionView(self._sections)
        yield StatusBar(last=[(key("quit"), _("quit"))])
