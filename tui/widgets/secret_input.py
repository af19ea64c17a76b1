"""One line for a secret, never shown; a reference to one is, for it is none."""

from __future__ import annotations

from textual.widgets import Input

from backend.secrets import SecretRef
from tui.widgets.field_inputs import FieldInput


class SecretInput(FieldInput):
    """Takes a secret, or ``env:NAME`` and the like."""

    def __init__(self, *, placeholder: str) -> None:
        super().__init__("", placeholder=placeholder)
        self.password = True

    def on_input_changed(self, event: Input.Changed) -> None:
        self.password = SecretRef.parse(event.value).kind == "literal"

    def action_copy(self) -> None:
        if not self.password:
            super().action_copy()

    def action_cut(self) -> None:
        if self.password:
            self.delete_selection()
        else:
            super().action_cut()
