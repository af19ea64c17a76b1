"""Finding tasks on the dashboard: the filter, and the way from match to match."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from textual import on

from backend.language import _
from backend.text import clean_line
from tui.messages import FilterChanged, FilterLeft
from tui.screens.dashboard_list import ListScreen
from tui.stepping import next_one, nothing_sought, wrapped_words
from tui.widgets.view_bar import ViewBar

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from backend.clock import Clock
    from backend.models import Task
    from backend.query import Query
    from backend.service import Service
    from tui.widgets.filter_bar import FilterBar

_EARLIER = 30
"""Filters remembered."""


class FindingScreen(ListScreen):
    """What of the dashboard is about the filter. What was searched last stays known when it is taken away."""

    _sought: Query | None = None

    @property
    def filter_bar(self) -> FilterBar:
        """The line of the filter."""
        return self._filter_bar

    @property
    def is_filtering(self) -> bool:
        """Whether a filter is being typed."""
        return self._is_filled and self._filter_bar.is_open

    def _restore(self, service: Service, clock: Clock) -> Awaitable[None] | None:
        from tui.widgets.filter_bar import FilterBar

        is_first = not self._is_filled
        super()._restore(service, clock)
        if is_first:
            self._filter_bar: FilterBar = FilterBar()
            return self.mount(self._filter_bar, after=self.query_one(ViewBar))
        self._filter_bar.set_text("")  # the new list has no filter
        return None

    def action_filter(self) -> None:
        """Type a filter."""
        if self.service is not None:
            from backend.query_completion import known_values

            names = [account.name for account in self.service.accounts()]
            known = known_values(self.service.tasks.values(), names)
            self.filter_bar.open(known, self._left.filters)

    @on(FilterChanged)
    def _filter(self, event: FilterChanged) -> None:
        self._set_filter(event.text)

    @on(FilterLeft)
    def _leave_filter(self, event: FilterLeft) -> None:
        self._set_filter(event.text)
        self.table.focus()
        if event.text:
            self._sought = self.tasks.query
            others = (text for text in self._left.filters if text != event.text)
            self._remember(replace(self._left, filters=(event.text, *others)[:_EARLIER]))

    def _set_filter(self, text: str) -> None:
        from backend.query import parse

        if text != self.tasks.query.text:
            self.tasks.query = parse(text)
            self._release()
            self.tasks.narrow()
            self._show_list()

    def filter_everything(self, text: str) -> None:
        """Show what fits this filter, whatever the view was."""
        self.tasks.problems_only = False
        self._choose_view(0)
        self.filter_bar.set_text(text)
        self._set_filter(text)
        self._sought = self.tasks.query
        self.tasks.narrow()
        self._show_list()
        self._keep()

    def _drop_filter(self) -> bool:
        """Take the filter away; False if there is none."""
        if not self.tasks.query.text:
            return False
        self.filter_bar.set_text("")
        self._set_filter("")
        return True

    def action_match(self, step: int) -> None:
        """Go to the next task that fits what was searched last, or to the one before, whatever is shown."""
        if self._sought is None or not self._sought.tests:
            self.app.say(nothing_sought("filter", "match"))
            return
        found = next_one(self.table.keys, self.table.cursor_key, self.tasks.fitting(self._sought), step)
        if found is None:
            words = _("None of {count} tasks shown fits {filter}")
            self.app.say(words.format(count=len(self.table.keys), filter=clean_line(self._sought.text)))
            return
        self.table.move_to(found.key)
        if found.wrapped:
            self.app.say(wrapped_words(step))

    def action_problems_only(self) -> None:
        """Show only tasks in trouble, or all again."""
        self.tasks.problems_only = not self.tasks.problems_only
        self._release()
        self.tasks.narrow()
        self._show_list()

    def _make_visible(self, task: Task) -> None:
        """Let a task be shown, whatever hides it."""
        self._release()
        if task.id in self.tasks.keys:
            return
        self._drop_filter()
        self.tasks.problems_only = False
        if task.id not in self.tasks.keys:
            self._choose_view(0)
        self.tasks.refresh()
        self._show_list()
