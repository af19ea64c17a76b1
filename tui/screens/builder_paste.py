"""A curl command or a JSON body from elsewhere, to fill the form with."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static, TextArea

from backend.errors import UsageError
from backend.language import _, named
from backend.service import Draft
from backend.text import clean_line
from tui.actions import also, key
from tui.screens.builder_delays import Delays
from tui.screens.dialog import Dialog
from tui.widgets.field_inputs import FieldArea
from tui.widgets.key_note import KeyNote

if TYPE_CHECKING:
    from backend.pasted import Pasted
    from backend.service import Service

_READ_AFTER = 0.2
_MOST_NAMED = 8


class PasteScreen(Dialog[Draft | None]):
    """Returns the draft that the text describes. The text itself, with whatever is secret in it, is kept
    nowhere."""

    BINDINGS: ClassVar[list[BindingType]] = [also("keep", "fill")]

    def __init__(self, service: Service, draft: Draft, *, is_sandbox: bool) -> None:
        super().__init__(_("Fill the form from curl or JSON"), is_sandbox=is_sandbox)
        self.add_class("-tall")
        self._service = service
        self._draft = draft
        self._delays = Delays(self)

    def compose_box(self) -> ComposeResult:
        yield FieldArea(
            "",
            placeholder=_("{curl}   or   {json}").format(
                curl="curl https://… -d '{…}'", json='{"prompt": …}'
            ),
        )
        yield Static(id="found", markup=False)
        fills = _("fill the form, {key} there takes it back; headers are not kept")
        yield KeyNote((key("keep"), fills.format(key=key("restore"))), (key("close"), _("close")))

    def on_mount(self) -> None:
        self.query_one(FieldArea).focus()

    @on(TextArea.Changed)
    def _typed(self) -> None:
        self._delays.start("read", _READ_AFTER, self._read_soon)

    def _read_soon(self) -> None:
        self._read()

    def action_fill(self) -> None:
        """Fill the form, if the text can be read."""
        self._delays.stop("read")
        self._read(fill=True)

    @work(group="read", exclusive=True)
    async def _read(self, *, fill: bool = False) -> None:
        text = self.query_one(FieldArea).text
        found = self.query_one("#found", Static)
        if not text.strip():
            found.update("")
            return
        try:
            # Pictures within it make megabytes.
            pasted = await asyncio.to_thread(self._service.read_pasted, text, self._draft)
        except UsageError as error:
            found.update(Content.styled(f"✗ {clean_line(str(error))}", "$text-error"))
            return
        if fill:
            self.dismiss(pasted.draft)
        else:
            found.update(_told(pasted))


def _told(pasted: Pasted) -> Content:
    draft = pasted.draft
    lines = [
        Content.assemble(
            (f"✓ {clean_line(draft.account)} · {draft.operation}", "$text-success"),
            (f"  {_named(list(draft.texts))}", "$text-muted"),
        )
    ]
    if pasted.issues:
        names = _named([issue.field for issue in pasted.issues])
        words = _("left out, not known there: {names}").format(names=names)
        lines.append(Content.styled(f"! {words}", "$text-warning"))
    return Content("\n").join(lines)


def _named(names: list[str]) -> str:
    told = named(names[:_MOST_NAMED])
    if more := names[_MOST_NAMED:]:
        told = _("{names} and {count} more").format(names=told, count=len(more))
    return clean_line(told)
