"""The exact request that a draft would send, as HTTP or as curl."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from backend.language import _
from backend.service import Prepared, Preview
from backend.text import clean_block, clean_line
from tui.action import Scope
from tui.actions import also, bindings, key
from tui.screens.copy_menu import TextScreen
from tui.screens.dialog import Dialog
from tui.widgets.field_row import marked
from tui.widgets.key_note import KeyNote
from tui.widgets.sent_pictures import SentPicture, SentPictures

if TYPE_CHECKING:
    from backend.media.media import Media
    from tui.app import ReeltopApp

_LONGEST = 4000
"""Characters of one value that are shown; all are copied and sent."""
_KEY = re.compile(r'^(\s*)("(?:[^"\\]|\\.)*")(:)')
_VARIABLE = re.compile(r"\$[A-Z][A-Z0-9_]*")


def as_http(preview: Preview) -> str:
    """Return method, address, headers and body as text."""
    headers = "".join(f"{name}: {value}\n" for name, value in preview.headers.items())
    return f"{preview.method} {preview.url}\n{headers}\n{preview.json()}"


class PreviewPane(VerticalScroll, can_focus=True):
    """Shows a preview, or what is missing for one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "turn", "As curl", show=False),
        Binding("y", "copy", "Copy", show=False),
        Binding("v", "view", "As plain text", show=False),
        also("find", "view(True)"),
    ]

    def __init__(self, media: Media, *, curl: bool = False) -> None:
        super().__init__()
        self._pictures = SentPictures(media)
        self._prepared: Prepared | None = None
        self._files: Sequence[SentPicture] = ()
        self._text = Static(markup=False)
        self._content = Content("")
        self.curl = curl
        words = _("c: curl or HTTP · y: copy · v: as plain text · {find}: find · arrows: scroll")
        self.help_line = words.format(find=key("find"))

    def compose(self) -> ComposeResult:
        yield self._pictures
        yield self._text

    def show(self, prepared: Prepared, files: Sequence[SentPicture] = ()) -> None:
        """Show what `prepared` would send, and the `files` in it, now or as soon as there is room for it."""
        self._prepared, self._files = prepared, files
        if self.is_mounted and self.display:
            self._draw()

    def on_show(self) -> None:
        self._draw()

    @property
    def text(self) -> str:
        """All of it, to be copied; empty if there is no request yet."""
        preview = self._prepared.preview if self._prepared is not None else None
        return self._words(preview) if preview is not None else ""

    def _words(self, preview: Preview) -> str:
        return preview.curl() if self.curl else as_http(preview)

    def turn(self) -> None:
        """Change between HTTP and curl."""
        self.curl = not self.curl
        self._draw()

    def action_turn(self) -> None:
        self.turn()

    def action_copy(self) -> None:
        copy_request(self)

    def action_view(self, is_finding: bool = False) -> None:
        """Show it alone, to be selected with the mouse, or to find words in it."""
        if self.text:
            self.app.push_screen(TextScreen(_("Request"), clean_block(self.text), is_finding=is_finding))

    def _draw(self) -> None:
        if self._prepared is None:
            return
        self._pictures.show(self._files)
        if self._prepared.preview is None:
            content = _missing(self._prepared)
        else:
            preview = self._prepared.preview
            shown = self._words(replace(preview, body=_shortened(preview.body)))
            content = Content("\n").join(map(_styled, clean_block(shown).splitlines()))
        if content != self._content:
            self._content = content
            self._text.update(content)


class PreviewScreen(Dialog[None]):
    """The preview alone, where there is no room beside the form."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Scope.LIST),
        also("request", "cancel"),
        also("curl", "turn"),
        also("copy_request", "copy_request"),
    ]

    def __init__(
        self,
        prepared: Prepared,
        files: Sequence[SentPicture],
        media: Media,
        *,
        curl: bool = False,
        is_sandbox: bool = False,
    ) -> None:
        super().__init__(_("Request"), is_sandbox=is_sandbox)
        self.add_class("-tall")
        self.pane = PreviewPane(media, curl=curl)
        self.pane.show(prepared, files)

    def compose_box(self) -> ComposeResult:
        yield self.pane
        yield KeyNote(
            (key("curl"), _("curl or HTTP")),
            (key("copy_request"), _("copy")),
            ("v", _("plain text")),
            (key("close"), _("close")),
        )

    def on_mount(self) -> None:
        self.pane.focus()

    def action_turn(self) -> None:
        self.pane.turn()

    def action_copy_request(self) -> None:
        copy_request(self.pane)


def copy_request(pane: PreviewPane, by_hand: str = "v") -> None:
    """Send what the pane shows to the clipboard, or show it to be copied; `by_hand` are the keys for that."""
    app = cast("ReeltopApp", pane.app)
    name = _("curl command") if pane.curl else _("Request")
    if not pane.text:
        app.say(_("There is no complete request to copy yet"), "warning")
    elif not app.send_to_clipboard(name, pane.text, by_hand):
        pane.action_view()


def _shortened(value: Any) -> Any:
    if isinstance(value, str) and len(value) > _LONGEST:
        more = _("… {count} more characters").format(count=len(value) - _LONGEST)
        return f"{value[:_LONGEST]} {more}"
    if isinstance(value, Mapping):
        return {name: _shortened(nested) for name, nested in value.items()}
    if isinstance(value, list):
        return [_shortened(nested) for nested in value]
    return value


def _styled(line: str) -> Content:
    content = Content(line)
    if found := _KEY.match(line):
        content = content.stylize("$accent", *found.span(2))
    for found in _VARIABLE.finditer(line):
        content = content.stylize("$text-warning", *found.span())
    return content


def _missing(prepared: Prepared) -> Content:
    lines = [Content.styled(_("The request is not complete yet:"), "$text-muted"), Content("")]
    for issue in prepared.issues:
        name = clean_line(issue.field) or _("request")
        lines.append(Content.assemble((name, "bold"), "  ", marked(issue)))
    return Content("\n").join(lines)
