"""A choice in one line: ``◂ value ▸``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from backend.language import _
from backend.text import clean_line
from tui.screens.builder_choices import ChoiceScreen
from tui.widgets.field_choices import Choice, TypeAhead


class Chooser(Widget, can_focus=True):
    """Steps through choices with the arrows, jumps by typing, lists them all on enter."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "step(-1)", "Previous", show=False),
        Binding("right,space", "step(1)", "Next", show=False),
        Binding("home", "jump(0)", "First", show=False),
        Binding("end", "jump(-1)", "Last", show=False),
        Binding("enter", "pick", "All choices", show=False),
        Binding("backspace,delete", "unset", "Not set", show=False),
    ]

    value: reactive[str] = reactive("", init=False)

    @dataclass
    class Changed(Message):
        """Another choice was taken."""

        chooser: Chooser
        value: str

        @property
        def control(self) -> Chooser:
            return self.chooser

    def __init__(
        self, choices: Sequence[Choice], *, value: str = "", title: str = "", unset: str | None = None
    ) -> None:
        """`unset` is what an empty value shows; None: a choice cannot be taken back."""
        super().__init__()
        self.choices = tuple(choices)
        self.title = title
        self.unset = unset
        self.set_reactive(Chooser.value, value)
        self._typing = TypeAhead()

    @property
    def text(self) -> str:
        return self.value

    @text.setter
    def text(self, text: str) -> None:
        self.value = text

    def offer(self, choices: Sequence[Choice], value: str) -> None:
        """Replace the choices without a message."""
        self.choices = tuple(choices)
        self.set_reactive(Chooser.value, value)
        self.refresh()

    def render(self) -> Content:
        chosen = next((choice for choice in self.choices if choice.value == self.value), None)
        if chosen is not None:
            shown, note = chosen.label, chosen.note
        else:
            shown, note = self.value or self.unset or _("none"), ""
        style = "$foreground" if self.value else "$text-muted"
        if self.has_focus:
            style = "bold $block-cursor-foreground on $block-cursor-background"
        arrow = "$accent" if len(self.choices) > (0 if self.unset is not None else 1) else "$text-muted"
        return Content.assemble(
            ("◂", arrow),
            (f" {clean_line(shown)} ", style),
            ("▸", arrow),
            (f"  {clean_line(note)}" if note else "", "$text-muted"),
        )

    def watch_value(self, value: str) -> None:
        self.post_message(self.Changed(self, value))

    def action_step(self, by: int) -> None:
        values = self._values()
        if not values:
            return
        if self.value in values:
            self.value = values[(values.index(self.value) + by) % len(values)]
        else:
            self.value = values[0 if by > 0 else -1]

    def action_jump(self, index: int) -> None:
        if self.choices:
            self.value = self.choices[index].value

    def action_unset(self) -> None:
        if self.unset is not None:
            self.value = ""

    def action_pick(self) -> None:
        choices = self.choices
        if self.unset is not None:
            choices = (Choice("", self.unset), *choices)
        if choices:
            self.app.push_screen(ChoiceScreen(self.title, choices, self.value), self._take)

    def _take(self, value: str | None) -> None:
        if value is not None:
            self.value = value

    def on_key(self, event: events.Key) -> None:
        if event.is_printable and event.character not in (None, " "):
            event.stop()
            found = self._typing.find(self.choices, event.character, self.value)
            if found is not None:
                self.value = found.value

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            return
        if offset.x < 2:
            self.action_step(-1)
        elif offset.x <= self._arrow_at():
            (self.action_step(1) if offset.x >= self._arrow_at() - 1 else self.action_pick())

    def _arrow_at(self) -> int:
        plain = self.render().plain
        return Content(plain[: plain.index("▸")]).cell_length

    def _values(self) -> list[str]:
        values = [choice.value for choice in self.choices]
        return values if self.unset is None else ["", *values]
