"""A picture of the user's disk, chosen for a field."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Static

from backend.language import _, ngettext, pgettext
from backend.media.picture import MediaError
from backend.picture_files import Entry, Listing, Look, from_home, list_folder, look, text_of
from backend.text import clean_line
from tui.action import Scope
from tui.actions import bindings, key
from tui.clips import no_pictures
from tui.formatters import size
from tui.screens.builder_delays import Delays
from tui.screens.builder_path import PathInput, completed, folder_of, is_path, named
from tui.screens.list_dialog import ListDialog
from tui.widgets.key_note import KeyNote
from tui.widgets.line_table import Cell, Column, LineTable
from tui.widgets.picture_view import PictureView

if TYPE_CHECKING:
    from backend.service import Service
    from tui.app import ReeltopApp

_ABOVE = ".."
_LOOK_AFTER = 0.12
"""Seconds of rest on a file before it is read."""
_SAY_AFTER = 0.3
"""Seconds after which a folder that is still being read is said to be."""
_TODAY = 24 * 3600


class FilesScreen(ListDialog[str | None]):
    """Returns the text that names the chosen file."""

    app: ReeltopApp
    SCOPES = (Scope.FILES,)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.FILES)]

    def __init__(self, service: Service, title: str, largest: int, start: Path | None = None) -> None:
        """`largest` is how many bytes the field takes; `start` a file or folder to begin at."""
        super().__init__(clean_line(title), is_sandbox=service.is_sandbox)
        self._service = service
        self._largest = largest
        self._start = start
        self._base = Path("/")
        """Where words are looked for, and relative paths begin."""
        self._listing = Listing(Path("/"))
        self._entries: dict[str, Entry] = {}
        self._folded: dict[str, str] = {}
        self._shows_hidden = self._shows_all = self._newest_first = False
        self._look: tuple[Path, Look] | None = None
        self._doubted: Path | None = None
        """The file that was chosen in spite of its problems, once."""
        self._wanted = ""
        """Where the cursor is to be once the folder is read."""
        self._completes = False
        """Whether tab was pressed before the folder was read."""
        self._delays = Delays(self)

    def compose_box(self) -> ComposeResult:
        yield PathInput(self._completion, placeholder=_("words to find, or a path: ~/ … / … ../"))
        yield Static(id="where", markup=False)
        with Horizontal():
            columns = (
                Column("name", _("Name"), 14, grow=1),
                Column("size", pgettext("of a file", "Size"), 8, align="right", priority=1),
                Column("changed", _("Changed"), 10, priority=2),
            )
            yield LineTable(columns, self._row)
            with Vertical(id="look"):
                yield Static(id="facts", markup=False)
                yield PictureView()
        yield KeyNote(
            ("enter", _("open, or take it")),
            ("tab", _("complete")),
            ("← →", _("folder above, into")),
            (key("hidden_files"), _("hidden files")),
            (key("all_files"), _("all files")),
            (key("newest_files"), _("newest first")),
            (key("close"), _("close")),
        )

    @property
    def _input(self) -> PathInput:
        return self.query_one(PathInput)

    def on_mount(self) -> None:
        self._begin()

    # -- reading folders ----------------------------------------------------------------------------------

    @work(group="folder", exclusive=True)
    async def _begin(self) -> None:
        folder, self._wanted = await asyncio.to_thread(self._first_place)
        await self._read(folder)

    def _first_place(self) -> tuple[Path, str]:
        start = self._start
        with suppress(OSError, ValueError):
            if start is not None and start.is_dir():
                return start, ""
            if start is not None and start.parent.is_dir():
                return start.parent, start.name
        return self._service.picture_files.last_folder() or Path.cwd(), ""

    @work(group="folder", exclusive=True)
    async def _go(self, folder: Path) -> None:
        await self._read(folder)

    async def _read(self, folder: Path, *, as_typed: bool = False) -> None:
        """Show a folder; one that was typed is left again when the text is gone."""
        words = _("reading {path} …").format(path=from_home(folder))
        self._delays.start("say", _SAY_AFTER, lambda: self._tell(words))
        listing = await asyncio.to_thread(list_folder, folder)
        self._delays.stop("say")
        if as_typed and folder != self._folder_typed():
            return  # what is typed by now leads to what was read before
        self._listing = listing
        self._entries = {entry.name: entry for entry in listing.entries}
        self._folded = {name: name.casefold() for name in self._entries}
        if not as_typed:
            self._base = folder
        self._find()
        if self._completes:
            self._completes = False
            self._input.action_complete()

    @on(Input.Changed)
    def _typed(self) -> None:
        self._doubted = None
        folder = self._folder_typed()
        self._completes = False
        if folder != self._listing.folder:
            self._read_typed(folder)
        else:
            self._find()

    def _folder_typed(self) -> Path:
        text = self._input.value
        return folder_of(text, self._base) if is_path(text) else self._base

    @work(group="folder", exclusive=True)
    async def _read_typed(self, folder: Path) -> None:
        await self._read(folder, as_typed=True)

    def _find(self) -> None:
        """List what is typed, of the kinds that are shown."""
        text = self._input.value
        shows_hidden = self._shows_hidden or named(text).startswith(".")
        found = [
            entry
            for entry in self._entries.values()
            if (shows_hidden or not entry.is_hidden)
            and (self._shows_all or entry.is_folder or entry.is_picture)
        ]
        if self._newest_first:
            found.sort(key=lambda entry: (not entry.is_folder, -entry.changed))
        names = [entry.name for entry in found]
        last = (named(text) if is_path(text) else text).casefold()
        words = last.split()
        names = [name for name in names if all(word in self._folded[name] for word in words)]
        names.sort(key=lambda name: not self._folded[name].startswith(last))
        above = [_ABOVE] if not text and self._listing.folder.parent != self._listing.folder else []
        self.table.empty_text = self._nothing(text)
        self.table.set_keys([*above, *names])
        if self._wanted and self.table.move_to(self._wanted):
            self._wanted = ""
        elif text and names:
            self.table.move_to(names[0])
        self._tell_where(len(names))
        self._look_soon()

    def _nothing(self, text: str) -> str:
        if self._listing.problem:
            return clean_line(self._listing.problem)
        return _("nothing of this name") if text else _("no picture here")

    def _tell_where(self, shown: int) -> None:
        entries = self._entries.values()
        hidden = 0 if self._shows_hidden else sum(entry.is_hidden for entry in entries)
        others = (
            0
            if self._shows_all
            else sum(not (entry.is_folder or entry.is_picture or entry.is_hidden) for entry in entries)
        )
        parts = [
            clean_line(from_home(self._listing.folder)),
            _("{count} of {total} shown").format(count=f"{shown:,}", total=f"{len(entries):,}"),
            ngettext("{count} hidden", "{count} hidden", hidden).format(count=hidden) if hidden else "",
            ngettext("{count} no picture", "{count} no pictures", others).format(count=others)
            if others
            else "",
        ]
        line = Content(" · ".join(filter(None, parts)))
        if self._listing.problem:
            line = Content.styled(f"✗ {parts[0]}: {clean_line(self._listing.problem)}", "$text-error")
        self.query_one("#where", Static).update(line)

    def _tell(self, words: str) -> None:
        self.query_one("#where", Static).update(Content.styled(clean_line(words), "$text-muted"))

    def _row(self, name: str) -> Sequence[Cell]:
        entry = self._entries.get(name)
        if entry is None:
            return Cell("../"), Cell(""), Cell("")
        name = clean_line(name) + ("/" if entry.is_folder else "")
        length = "" if entry.is_folder else size(entry.length)
        return Cell(name), Cell(length), Cell(_when(entry.changed))

    # -- looking at files ---------------------------------------------------------------------------------

    @on(LineTable.CursorMoved)
    def _look_soon(self) -> None:
        self._doubted = None
        self._delays.start("look", _LOOK_AFTER, self._look_now)

    @property
    def _at_cursor(self) -> Entry | None:
        return self._entries.get(self.table.cursor_key or "")

    def _path(self, entry: Entry) -> Path:
        return self._listing.folder / entry.name

    @work(group="look", exclusive=True, exit_on_error=False)
    async def _look_now(self) -> None:
        entry, facts, view = self._at_cursor, self.query_one("#facts", Static), self.query_one(PictureView)
        if entry is None or entry.is_folder:
            self._look = None
            facts.update("")
            view.say("")
            return
        path = self._path(entry)
        seen = await asyncio.to_thread(look, path, self._largest)
        self._look = path, seen
        facts.update(_facts(seen))
        media = self._service.media
        if reason := no_pictures(self.app, media):
            view.say("" if seen.problems else reason)
            return
        view.say("")
        try:
            painter = await self.app.painters.choose()
            box = painter.room(view.size.width, view.size.height)
            _known, picture = await media.still(path, box, painter.colours)
            painting = await painter.prepare(picture)
        except MediaError:
            view.say("")
        else:
            view.show(painting)

    # -- choosing -----------------------------------------------------------------------------------------

    @on(Input.Submitted)
    @on(LineTable.RowSelected)
    def action_take(self) -> None:
        """Open the folder, or take the file, under the cursor."""
        self._take()

    @work(group="take", exclusive=True)
    async def _take(self) -> None:
        if self.table.cursor_key == _ABOVE:
            self.action_above()
            return
        entry = self._at_cursor
        if entry is None:
            self._complain(self._nothing(self._input.value))
            return
        path = self._path(entry)
        if entry.is_folder:
            self._enter(path)
            return
        if self._look is None or self._look[0] != path:
            self._look = path, await asyncio.to_thread(look, path, self._largest)
        seen = self._look[1]
        if seen.problems and self._doubted != path:
            self._doubted = path
            self.query_one("#facts", Static).update(_facts(seen))
            self._complain(
                _("It would be refused: {why}. Enter again takes it.").format(why=seen.problems[0])
            )
            return
        with suppress(OSError):  # the next time begins elsewhere, no more
            await asyncio.to_thread(self._service.picture_files.remember, self._listing.folder)
        self.dismiss(text_of(path))

    def _complain(self, words: str) -> None:
        self.query_one("#where", Static).update(Content.styled(f"✗ {clean_line(words)}", "$text-error"))

    def _enter(self, folder: Path) -> None:
        with self.prevent(Input.Changed):
            self._input.value = ""
        self._go(folder)

    def action_above(self) -> None:
        """Go to the folder above."""
        here = Path(os.path.normpath(self._listing.folder))
        if here.parent != here:
            self._wanted = here.name
            self._enter(here.parent)

    def action_into(self) -> None:
        """Go into the folder under the cursor."""
        entry = self._at_cursor
        if entry is not None and entry.is_folder:
            self._enter(self._path(entry))

    def action_complete(self) -> None:
        """Complete what is typed, as soon as it is known how."""
        self._completes = folder_of(self._input.value, self._base) != self._listing.folder
        if not self._completes:
            self._input.action_complete()

    def _completion(self, text: str) -> str:
        """Return what `text` becomes by tab."""
        if folder_of(text, self._base) != self._listing.folder:
            return text  # what is there is not known yet
        shown = (self._entries[key] for key in self.table.keys if key != _ABOVE)
        return completed(text, {entry.name: entry.is_folder for entry in shown})

    def action_hidden(self) -> None:
        """Show hidden files and folders, or not."""
        self._shows_hidden = not self._shows_hidden
        self._find()

    def action_all(self) -> None:
        """Show files that are no pictures as well, or not."""
        self._shows_all = not self._shows_all
        self._find()

    def action_newest(self) -> None:
        """Put the newest first, or go by name."""
        self._newest_first = not self._newest_first
        self._find()

    def on_resize(self, event: events.Resize) -> None:
        self._look_soon()


def _facts(seen: Look) -> Content:
    pixels = f"{seen.width}×{seen.height}" if seen.width else ""
    words = " · ".join(filter(None, (pixels, seen.kind, size(seen.length) if seen.length else "")))
    lines = [Content(words)] if words else []
    lines += [Content.styled(f"✗ {clean_line(problem)}", "$text-error") for problem in seen.problems]
    if not seen.problems:
        lines.append(Content.styled(f"✓ {_('can be sent')}", "$text-success"))
    return Content("\n").join(lines)


def _when(changed: float) -> str:
    shape = "%H:%M" if 0 <= time.time() - changed < _TODAY else "%Y-%m-%d"
    try:
        return time.strftime(shape, time.localtime(changed))
    except (OverflowError, ValueError, OSError):
        return ""
