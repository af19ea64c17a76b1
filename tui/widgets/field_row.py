"""One line of a form: label, control, and under it what is wrong or doubtful."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events, on
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from backend.errors import Issue
from backend.language import _
from backend.text import clean_line
from tui.widgets.field_choices import Choice
from tui.widgets.field_chooser import Chooser
from tui.widgets.field_inputs import FieldArea, FieldInput

LABEL_WIDTH = 20

Control = Chooser | FieldInput | FieldArea


def marked(issue: Issue, *, warning: bool = False) -> Content:
    """Return an issue as a line: its sign, its message, its source."""
    message = clean_line(issue.message)
    sign, style = ("!", "$text-warning") if warning else ("✗", "$text-error")
    source = clean_line(_(issue.source))
    return Content.assemble((f"{sign} {message}", style), (f"  {source}" if source else "", "$text-muted"))


class FieldRow(Widget):
    """A label is drawn by the row itself, so that a field is two widgets."""

    @dataclass
    class Edited(Message):
        """A field's text changed."""

        row: FieldRow
        text: str

        @property
        def control(self) -> FieldRow:
            return self.row

    def __init__(
        self,
        field_name: str,
        label: str,
        control: Control,
        *,
        help: str = "",
        required: bool = False,
        limit: int | None = None,
        standing: str = "",
    ) -> None:
        """`limit` is the number of characters to count against, in a text of several lines; `standing` is
        always told below."""
        super().__init__()
        self.field_name = field_name
        self.label = clean_line(label)
        self.field = control
        self.idle = ""
        """Why the field is of no use now; empty if it is of some."""
        self._help = clean_line(help)
        self.required = required
        self.limit = limit
        self._standing = clean_line(standing)
        self.visited = False
        """Whether the user has been here: an empty field is not called wrong before."""
        self._inside = False
        self._text = control.text
        self._issues: tuple[Issue, ...] = ()
        self._warnings: tuple[Issue, ...] = ()
        self._note: Static | None = None

    @property
    def help_line(self) -> str:
        """The line under the form while the field has the focus."""
        return " · ".join(filter(None, (clean_line(self.idle), self._help)))

    @help_line.setter
    def help_line(self, words: str) -> None:
        self._help = words

    @property
    def text(self) -> str:
        return self._text

    def compose(self) -> ComposeResult:
        yield self.field

    def render(self) -> Content:
        width = LABEL_WIDTH - 3
        required = " *" if self.required else ""
        label = Content(self.label).truncate(width - len(required), ellipsis=True)
        state = "bold $foreground" if self._inside else "$text-error" if self._shows_issue else "$text-muted"
        lines = [
            Content.assemble(("› " if self._inside else "  ", "$accent"), label.stylize(state), required)
        ]
        if self.limit is not None and self._text:
            over = len(self._text) > self.limit
            count = f"{'! ' if over else '  '}{len(self._text)}/{self.limit}"
            lines.append(Content.styled(count, "$text-error" if over else "$text-muted"))
        return Content("\n").join(lines)

    def on_mount(self) -> None:
        if self.limit is not None:
            self._count()
        if self._standing:
            self._draw()

    def _count(self) -> None:
        self.set_class(bool(self._text), "-counted")
        self.refresh()

    def offer(self, choices: Sequence[Choice], value: str) -> None:
        """Replace the choices; nobody is told of it."""
        if isinstance(self.field, Chooser):
            self.field.offer(choices, value)
            self._text = value

    def show(self, issues: Sequence[Issue], warnings: Sequence[Issue]) -> None:
        """Show what a check found here."""
        if (tuple(issues), tuple(warnings)) != (self._issues, self._warnings):
            self._issues, self._warnings = tuple(issues), tuple(warnings)
            self._draw()

    @property
    def has_issue(self) -> bool:
        return bool(self._issues)

    def reveal(self) -> None:
        """Show issues even if the user has not been here."""
        self.visited = True
        self._draw()

    @property
    def _shows_issue(self) -> bool:
        return bool(self._issues) and (self.visited or bool(self._text))

    def _draw(self) -> None:
        shown = [Content.styled(self._standing, "$text-muted")] if self._standing else []
        shown += [marked(issue) for issue in self._issues] if self._shows_issue else []
        shown += [marked(issue, warning=True) for issue in self._warnings]
        if shown and self._note is None:
            self._note = Static(classes="note")
            self.mount(self._note)
        if self._note is not None:
            self._note.display = bool(shown)
            self._note.update(Content("\n").join(shown))
        self.refresh()

    def on_descendant_focus(self) -> None:
        self._inside = True
        self.refresh()

    def on_descendant_blur(self) -> None:
        self._inside = False
        if self.screen.is_current:
            self.visited = True
        self._draw()

    @on(Input.Changed)
    @on(TextArea.Changed)
    @on(Chooser.Changed)
    def _control_changed(self, event: Message) -> None:
        event.stop()
        if self.field.text == self._text:
            return
        self._text = self.field.text
        if self.limit is not None:
            self._count()
        self.post_message(self.Edited(self, self._text))

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:
            self.field.focus()
