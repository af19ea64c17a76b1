"""All that can be done, and what the symbols mean."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.events import Resize

from backend.models import Status
from tui.actions import Group, by_group
from tui.detail import Row, Section
from tui.formatters import MEANINGS, STYLES, status_mark
from tui.screens.dialog import Dialog
from tui.widgets.section_view import SectionView

_WIDE = 110


def help_sections() -> list[Section]:
    """Return every action by group, and every status."""
    sections = [
        Section(
            group.value,
            tuple(Row(action.shown_keys, f"{action.title}. {action.help}") for action in actions),
        )
        for group, actions in by_group()
    ]
    legend = tuple(Row(status_mark(status), MEANINGS[status], STYLES[status]) for status in Status)
    return [*sections, Section("Statuses", legend)]


class HelpScreen(Dialog[None]):
    """Help in one column, or in two if there is room."""

    def __init__(self, *, is_sandbox: bool = False) -> None:
        super().__init__("Help · ^ is ctrl · esc closes", is_sandbox=is_sandbox)
        self.add_class("-tall")

    def compose_box(self) -> ComposeResult:
        with Horizontal(id="columns"):
            yield SectionView(id="first")
            yield SectionView(id="second")

    def on_mount(self) -> None:
        self.query_one("#first").focus()

    def on_resize(self, event: Resize) -> None:
        sections = help_sections()
        split = list(Group).index(Group.PROGRAM) if event.size.width >= _WIDE else len(sections)
        self.query_one("#first", SectionView).show_sections(sections[:split])
        self.query_one("#second", SectionView).show_sections(sections[split:])
