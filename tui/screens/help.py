"""All that can be done, and what the symbols mean."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.events import Resize

from backend.language import _
from backend.models import Status
from tui.action import Group, Scope
from tui.actions import bindings, by_group, key
from tui.detail import Row, Section
from tui.formatters import MEANINGS, STYLES, status_mark
from tui.screens.dialog import Dialog
from tui.widgets.section_view import SectionView

_WIDE = 110
_IN_FIRST_COLUMN = 2
"""Sections in the first of two columns."""

_TASKS = (Group.TASKS, Group.FIND, Group.MANY, Group.OWN, Group.VIEW)
_ORDER = (*_TASKS, Group.PROGRAM, Group.BOXES, Group.BUILDER, Group.ACCOUNTS)
_IN_BUILDER = (Group.BUILDER, Group.PROGRAM, Group.BOXES, *_TASKS, Group.ACCOUNTS)


def help_sections(*, in_builder: bool = False) -> list[Section]:
    """Return every action by group, and every status; first what can be done here."""
    sections = {
        group: Section(
            _(group.value),
            tuple(
                Row(
                    action.shown_keys, _("{title}. {help}").format(title=_(action.title), help=_(action.help))
                )
                for action in actions
            ),
        )
        for group, actions in by_group()
    }
    legend = tuple(Row(status_mark(status), _(MEANINGS[status]), STYLES[status]) for status in Status)
    statuses = Section(_("Statuses"), legend)
    ordered = [sections[group] for group in (_IN_BUILDER if in_builder else _ORDER) if sections[group].rows]
    place = len(ordered) if in_builder else ordered.index(sections[Group.PROGRAM]) + 1
    return [*ordered[:place], statuses, *ordered[place:]]


class HelpScreen(Dialog[None]):
    """Help in one column, or in two if there is room."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Scope.LIST)

    def __init__(self, *, in_builder: bool = False) -> None:
        words = _("Help · ^ is ctrl · {find} finds · {key} closes")
        super().__init__(words.format(key=key("close"), find=key("find")))
        self._in_builder = in_builder
        self.add_class("-tall")

    def compose_box(self) -> ComposeResult:
        with Horizontal(id="columns"):
            yield SectionView(id="first")
            yield SectionView(id="second")

    def on_mount(self) -> None:
        self.query_one("#first").focus()

    def on_resize(self, event: Resize) -> None:
        sections = help_sections(in_builder=self._in_builder)
        split = _IN_FIRST_COLUMN if event.size.width >= _WIDE else len(sections)
        self.query_one("#first", SectionView).show_sections(sections[:split])
        self.query_one("#second", SectionView).show_sections(sections[split:])
