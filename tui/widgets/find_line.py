"""The line in which words are typed that are to be found in a long text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import Input, Static

from backend.language import _
from backend.text import clean_line
from tui.action import Scope
from tui.actions import bindings, key
from tui.stepping import wrapped_words
from tui.text_search import MOST
from tui.widgets.status_bar import StatusBar

if TYPE_CHECKING:
    from tui.widgets.section_view import SectionView


class FindInput(Input):
    """A line of text whose arrows go from match to match."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Scope.FINDING)

    def _line(self) -> FindLine:
        return next(each for each in self.ancestors if isinstance(each, FindLine))

    def action_step(self, step: int) -> None:
        """Go to the next match, or to the one before, and stay here."""
        self._line().step(step)

    def action_give_up(self) -> None:
        """Back to where the text was."""
        self._line().give_up()


class FindLine(Horizontal):
    """Below a text, or several that stand beside each other, while words are found in it."""

    DEFAULT_CSS = """
    FindLine {
        height: 1;
        background: $surface;

        .slash { width: 3; color: $primary; text-style: bold; }
        FindInput { width: 1fr; background: $surface; }
        FindInput:focus { background: $panel; background-tint: $foreground 0%; }
        .count { width: auto; padding: 0 1; color: $foreground; }
    }
    """

    def __init__(self, view: SectionView) -> None:
        super().__init__()
        self._view = view
        """Where it was asked for."""
        self._views = _beside(view)
        self._counts: Sequence[int] = [0] * len(self._views)
        self._at: int | None = None
        """Place of the match that stands out, among those of all views."""
        self._before = [each.scroll_offset.y for each in self._views]
        self._told = ""

    def compose(self) -> ComposeResult:
        yield Static(" / ", classes="slash", markup=False)
        line = FindInput(compact=True)
        line.cursor_blink = False
        yield line
        yield Static("", classes="count", markup=False)

    def on_mount(self) -> None:
        for view in self._views:
            view.be_searched(self)
        self._say()
        self.type()

    @property
    def line(self) -> FindInput:
        """Where the words are typed."""
        return self.query_one(FindInput)

    def open(self) -> None:
        """Appear below the text."""
        screen = self._view.screen
        if boxes := screen.query("#box"):
            boxes.first().mount(self)
        else:
            screen.mount(self, before=screen.query_one(StatusBar))

    def type(self) -> None:
        """Let words be typed, instead of those that are there."""
        self._before = [view.scroll_offset.y for view in self._views]
        self.line.can_focus = True
        self.line.focus()
        self.line.select_all()

    def step(self, step: int) -> None:
        """Go to another match, round the end if need be, and say so then."""
        total = sum(self._counts)
        if total and self._at is not None:
            wraps = not 0 <= self._at + step < total
            self._go((self._at + step) % total)
            self._say(wrapped_words(step) if wraps else "")

    def give_up(self) -> None:
        """End, and show what was shown before."""
        for view, place in zip(self._views, self._before, strict=True):
            view.scroll_to(y=place)
        self.end()

    def end(self) -> None:
        """Disappear; the text is as it was."""
        for view in self._views:
            view.be_searched(None)
        if self.screen.focused is self.line:
            self._view.focus()
        self.remove()

    def look_again(self) -> None:
        """Find the words in what the text has become, without moving it."""
        place = self._located()
        line = place[0].lit_line if place is not None else None
        self._count()
        if place is not None and line is not None:
            view, last = place[0], sum(self._counts) - 1
            near = view.first_match(line)
            self._at = min(self._first_of(view) + (near or 0), last) if last >= 0 else None
        elif sum(self._counts):
            self._at = 0
        self._light(reveal=False)
        self._say()

    def heed_focus(self) -> None:
        """End when something else has the focus."""
        self.call_after_refresh(self._end_elsewhere)

    def _end_elsewhere(self) -> None:
        focused = self.screen.focused if self.is_attached else None
        if focused is not None and focused not in (*self._views, self.line):
            self.end()

    @on(Input.Changed)
    def _change(self, event: Input.Changed) -> None:
        event.stop()
        self._count()
        near = self._view.first_match(self._before[self._views.index(self._view)])
        self._at = 0 if sum(self._counts) else None
        if near is not None:
            self._at = self._first_of(self._view) + near
        self._light()
        self._say()

    @on(Input.Submitted)
    def _keep(self, event: Input.Submitted) -> None:
        event.stop()
        self._view.focus()
        self.line.can_focus = False
        if not event.value:
            self.end()
        else:
            self.call_after_refresh(self._say)

    # -- Matches ------------------------------------------------------------------------------------------

    def _count(self) -> None:
        words = clean_line(self.line.value)
        self._counts = [view.find(words) for view in self._views]

    def _first_of(self, view: SectionView) -> int:
        return sum(self._counts[: self._views.index(view)])

    def _located(self) -> tuple[SectionView, int] | None:
        """Return in which view the match that stands out is, and its place there."""
        place = self._at
        for view, count in zip(self._views, self._counts, strict=True):
            if place is not None and place < count:
                return view, place
            place = place - count if place is not None else None
        return None

    def _go(self, at: int) -> None:
        self._at = at
        self._light()

    def _light(self, *, reveal: bool = True) -> None:
        lit = self._located()
        for view in self._views:
            view.light(lit[1] if lit is not None and lit[0] is view else None, reveal=reveal)

    def _say(self, more: str = "") -> None:
        words = [self._words(), more]
        if self.line.has_focus:
            words.append(_("{esc} back").format(esc=key("find_give_up")))
        else:
            keys = {name: key(name) for name in ("find_next", "find_before", "find_end")}
            words.append(_("{find_next} next · {find_before} before · {find_end} ends").format(**keys))
        told = " · ".join(word for word in words if word)
        if told != self._told:
            self._told = told
            self.query_one(".count", Static).update(told)

    def _words(self) -> str:
        total = sum(self._counts)
        if not self.line.value:
            return ""
        if not total or self._at is None:
            return _("no match")
        if max(self._counts) > MOST:
            return _("{place} of more than {most}").format(place=f"{self._at + 1:,}", most=f"{MOST:,}")
        return _("{place} of {count}").format(place=f"{self._at + 1:,}", count=f"{total:,}")


def _beside(view: SectionView) -> list[SectionView]:
    """Return the views that are read together with this one, in order."""
    from tui.widgets.section_view import SectionView

    around = view.parent.children if view.parent is not None else ()
    return [each for each in around if isinstance(each, SectionView) and each.display]
