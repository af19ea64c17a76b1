"""Where no picture file can be chosen: why, and what to do instead."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Static

from backend.language import _
from backend.text import clean_line
from tui.actions import key
from tui.screens.dialog import Dialog
from tui.widgets.key_note import KeyNote


class NoFileScreen(Dialog[None]):
    """Stands where the file browser would, so that a path typed without looking gets into no field."""

    def __init__(self, why: str, *, is_sandbox: bool) -> None:
        super().__init__(_("No picture file here"), is_sandbox=is_sandbox)
        self._why = why

    def compose_box(self) -> ComposeResult:
        yield Static(clean_line(self._why), markup=False)
        yield Static("", markup=False)
        yield KeyNote((key("close"), _("close")))
