"""The builder's part that finds a value for a field: a file of the user's disk, or what it held before."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual import work
from textual.widget import Widget

from backend.former import takes_items
from backend.language import _
from backend.pictures import local_path
from backend.providers.fields import Kind, Role, as_text, parse_text
from backend.providers.values import is_local_path
from backend.text import clean_line
from tui.actions import BY_ID
from tui.screens.builder_fill import BuilderFill
from tui.widgets.field_inputs import FieldArea
from tui.widgets.field_row import FieldRow

if TYPE_CHECKING:
    from backend.providers.fields import FieldSpec
    from tui.screens.builder_target import Target

_ONE_LINE = (Kind.TEXT, Kind.URL, Kind.IMAGE, Kind.INTEGER, Kind.NUMBER)


class BuilderPick(BuilderFill):
    """Mixed into the builder."""

    if TYPE_CHECKING:
        _target: Target | None

    def action_files(self) -> None:
        """Choose a picture of this machine for the focused field, or for the first that takes one."""
        spec = self._field_for_files()
        if spec is not None and bytes_taken(spec):
            self._choose_file(spec)
            return
        from tui.screens.builder_no_file import NoFileScreen

        if spec is None:
            why = _("No field here takes a file of this machine.")
        else:
            why = _(
                "{field} takes no file of this machine, only an address: put the picture where the provider "
                "can fetch it, and write its address into the field."
            ).format(field=_(spec.title))
        self.app.push_screen(NoFileScreen(why, is_sandbox=self._service.is_sandbox))

    @work(group="pick", exclusive=True)
    async def _choose_file(self, spec: FieldSpec) -> None:
        from tui.screens.builder_files import FilesScreen

        row = await self.form.reveal(spec.name)
        title = _("Choose a picture: {field}").format(field=_(spec.title))
        screen = FilesScreen(self._service, title, bytes_taken(spec) or 0, _named(row.text))
        text = await self.app.push_screen_wait(screen)
        if text is not None:
            self._put(row, with_file(spec, row.text, text))
        row.field.focus()

    @work(group="pick", exclusive=True)
    async def action_former(self) -> None:
        """List what the focused field, or else the prompt, held before, and take one of it."""
        from tui.screens.builder_former import FormerScreen

        spec = self._spec_here()
        if spec is None or self._target is None:
            return
        found = await self._service.former_values(self._target.account.name, [spec])
        row = await self.form.reveal(spec.name)
        former = [each for each in found[spec.name] if each.text != row.text]
        if not former:
            words = _("{field} has held nothing yet that could be used again.")
            self._say(words.format(field=_(spec.title)))
            return
        chosen = await self.app.push_screen_wait(FormerScreen(_(spec.title), spec, former))
        if chosen is not None:
            self._put(row, with_item(spec, row.text, json.loads(chosen)) if takes_items(spec) else chosen)
        row.field.focus()

    def takes_file(self, name: str) -> bool:
        """Whether a field takes a picture of this machine."""
        return any(field.name == name and bytes_taken(field.spec) for field in self.form.fields)

    def _spec_here(self) -> FieldSpec | None:
        """Return the field that has the focus, if it can have former values, else the prompt."""
        specs = {field.name: field.spec for field in self.form.fields}
        focused = row_of(self.focused)
        here = specs.get(focused.field_name) if focused is not None else None
        if here is not None:
            return here
        return next((spec for spec in specs.values() if spec.role is Role.PROMPT), None)

    def _put(self, row: FieldRow, text: str) -> None:
        """Give a field a text; what was there comes back with undo."""
        if isinstance(row.field, FieldArea):
            row.field.take(text)
            return
        if row.text and row.text != text:
            self.remember()
            words = _("{key} brings back what was here.")
            self.app.say(words.format(key=BY_ID["restore"].first_key))
        row.field.text = text

    @work(group="suggest", exclusive=True)
    async def suggest_former(self) -> None:
        """Have the fields of one line complete what is typed with what they held before."""
        if self._target is None:
            return
        form = self.form
        specs = [field.spec for field in form.fields if field.spec.kind in _ONE_LINE]
        found = await self._service.former_values(self._target.account.name, specs)
        form.suggest({name: [former.text for former in each] for name, each in found.items() if each})

    def _field_for_files(self) -> FieldSpec | None:
        specs = {field.name: field.spec for field in self.form.fields}
        focused = row_of(self.focused)
        here = specs.get(focused.field_name) if focused is not None else None
        if here is not None and (bytes_taken(here) or here.kind in (Kind.IMAGE, Kind.URL)):
            return here
        taking = (spec for spec in specs.values() if bytes_taken(spec))
        addressed = (spec for spec in specs.values() if spec.kind is Kind.IMAGE)
        return next(taking, None) or next(addressed, None)


def row_of(widget: Widget | None) -> FieldRow | None:
    """Return the row that a widget lies in."""
    if widget is None:
        return None
    return next((node for node in (widget, *widget.ancestors) if isinstance(node, FieldRow)), None)


def bytes_taken(spec: FieldSpec) -> int | None:
    """Return how large a file a field takes, itself or in a list; None if it takes none."""
    return spec.largest_file or next((item.largest_file for item in spec.items if item.largest_file), None)


def with_file(spec: FieldSpec, text: str, path: str) -> str:
    """Return the text of a field with a file in it: in its place, or as one more of a list."""
    if spec.kind is not Kind.LIST:
        return path
    name = next(item.name for item in spec.items if item.largest_file)
    return with_item(spec, text, {name: path})


def with_item(spec: FieldSpec, text: str, item: Any) -> str:
    """Return a list as text with one more item; what is no list yet is kept in front of it."""
    try:
        items = [*parse_text(spec, text or "[]"), item]
    except (ValueError, TypeError):
        return f"{text}\n{as_text(spec, [item])}"
    told = as_text(spec, items)
    return json.dumps(items, ensure_ascii=False, indent=1) if told.startswith("[") else told


def _named(text: str) -> Path | None:
    return local_path(text) if text and is_local_path(text) and clean_line(text) == text else None
