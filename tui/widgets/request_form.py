"""The form of a request model."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widget import Widget

from backend.errors import Issue
from backend.language import _
from backend.pictures import local_files, local_path
from backend.providers.fields import FieldSpec, FormModel, Group, Kind, RequestModel, Role, field_specs
from backend.providers.idle import Idle
from backend.providers.values import is_local_path
from backend.text import clean_line
from tui.formatters import within
from tui.widgets.field_group import FieldGroup, GroupTitle
from tui.widgets.field_inputs import FieldArea
from tui.widgets.field_row import FieldRow
from tui.widgets.field_words import FormField, form_fields, harmless, with_unit
from tui.widgets.idle_note import IdleNote
from tui.widgets.sent_pictures import SentPicture

ROOMY = 36
"""Rows of form from which nothing is folded at first."""


class RequestForm(VerticalScroll, can_focus=False, inherit_bindings=False):
    """Fields by group. Keeps the texts; the widgets only show them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "screen.focus_previous", "Previous field", show=False),
        Binding("down", "screen.focus_next", "Next field", show=False),
        Binding("pageup", "group(-1)", "Previous group", show=False),
        Binding("pagedown", "group(1)", "Next group", show=False),
    ]

    @dataclass
    class Edited(Message):
        """A field's text changed."""

        name: str

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.fields: tuple[FormField, ...] = ()
        self._specs: Sequence[FieldSpec] = ()
        self._texts: dict[str, str] = {}
        self._groups: list[FieldGroup] = []
        self._idle: Sequence[Idle] = ()
        self._shows_idle = self._is_told_shown = False
        self._left_out: Mapping[str, Idle] = {}
        self._here = ""
        """The field that has the focus, or had it when the terminal lost its own."""
        self._wanted = ""
        """The field that something is about to be put into."""
        self._note = IdleNote()

    @property
    def texts(self) -> Mapping[str, str]:
        """What is typed, by field name; fields left empty are not there."""
        return self._texts

    async def load(
        self,
        model: type[FormModel],
        texts: Mapping[str, str],
        issues: Sequence[Issue] = (),
        idle: Sequence[Idle] = (),
    ) -> None:
        """Show the fields of `model`, filled with `texts`; groups where something is missing are open.

        What is `idle` is left out where it is empty.
        """
        self.fields, self._specs = form_fields(model), field_specs(model)
        # What is shown is what is sent, so what cannot be shown is taken out here.
        clean = {field.name: harmless(field.spec, texts.get(field.name, "")) for field in self.fields}
        self._texts = {name: text for name, text in clean.items() if text}
        wanted = self._by_field(issues)[0]
        self._idle, self._here, self._wanted = idle, "", ""
        groups = []
        for name in Group:
            fields = [field for field in self.fields if field.spec.group is name]
            if fields:
                folded = name is not Group.BASICS and self._starts_folded(fields, wanted)
                group = FieldGroup(name, fields, folded=folded)
                group.fill(self._texts)
                group.leave_out(idle, (), shows_idle=self._shows_idle)
                groups.append(group)
        with self.app.batch_update():
            await self.remove_children()
            self._groups = groups
            self._left_out = {}
            self._note = IdleNote()
            await self.mount_all([*groups, self._note])
            self._tell_idle()
        self.scroll_home(animate=False)

    def _starts_folded(self, fields: Sequence[FormField], wanted: Container[str]) -> bool:
        needed = any(field.name in wanted or self._texts.get(field.name) for field in fields)
        return not needed and self.size.height < ROOMY

    def show(
        self, issues: Sequence[Issue], warnings: Sequence[Issue], idle: Sequence[Idle] = ()
    ) -> list[Issue]:
        """Show what a check found, each at its field, and leave out what is idle and empty.

        Returns the issues that belong to no field.
        """
        wrong, homeless = self._by_field(issues)
        doubtful = self._by_field(warnings)[0]
        self._idle = idle
        with self.app.batch_update():
            for group in self._groups:
                group.show(wrong, doubtful)
            self._leave_out()
        return homeless

    def turn_idle(self) -> bool:
        """Show what is of no use now, too, or leave it out again. Returns whether there is any of it."""
        self._shows_idle = not self._shows_idle
        with self.app.batch_update():
            self._leave_out()
        return bool(self._left_out or any(idle.choices for idle in self._idle))

    def _leave_out(self) -> None:
        """Fields come and go, and the one that has the focus stays where it can be seen."""
        focused = self.screen.focused
        row = _row_around(focused)
        if focused is not None:
            self._here = row.field_name if row is not None else ""
        for group in self._groups:
            group.leave_out(self._idle, (self._here, self._wanted), shows_idle=self._shows_idle)
        if self._tell_idle() and row is not None and row in self.query(FieldRow):
            self.call_after_refresh(self.scroll_to_widget, row, animate=False)

    def _tell_idle(self) -> bool:
        """Tell what is left out, or would be. Returns whether that has changed."""
        before = self._left_out, self._is_told_shown
        idle = {name: found for group in self._groups for name, found in group.idle.items()}
        self._left_out, self._is_told_shown = idle, self._shows_idle
        if before == (idle, self._shows_idle):
            return False
        self._note.tell(idle, self._specs, is_shown=self._shows_idle)
        return True

    def titles(self, issues: Sequence[Issue]) -> list[str]:
        """Return the titles of the fields where `issues` stand, in form order."""
        found = self._by_field(issues)[0]
        return list(dict.fromkeys(_(field.spec.title) for field in self.fields if field.name in found))

    def _by_field(self, issues: Sequence[Issue]) -> tuple[dict[str, list[Issue]], list[Issue]]:
        found: dict[str, list[Issue]] = {}
        homeless = []
        for issue in issues:
            home = self._home(issue.field)
            if home is None:
                homeless.append(issue)
            else:
                found.setdefault(home, []).append(issue)
        return found, homeless

    def _home(self, path: str) -> str | None:
        """Return the field for an issue's path: itself, the list it lies in, or the first of an object."""
        names = [field.name for field in self.fields]
        inside = [name for name in names if path == name or path.startswith(f"{name}.")]
        if inside:
            return max(inside, key=len)
        return next((name for name in names if path and name.startswith(f"{path}.")), None)

    async def focus_first_bad(self) -> None:
        """Show every issue and go to the first field that has one."""
        bad = [(group, field) for group in self._groups if (field := group.first_bad()) is not None]
        for group, _field in bad:
            await group.unfold()
            for row in group.rows.values():
                if row.has_issue:
                    row.reveal()
        if bad:
            group, field = bad[0]
            group.rows[field.name].field.focus()

    def suggest(self, former: Mapping[str, Sequence[str]]) -> None:
        """Complete in fields of one line what they held before, by field name."""
        for group in self._groups:
            group.suggest(former)

    async def reveal(self, name: str) -> FieldRow:
        """Return the row of a field, unfolded. Raises LookupError."""
        group = next(group for group in self._groups if name in (field.name for field in group.fields))
        self._wanted = name
        await group.unfold()
        self._leave_out()
        return group.rows[name]

    def focus_start(self) -> None:
        """Go to the prompt, or to the first field."""
        row = self._row_of(Role.PROMPT)
        if row is None or not row.display:
            row = next((row for row in self.screen.query(FieldRow) if row.display), None)
        if row is not None:
            row.field.focus()

    def prompt_area(self) -> FieldArea | None:
        """Return where the prompt is typed, or the first field of several lines."""
        row = self._row_of(Role.PROMPT)
        if row is not None and row.display and isinstance(row.field, FieldArea):
            return row.field
        shown = (row.field for row in self.query(FieldRow) if row.display)
        return next((field for field in shown if isinstance(field, FieldArea)), None)

    def told(self, values: Mapping[str, Any], roles: Iterable[Role]) -> list[str]:
        """Return those of a request's `values` that have one of `roles`, as words."""
        found = []
        for role in roles:
            for field in self.fields:
                value = values.get(field.name)
                if field.spec.role is role and value is not None:
                    known_by_itself = role is not Role.SOUND
                    text = with_unit(str(value), field.spec.unit)
                    found.append(text if known_by_itself else f"{within(_(field.spec.title))} {text}")
        return found

    def pictures(self, request: RequestModel | None) -> list[SentPicture]:
        """Return the local pictures that are sent along: those of `request`, or of what is typed so far."""
        titles = {field.name: _(field.spec.title) for field in self.fields}
        if request is not None:
            named = [(found.field, found.text) for found in local_files(request)]
        else:
            images = (field.name for field in self.fields if field.spec.kind is Kind.IMAGE)
            typed = ((name, self._texts.get(name, "")) for name in images)
            named = [(name, text) for name, text in typed if is_local_path(text)]
        return [SentPicture(clean_line(titles.get(name, name)), local_path(text)) for name, text in named]

    def names(self, role: Role) -> list[str]:
        return [field.name for field in self.fields if field.spec.role is role]

    def _row_of(self, role: Role) -> FieldRow | None:
        names = self.names(role)
        return next((row for row in self.query(FieldRow) if row.field_name in names), None)

    def on_field_row_edited(self, event: FieldRow.Edited) -> None:
        event.stop()
        name = event.row.field_name
        if event.text:
            self._texts[name] = event.text
        else:
            self._texts.pop(name, None)
        self.post_message(self.Edited(name))

    def action_group(self, by: int) -> None:
        """Go to the next group's title, or back; past the ends, to the first or last field."""
        stops = [group.query(GroupTitle).first() for group in self._groups if group.query(GroupTitle)]
        if not stops or self.screen.focused is None:
            return
        chain = self.screen.focus_chain
        here = chain.index(self.screen.focused) if self.screen.focused in chain else 0
        order = [chain.index(stop) for stop in stops if stop in chain]
        ahead = [at for at in order if at > here] if by > 0 else [at for at in reversed(order) if at < here]
        if ahead:
            chain[ahead[0]].focus()
        elif by < 0:
            self.focus_start()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Keep the whole row in sight, not only its control."""
        row = _row_around(event.widget)
        if row is not None:
            self.call_after_refresh(self.scroll_to_widget, row, animate=False)

    def on_descendant_blur(self) -> None:
        """A field that stayed only because it had the focus goes now."""
        if self.screen.focused is not None and self._idle:
            self._wanted = ""
            self._leave_out()


def _row_around(widget: Widget | None) -> FieldRow | None:
    if widget is None:
        return None
    return next((node for node in widget.ancestors if isinstance(node, FieldRow)), None)
