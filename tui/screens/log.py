"""What was asked of the providers, the newest last, found by typed words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.events import DescendantFocus, ScreenResume, ScreenSuspend
from textual.screen import Screen
from textual.widgets import Input

from backend.language import N_, _, ngettext, spoken
from backend.request_log import Entry, Filter
from backend.text import clean_line
from tui.action import Scope
from tui.actions import also, bindings, key
from tui.detail import Row, Section
from tui.formatters import size
from tui.messages import RequestsChanged
from tui.screens.dialog import Dialog
from tui.stepping import next_one, nothing_sought, wrapped_words
from tui.widgets.header_bar import HeaderBar
from tui.widgets.line_table import Cell, Column, LineTable
from tui.widgets.section_view import SectionView
from tui.widgets.status_bar import Hint, StatusBar

if TYPE_CHECKING:
    from textual.timer import Timer

    from backend.service import Service
    from tui.app import ReeltopApp

_COLUMNS = (
    Column("at", N_("Time"), 8),
    Column("account", N_("Account"), 10, grow=1, priority=3),
    Column("task", N_("Task"), 9, priority=2),
    Column("purpose", N_("For"), 6),
    Column("outcome", N_("Answer"), 7, grow=1),
    Column("ms", "ms", 6, align="right"),
    Column("size", N_("Sent/got"), 13, align="right", priority=4),
    Column("url", N_("Request"), 20, grow=3, priority=1),
)
_OTHERS_SECONDS = 2.0
"""Between two looks at the file that another reeltop writes."""


class LogScreen(Screen[None]):
    """The requests, live. Follows the newest while the cursor is on it."""

    app: ReeltopApp
    CSS = """
    LogScreen LineTable { height: 1fr; }
    LogScreen Input { background: $surface; display: none; }
    LogScreen.-filtered Input { display: block; }
    LogScreen Input:focus { background: $panel; background-tint: $foreground 0%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings(Scope.LOG)

    def __init__(self, service: Service, words: str = "") -> None:
        """`words` is the filter to begin with."""
        super().__init__()
        self._service = service
        self._words = self._sought = words
        self._shown: dict[str, Entry] = {}
        self._follows = True
        self._all = 0
        self._looking: Timer | None = None

    def compose(self) -> ComposeResult:
        yield HeaderBar(self._service, _("requests"))
        line = Input(
            self._words,
            placeholder=_("words to find; task: account: status: error: say where, - without"),
            compact=True,
            select_on_focus=False,
        )
        line.cursor_blink = False
        line.can_focus = False
        yield line
        yield LineTable(_COLUMNS, self._row, empty_text=_("nothing was asked yet"))
        yield StatusBar()

    @property
    def _table(self) -> LineTable:
        return self.query_one(LineTable)

    @property
    def _line(self) -> Input:
        return self.query_one(Input)

    def on_mount(self) -> None:
        self._looking = self.set_interval(_OTHERS_SECONDS, self._look_at_others)
        self._table.focus()
        self._service.requests.watch(True)
        self._show()
        self._look()

    def on_unmount(self) -> None:
        self._service.requests.watch(False)

    @on(ScreenSuspend)
    def _rest(self) -> None:
        if self._looking is not None:
            self._looking.pause()

    @on(ScreenResume)
    def _return(self) -> None:
        if self._looking is not None:
            self._looking.resume()
            self._show()

    # -- What there is ------------------------------------------------------------------------------------

    def _look_at_others(self) -> None:
        if not self._service.leads:
            self._look()

    @work(group="request log", exclusive=True, exit_on_error=False)
    async def _look(self) -> None:
        try:
            is_new = await self._service.requests.look()
        except OSError as error:
            self.app.say(f"{error.filename}: {error.strerror}", "warning")
            return
        if is_new and self.is_attached:
            self._show()

    @on(RequestsChanged)
    def _show(self) -> None:
        wanted = Filter(self._words)
        entries = self._service.requests.entries()
        self._all = len(entries)
        self._shown = {entry.key: entry for entry in entries if wanted.fits(entry)}
        self.set_class(bool(self._words) or self._line.has_focus, "-filtered")
        table = self._table
        table.empty_text = _("nothing was asked yet")
        if self._all:
            table.empty_text = _("none of {count} fits").format(count=self._all)
        table.set_keys(list(self._shown))
        if self._follows and self._shown:
            table.move_to(next(reversed(self._shown)))
        self._show_hints()

    def _row(self, key: str) -> Sequence[Cell]:
        entry = self._shown[key]
        return (
            Cell(f"{entry.at.astimezone():%H:%M:%S}", "empty"),
            Cell(entry.account),
            Cell(_tasks(entry)),
            Cell(_(entry.purpose) if entry.attempt == 1 else f"{_(entry.purpose)} {entry.attempt}"),
            Cell(outcome(entry), "" if entry.went_well else "mark"),
            Cell(f"{entry.ms:.0f}"),
            Cell(f"{size(entry.sent)}/{size(entry.received)}", "empty"),
            Cell(_path_first(entry)),
        )

    def _show_hints(self) -> None:
        note = _("{count} of {total}")
        if problem := self._service.requests.problem:
            note = _("{count} of {total}; not on disk: {reason}")
        elif self._follows:
            note = _("{count} of {total}, following")
        said = note.format(count=len(self._shown), total=self._all, reason=problem)
        hints: Sequence[Hint] = (
            ("enter", _("all of it")),
            (key("log_filter"), _("filter")),
            (key("log_follow"), _("follow")),
            (key("log_save"), _("save")),
        )
        if self._line.has_focus:
            words = _("any of it, task: account: for: status: url: error: or -without")
            hints = (("enter", _("keep")), (_("words"), words))
        self.query_one(StatusBar).show(hints, [(key("log_back"), _("back"))], said)

    # -- What can be done ---------------------------------------------------------------------------------

    @on(LineTable.CursorMoved)
    def _move(self) -> None:
        follows = not self._shown or self._table.cursor_key == next(reversed(self._shown))
        if follows != self._follows:
            self._follows = follows
            self._show_hints()

    def action_follow(self) -> None:
        """Go to the newest and stay with what comes in."""
        self._follows = True
        self._show()

    @work(group="save requests", exit_on_error=False)
    async def action_save(self) -> None:
        """Keep what is shown in a file."""
        entries = list(self._shown.values())
        if not entries:
            self.app.say(_("There is no request to save"), "warning")
            return
        try:
            path = await self._service.requests.save(self._service.paths.downloads, entries)
        except OSError as error:
            self.app.say(f"{error.filename}: {error.strerror}", "error")
        else:
            words = ngettext(
                "{count} request saved to {path}", "{count} requests saved to {path}", len(entries)
            )
            self.app.say(words.format(count=len(entries), path=path))

    def action_filter(self) -> None:
        """Type words."""
        self.add_class("-filtered")
        self._line.can_focus = True
        self._line.focus()
        self._line.cursor_position = len(self._line.value)

    @on(Input.Changed)
    def _find(self, event: Input.Changed) -> None:
        if event.value != self._words:
            self._words = event.value
            self._follows = self._follows or self._line.has_focus
            self._show()

    @on(Input.Submitted)
    def _leave_filter(self) -> None:
        self._sought = self._words or self._sought
        self._table.focus()
        self._line.can_focus = False

    @on(DescendantFocus)
    def _heed_focus(self) -> None:
        self._show()

    def action_back(self) -> None:
        """Take the filter away, but stay at the request; without one, return to where it was opened."""
        if not self._line.has_focus and not self._words:
            self.dismiss(None)
            return
        entries = self._service.requests.entries()
        self._follows = not entries or self._table.cursor_key in (None, entries[-1].key)
        self._line.value = ""
        self._leave_filter()

    def action_match(self, step: int) -> None:
        """Go to the next request that fits what was searched last, or to the one before."""
        if not self._sought:
            self.app.say(nothing_sought("log_filter", "log_match"))
            return
        wanted = Filter(self._sought)
        keys, here = list(self._shown), self._table.cursor_key
        found = next_one(keys, here, lambda key: wanted.fits(self._shown[key]), step)
        if found is None:
            words = _("None of the requests shown fits {filter}")
            self.app.say(words.format(filter=clean_line(self._sought)))
            return
        self._table.move_to(found.key)
        if found.wrapped:
            self.app.say(wrapped_words(step))

    def action_leave(self) -> None:
        """Return to where it was opened."""
        self.dismiss(None)

    @on(LineTable.RowSelected)
    def _open(self, event: LineTable.RowSelected) -> None:
        self.app.push_screen(RequestDialog(self._shown[event.key]))


class RequestDialog(Dialog[None]):
    """One request in full."""

    DEFAULT_CSS = "RequestDialog SectionView { height: auto; max-height: 100%; background: $surface; }"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.LIST), also("open", "cancel")]

    def __init__(self, entry: Entry) -> None:
        super().__init__(_("Request"))
        self._entry = entry

    def compose_box(self) -> ComposeResult:
        yield SectionView([Section("", tuple(rows(self._entry)))])

    def on_mount(self) -> None:
        self.query_one(SectionView).focus()


def rows(entry: Entry) -> list[Row]:
    """Return all that is known of a request."""
    facts = [
        Row(_("Request"), clean_line(f"{entry.method} {entry.url}"), "strong"),
        Row(_("Answer"), outcome(entry), "" if entry.went_well else "doubtful"),
        Row(_("When"), f"{entry.at.astimezone():%Y-%m-%d %H:%M:%S.%f}"[:-3]),
        Row(_("Took"), _("{number} ms").format(number=f"{entry.ms:,.1f}")),
        Row(_("For"), _(entry.purpose)),
        Row(_("Account"), clean_line(entry.account) or _("none needed")),
        Row(_("Tasks"), clean_line(" ".join(entry.tasks)) or _("none")),
        Row(_("Sent"), _("{count} bytes of body").format(count=f"{entry.sent:,}")),
        Row(_("Received"), _("{count} bytes of body").format(count=f"{entry.received:,}")),
    ]
    if entry.attempt > 1:
        words = _("{attempt}: sent again with a renewed token")
        facts.append(Row(_("Attempt"), words.format(attempt=entry.attempt)))
    return facts


def outcome(entry: Entry) -> str:
    """Return what came of a request: the status, or why there is none."""
    status = f"{entry.status} " if entry.status is not None else ""
    return clean_line(f"{status}{spoken(entry.words, is_ours=entry.status is None)}").strip()


def _path_first(entry: Entry) -> str:
    """Return what was asked, then of whom: of a long line the end is cut."""
    host, slash, path = entry.url.partition("://")[2].partition("/")
    return f"{entry.method} {slash}{path}  {host}"


def _tasks(entry: Entry) -> str:
    others = len(entry.tasks) - 1
    return (entry.tasks[0] if entry.tasks else "") + (f" +{others}" if others > 0 else "")
