"""A group of fields that can be folded away."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from contextlib import suppress
from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from backend.errors import Issue
from backend.language import _, named
from backend.providers.fields import FieldSpec, Group, Kind, Role
from backend.providers.idle import Idle, idle_choices, idle_fields
from backend.text import clean_line
from tui.formatters import within
from tui.widgets.field_choices import Choice
from tui.widgets.field_chooser import Chooser
from tui.widgets.field_inputs import FieldArea, FieldInput
from tui.widgets.field_row import Control, FieldRow
from tui.widgets.field_words import FormField, assumed, help_line, placeholder, with_unit

_ALWAYS_SENT = ", always sent"
NOTHING_IDLE: Mapping[str, Idle] = {}


def control_for(field: FormField, text: str) -> Control:
    """Return what a field is edited with."""
    spec = field.spec
    if spec.kind is Kind.BOOLEAN:
        choices = [Choice("true", _("yes")), Choice("false", _("no"))]
        return Chooser(choices, value=text, title=_(spec.title), unset=_unset(field))
    if spec.closed and spec.choices:
        return Chooser(closed_choices(spec, text), value=text, title=_(spec.title), unset=_unset(field))
    if spec.kind in (Kind.PROSE, Kind.LIST, Kind.OBJECT):
        suffix = ".txt" if spec.kind is Kind.PROSE else ".json"
        area = FieldArea(text, placeholder=placeholder(field), editor_suffix=suffix)
        return area if spec.role is Role.PROMPT else area.add_class("-small")
    return FieldInput(
        text, placeholder=placeholder(field), title=_(spec.title), suggestions=[str(c) for c in spec.choices]
    )


def closed_choices(
    spec: FieldSpec, text: str, idle: Mapping[str, Idle] = NOTHING_IDLE, *, shows_idle: bool = False
) -> list[Choice]:
    """Return what a closed field offers; what is idle only if it is taken, or wanted, and with the reason."""
    choices = []
    for value in _offered(spec, text):
        why = idle.get(value)
        if why is None or shows_idle or value == text:
            label = with_unit(value, spec.unit)
            choices.append(Choice(value, label, why.because if why is not None else ""))
    return choices


def _offered(spec: FieldSpec, text: str) -> list[str]:
    """Return the choices, numbers in order, without the one that an empty field sends anyway."""
    values = [str(value) for value in spec.choices]
    sent = clean_line(spec.default_note).removesuffix(_ALWAYS_SENT)
    if sent != clean_line(spec.default_note) and sent != text:
        values = [value for value in values if value != sent]
    with suppress(ValueError):
        values.sort(key=float)
    return values


def _unset(field: FormField) -> str:
    return _("required") if field.required else assumed(field.spec) or _("not set")


class GroupTitle(Widget, can_focus=True):
    """Folds and unfolds its group; folded, it says what is inside."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "turn", "Fold", show=False),
        Binding("right", "fold(False)", "Unfold", show=False),
        Binding("left", "fold(True)", "Fold", show=False),
    ]

    class Toggled(Message):
        """The user wants it the other way."""

    hint: reactive[Content] = reactive(Content(""))
    folded: reactive[bool] = reactive(True)

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title
        self.help_line = _("enter or arrows fold and unfold this group")

    def render(self) -> Content:
        focused = "bold $block-cursor-foreground on $block-cursor-background" if self.has_focus else "bold"
        return Content.assemble(
            ("›" if self.has_focus else " ", "$accent"),
            ("▸ " if self.folded else "▾ ", "$accent"),
            Content.styled(f"{self._title}", focused),
            " " * max(2, 17 - cell_len(self._title)),
            self.hint,
        )

    def action_turn(self) -> None:
        self.post_message(self.Toggled())

    def action_fold(self, folded: bool) -> None:
        if folded is not self.folded:
            self.post_message(self.Toggled())

    def on_click(self) -> None:
        self.action_turn()


class FieldGroup(Widget):
    """Makes its rows when it is first unfolded: a folded group costs one line and one widget."""

    def __init__(self, group: Group, fields: Sequence[FormField], *, folded: bool) -> None:
        super().__init__()
        self.group = group
        self.fields = tuple(fields)
        self._folded = folded
        self._title = None if group is Group.BASICS else GroupTitle(_(group.label))
        self._body = Vertical()
        self._rows: dict[str, FieldRow] = {}
        self._texts: dict[str, str] = {}
        self._issues: Mapping[str, Sequence[Issue]] = {}
        self._warnings: Mapping[str, Sequence[Issue]] = {}
        self._former: Mapping[str, Sequence[str]] = {}
        self._idle: Sequence[Idle] = ()
        self._shows_idle = False
        self._needed: Container[str] = ()
        self._offered: dict[str, list[Choice]] = {}
        """What a field offers at present, where that is not all that it takes."""

    @property
    def folded(self) -> bool:
        return self._folded

    @property
    def rows(self) -> Mapping[str, FieldRow]:
        return self._rows

    @property
    def idle(self) -> Mapping[str, Idle]:
        """The fields that are left out, or would be if not all were shown: empty, and of no use now."""
        found = idle_fields(self._idle, (field.name for field in self.fields))
        return {name: idle for name, idle in found.items() if not self._is_kept(name)}

    def _is_kept(self, name: str) -> bool:
        return bool(self._texts.get(name) or self._issues.get(name)) or name in self._needed

    def fill(self, texts: Mapping[str, str]) -> None:
        """Give the texts of the fields, before the group is mounted."""
        self._texts = {field.name: texts.get(field.name, "") for field in self.fields}

    def compose(self) -> ComposeResult:
        if self._title is not None:
            yield self._title
        if not self._folded:
            self._make_rows()
        self._sort_out()
        self._body.display = not self._folded
        with self._body:
            yield from self._rows.values()

    def on_mount(self) -> None:
        self._say()

    async def unfold(self) -> None:
        if self._folded:
            self._folded = False
            if not self._rows:
                self._make_rows()
                self._sort_out()
                await self._body.mount_all(self._rows.values())
                self.show(self._issues, self._warnings)
                self.suggest(self._former)
            self._body.display = True
            self._say()

    def fold(self) -> None:
        self._folded = True
        self._body.display = False
        self._say()

    def suggest(self, former: Mapping[str, Sequence[str]]) -> None:
        """Complete what fields held before, in those of one line."""
        self._former = former
        for name, row in self._rows.items():
            if isinstance(row.field, FieldInput):
                row.field.suggest(former.get(name, ()))

    def show(self, issues: Mapping[str, Sequence[Issue]], warnings: Mapping[str, Sequence[Issue]]) -> None:
        """Show what a check found, by field name."""
        self._issues, self._warnings = issues, warnings
        for name, row in self._rows.items():
            row.show(issues.get(name, ()), warnings.get(name, ()))
        self._say()

    def leave_out(self, idle: Sequence[Idle], needed: Container[str], *, shows_idle: bool) -> None:
        """Leave out fields that are of no use now, and with the last of them the group.

        Fields that hold something, have an issue or are `needed` stay; with `shows_idle` all do.
        """
        self._idle, self._needed, self._shows_idle = idle, needed, shows_idle
        self._sort_out()
        self._say()

    def _sort_out(self) -> None:
        idle = self.idle
        hidden = {} if self._shows_idle else idle
        is_here = self._title is not None and self._title.has_focus
        self.display = is_here or len(hidden) < len(self.fields)
        told = idle_fields(self._idle, self._rows)
        for field in self.fields:
            row = self._rows.get(field.name)
            if row is not None:
                row.display = field.name not in hidden
                row.idle = told[field.name].because if field.name in told else ""
                self._narrow(field, row)

    def _narrow(self, field: FormField, row: FieldRow) -> None:
        idle = idle_choices(self._idle, field.name)
        if not idle and field.name not in self._offered:
            return
        choices = closed_choices(field.spec, row.text, idle, shows_idle=self._shows_idle)
        if choices != self._offered.get(field.name):
            self._offered[field.name] = choices
            row.offer(choices, row.text)

    def first_bad(self) -> FormField | None:
        return next((field for field in self.fields if self._issues.get(field.name)), None)

    async def on_group_title_toggled(self, event: GroupTitle.Toggled) -> None:
        event.stop()
        if self._folded:
            await self.unfold()
        else:
            self.fold()

    def on_field_row_edited(self, event: FieldRow.Edited) -> None:
        self._texts[event.row.field_name] = event.text
        self._say()

    def _make_rows(self) -> None:
        for field in self.fields:
            text = self._texts.get(field.name, "")
            counted = field.spec.kind is Kind.PROSE
            self._rows[field.name] = FieldRow(
                field.name,
                _(field.spec.title),
                control_for(field, text),
                help=help_line(field),
                required=field.required,
                limit=field.spec.max_length if counted else None,
            )

    def _say(self) -> None:
        """Tell in the title what a folded group holds."""
        if self._title is None:
            return
        self._title.folded = self._folded
        count = sum(bool(text.strip()) for text in self._texts.values())
        wrong = sum(bool(self._issues.get(field.name)) for field in self.fields)
        doubtful = sum(bool(self._warnings.get(field.name)) for field in self.fields)
        hidden = {} if self._shows_idle else self.idle
        shown = (field for field in self.fields if field.name not in hidden)
        names = named(within(clean_line(_(field.spec.title))) for field in shown)
        self._title.hint = Content.assemble(
            (
                f"✗ {_('{count} to fix').format(count=wrong)}  " if wrong and self._folded else "",
                "$text-error",
            ),
            (
                f"! {_('{count} doubtful').format(count=doubtful)}  " if doubtful and self._folded else "",
                "$text-warning",
            ),
            (f"{_('{count} set').format(count=count)}  " if count else "", "$foreground"),
            (names if self._folded else "", "$foreground 45%"),
        )
