"""The builder's part that finds a value for a field: a file of the user's disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual import work
from textual.widget import Widget

from backend.language import _
from backend.pictures import local_path
from backend.providers.fields import Kind
from backend.providers.values import is_local_path
from backend.text import clean_line
from tui.screens.builder_fill import BuilderFill
from tui.widgets.field_row import FieldRow

if TYPE_CHECKING:
    from backend.providers.fields import FieldSpec
    from tui.widgets.request_form import RequestForm


class BuilderPick(BuilderFill):
    """Mixed into the builder."""

    if TYPE_CHECKING:

        @property
        def form(self) -> RequestForm: ...

    @work(group="pick", exclusive=True)
    async def action_files(self) -> None:
        """Choose a picture of this machine for the focused field, or for the first that takes one."""
        from tui.screens.builder_files import FilesScreen

        spec = self._field_for_files()
        if spec is None:
            return
        largest = bytes_taken(spec)
        if largest is None:
            self._say(
                _("{field} takes no file of this machine, only an address.").format(field=spec.title),
                bad=True,
            )
            return
        row = await self.form.reveal(spec.name)
        title = _("Choose a picture: {field}").format(field=spec.title)
        screen = FilesScreen(self._service, title, largest, _named(row.text))
        text = await self.app.push_screen_wait(screen)
        if text is not None:
            row.field.text = with_file(spec, row.text, text)
        row.field.focus()

    def _field_for_files(self) -> FieldSpec | None:
        specs = {field.name: field.spec for field in self.form.fields}
        focused = row_of(self.focused)
        here = specs.get(focused.field_name) if focused is not None else None
        if here is not None and (bytes_taken(here) or here.kind in (Kind.IMAGE, Kind.URL)):
            return here
        taking = next((spec for spec in specs.values() if bytes_taken(spec)), None)
        if taking is None:
            self._say(_("No field here takes a file of this machine."), bad=True)
        return taking


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
    return with_item(text, {name: path})


def with_item(text: str, item: Any) -> str:
    """Return a JSON list as text with one more item; what is no list yet is kept in front of it."""
    try:
        items = json.loads(text or "[]")
    except ValueError:
        return f"{text}\n{json.dumps(item, ensure_ascii=False)}"
    items = items if isinstance(items, list) else [items]
    return json.dumps([*items, item], ensure_ascii=False, indent=1)


def _named(text: str) -> Path | None:
    return local_path(text) if text and is_local_path(text) and clean_line(text) == text else None
