"""Asks before anything that costs or ends something."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Button, Static

from backend.language import _
from tui.action import Scope
from tui.actions import bindings, key
from tui.screens.dialog import Dialog
from tui.wording import Question


class ConfirmScreen(Dialog[bool]):
    """Dismissed with True only by y, or by the button that says so; the other one has the focus."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Scope.LIST, Scope.QUESTION),
        Binding("left,up", "app.focus_previous", show=False),
        Binding("right,down", "app.focus_next", show=False),
    ]

    def __init__(self, question: Question, *, is_sandbox: bool | None = None) -> None:
        super().__init__(question.title, is_sandbox=is_sandbox)
        self._question = question

    def compose_box(self) -> ComposeResult:
        question = self._question
        for line in question.what:
            yield Static(line, classes="question--line", markup=False)
        if question.cost:
            yield Static(question.cost, classes="question--cost", markup=False)
        with Horizontal(id="buttons"):
            yield Button(f"{key('no')} {question.stay or _('Cancel')}", id="stay", compact=True)
            yield Button(f"{key('yes')} {question.go}", id="go", variant="warning", compact=True)

    def on_mount(self) -> None:
        self.query_one("#stay").focus()

    @on(Button.Pressed)
    def _press(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "go")

    def action_answer(self, yes: bool) -> None:
        """Answer with a key."""
        self.dismiss(yes)

    def action_cancel(self) -> None:
        self.dismiss(False)
