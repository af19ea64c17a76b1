"""The builder's part that keeps drafts: several are open, one is shown, each is on disk soon after a rest."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from textual import work
from textual.screen import Screen

from backend.errors import StoreError
from backend.language import _, ngettext
from backend.providers.fields import Role
from backend.service import Draft
from tui.actions import key
from tui.screens.builder_draft import DraftKeeper, without_own_ids
from tui.widgets.header_bar import HeaderBar

if TYPE_CHECKING:
    from backend.service import Service
    from tui.app import ReeltopApp
    from tui.screens.builder_delays import Delays
    from tui.widgets.request_form import RequestForm

SAVE_AFTER = 0.3
"""Seconds of rest before what is typed is saved."""


@dataclass(slots=True)
class OpenDraft:
    """One of the drafts that the builder goes between."""

    number: int
    """Its place on disk and among the others; 0: it changes a task."""
    keeper: DraftKeeper
    before: Draft | None = None
    """What ctrl+z puts in its place."""


class BuilderDrafts(Screen[str | None]):
    """Mixed into the builder."""

    app: ReeltopApp

    if TYPE_CHECKING:
        _service: Service
        _delays: Delays
        _submitting: bool

        @property
        def form(self) -> RequestForm: ...

        @property
        def draft(self) -> Draft: ...

        def _say(self, text: str, *, bad: bool = False) -> None: ...

        async def start(self, draft: Draft) -> None: ...

        async def catch_up(self) -> None: ...

        @property
        def has_message(self) -> bool: ...

        def as_change(self, draft: Draft) -> Draft: ...

        async def leave_change(self, first: Draft, now: Draft) -> None: ...

    def __init__(self, given: Sequence[Draft]) -> None:
        super().__init__()
        self._given = tuple(given)
        self._editing = given[0].task if given else ""
        """The task whose request is changed; empty: the form makes a new one."""
        self._drafts: list[OpenDraft] = []
        self._place = 0
        """Of the draft that is shown, in the list."""
        self._copied: OpenDraft | None = None
        """The one that was made of a single task; until it is changed it holds nothing that was typed."""
        self._put_away: list[OpenDraft] = []
        """What ctrl+z opens again, the last one first."""
        self._as_shown = Draft()
        self._made: str | None = None
        """The task that was submitted last."""
        self._has_desk = False
        self._save_failed = False

    @property
    def here(self) -> OpenDraft:
        """The draft that is shown."""
        return self._drafts[self._place]

    @property
    def heading(self) -> str:
        """What the screen is for."""
        if len(self._drafts) < 2:
            return _("new request")
        words = _("draft {number} of {count}")
        return words.format(number=self._place + 1, count=len(self._drafts))

    # -- starting -----------------------------------------------------------------------------------------

    async def open_drafts(self) -> None:
        """Open what was given and what was kept, and show one of it."""
        if self._editing:
            await self._open_change()
            return
        trouble = await self.take_drafts(self._given)
        await self._show_draft(self._place)
        count, elsewhere = len(self._drafts), self._service.desk.elsewhere
        if trouble:
            self._say(_("Drafts cannot be kept: {reason}").format(reason=trouble), bad=True)
        elif count > 1 and not self._save_failed:
            words = _("{count} drafts are open: {back} and {on} go between them.")
            self._say(words.format(count=count, back=key("draft_before"), on=key("draft_after")))
        elif elsewhere and not self._given:
            words = ngettext(
                "{count} draft is open in another reeltop.",
                "{count} drafts are open in another reeltop.",
                elsewhere,
            )
            self._say(words.format(count=elsewhere))

    async def _open_change(self) -> None:
        given, shelf = self._given[0], self._service.drafts
        kept = await asyncio.to_thread(shelf.change, self._editing)
        keeper = DraftKeeper(lambda draft: asyncio.to_thread(shelf.keep_change, draft), kept)
        goes_on = bool(kept.texts)
        if not goes_on:
            keeper.keep(given)
        self._drafts = [OpenDraft(0, keeper, given if goes_on else None)]
        await self._show_draft(0)
        if goes_on:
            words = _("What you had typed is here again; {key} shows the request as it waits.")
            self._say(words.format(key=key("restore")))

    async def take_drafts(self, given: Sequence[Draft]) -> str:
        """Open the drafts that nobody else has open, and behind them what is `given`, if it is not open yet.

        Returns why none can be kept; empty if they can.
        """
        desk = self._service.desk
        kept: dict[int, Draft] = {}
        trouble = ""
        try:
            kept = await asyncio.to_thread(desk.take)
            self._has_desk = True
        except (StoreError, OSError) as error:
            trouble = str(error)
        found = [self._opened(number, draft) for number, draft in kept.items() if draft.is_unsent]
        first = next((each for each in found if each.number == desk.shown), None)
        free, asked = list(found), []
        for draft in given:
            one = next((each for each in free if each.keeper.newest == draft), None)
            if one is not None:
                free.remove(one)
            else:
                one = self._opened(desk.begin(), Draft(), draft)
                found.append(one)
                self._copied = one if len(given) == 1 else None
            asked.append(one)
        if not found:
            # What was sent last is what the next request begins with.
            number = max(kept, default=0) or desk.begin()
            found.append(self._opened(number, kept.get(number, Draft())))
        self._drafts = found
        self._place = found.index(asked[0] if asked else first or found[0])
        with suppress(OSError):
            for number in kept.keys() - {each.number for each in found}:
                await asyncio.to_thread(desk.drop, number)
        await self._save()
        return trouble

    def _opened(self, number: int, kept: Draft, newest: Draft | None = None) -> OpenDraft:
        desk = self._service.desk
        keeper = DraftKeeper(lambda draft: asyncio.to_thread(desk.save, number, draft), kept)
        keeper.keep(newest or kept)
        return OpenDraft(number, keeper)

    # -- going between them -------------------------------------------------------------------------------

    async def _show_draft(self, place: int) -> None:
        self._place = place
        self.query_one(HeaderBar).rename(self.heading)
        await self.start(self.here.keeper.newest)
        self._as_shown = self.draft
        if not self._editing:
            with suppress(OSError):
                await asyncio.to_thread(self._service.desk.show, self.here.number)
        if self._save_failed:
            await self._save()

    async def _put_down(self) -> None:
        """Keep what is typed in the draft that is shown, also what was typed just now."""
        await self.catch_up()
        if self.draft != self._as_shown:
            self.here.keeper.keep(self.draft)
        await self._save()

    async def action_draft(self, by: int) -> None:
        """Show the next draft or the one before; behind the last begins a new one."""
        if self._submitting:
            return
        if self._editing:
            words = _("This changes a waiting request; your drafts are in the builder that {key} opens.")
            self._say(words.format(key=key("new")))
            return
        await self._put_down()
        here, newest = self.here, self.here.keeper.newest
        if by < 0 and not self._place:
            self._say(_("This is the first draft."))
            return
        if self._place + by < len(self._drafts):
            there = self._drafts[self._place + by]
        elif not newest.texts:
            self._say(_("This draft is empty: it is the new one already."))
            return
        else:
            empty = Draft(account=newest.account, operation=newest.operation)
            there = self._opened(self._service.desk.begin(), empty)
            self._drafts.append(there)
        if not newest.is_unsent:
            await self._take_away(here)
        await self._show_draft(self._drafts.index(there))

    async def _take_away(self, draft: OpenDraft) -> None:
        self._drafts.remove(draft)
        with suppress(OSError):
            await asyncio.to_thread(self._service.desk.drop, draft.number)

    # -- closing, bringing back ---------------------------------------------------------------------------

    async def action_clear(self) -> None:
        """Close the draft and show the next; the only one becomes an empty one. ctrl+z brings it back."""
        if self._submitting:
            return
        if len(self._drafts) < 2:
            if self.draft.texts:
                words = _("Cleared. {key} brings it back.").format(key=key("restore"))
                await self.replace_draft(replace(self.draft, texts={}), words)
            return
        await self._put_down()
        closed, place = self.here, self._place
        if not await self._kept_aside(closed.keeper.newest):
            return
        await self._take_away(closed)
        if closed.keeper.newest.is_unsent:
            self._put_away.append(closed)
        await self._show_draft(min(place, len(self._drafts) - 1))
        self._say(_("Draft closed. {key} brings it back.").format(key=key("restore")))

    async def action_restore(self) -> None:
        """Open again what was closed, or change places with the draft that was cleared or replaced."""
        if self._submitting:
            return
        if self._put_away:
            await self._open_again(self._put_away.pop())
        elif self.here.before is not None:
            self.here.before, other = self.draft, self.here.before
            await self.start(other)
            self._keep()
            words = _("Brought back. {key} changes again.")
            self._say(words.format(key=key("restore")))

    async def _open_again(self, closed: OpenDraft) -> None:
        await self._put_down()
        if not self.here.keeper.newest.is_unsent:
            await self._take_away(self.here)
        draft = self._opened(closed.number, Draft(), closed.keeper.newest)
        self._drafts = sorted([*self._drafts, draft], key=lambda each: each.number)
        await self._show_draft(self._drafts.index(draft))
        await self._save()
        await self.taken_back(draft.keeper.newest)
        self._say(_("Draft opened again."))

    async def replace_draft(self, draft: Draft, words: str) -> None:
        """Show another draft in this one's place and say `words`; ctrl+z brings back what was there."""
        if self._editing:
            draft = self.as_change(draft)
        self.remember()
        self._put_aside(self.draft)
        await self.start(draft)
        self._keep()
        if not self.has_message:
            self._say(words)

    def remember(self) -> None:
        """Have ctrl+z bring back the draft as it is now."""
        self.here.before = self.draft
        self._put_away.clear()

    async def taken_back(self, draft: Draft) -> None:
        """Forget that a draft was put aside: it is open again, and on disk as such."""
        if not self._save_failed:
            with suppress(OSError):
                await asyncio.to_thread(self._service.drafts.take, draft)

    @work(group="aside", exit_on_error=False)
    async def _put_aside(self, draft: Draft) -> None:
        await self._kept_aside(draft)

    async def _kept_aside(self, draft: Draft) -> bool:
        """Keep a draft that is no longer open where it can be found again. Returns whether it is."""
        try:
            await asyncio.to_thread(self._service.drafts.put, draft)
        except OSError as error:
            words = _("The draft that was here is not kept on disk: {why}")
            self._say(words.format(why=error.strerror), bad=True)
            return False
        return True

    # -- keeping ------------------------------------------------------------------------------------------

    def _keep(self) -> None:
        self.here.keeper.keep(self.draft)
        self._delays.start("save", SAVE_AFTER, self._save)

    async def _save(self) -> None:
        self._delays.stop("save")
        try:
            for each in self._drafts:
                await each.keeper.flush()
        except (StoreError, OSError) as error:
            self._save_failed = True
            self._say(_("The draft could not be saved: {reason}").format(reason=error), bad=True)
        else:
            self._save_failed = False

    async def on_unmount(self) -> None:
        if self._delays.stop("save"):
            with suppress(StoreError, OSError):
                for each in self._drafts:
                    await each.keeper.flush()
        self._give_back()

    def _give_back(self) -> None:
        if self._has_desk:
            self._has_desk = False
            self._service.desk.give_back()

    # -- leaving ------------------------------------------------------------------------------------------

    async def leave_with(self, task_id: str) -> None:
        """Go on with the next draft; after the last, go to the task that came of it, and keep the draft for
        the next request."""
        self._delays.stop("save")
        self._made = task_id
        if len(self._drafts) > 1:
            place = self._place
            await self._take_away(self.here)
            left = len(self._drafts)
            await self._show_draft(min(place, left - 1))
            words = ngettext("Submitted. {count} draft is left.", "Submitted. {count} drafts are left.", left)
            self._say(words.format(count=left))
            return
        kept = without_own_ids(self.draft, self.form.names(Role.EXTERNAL_ID))
        self.here.keeper.keep(replace(kept, sent=True))
        with suppress(StoreError, OSError):
            await self.here.keeper.flush()
        self.leave()

    async def action_leave(self) -> None:
        """Go back; what is typed is on disk before that, or the user knows that it is not."""
        if not self._submitting:
            known = self._save_failed
            await self._save()
            if known or not self._save_failed:
                if self._editing:
                    await self.leave_change(self._given[0], self.draft)
                elif (copied := self._copied) in self._drafts and self._is_untouched(copied):
                    await self._take_away(copied)
                self.leave()

    def _is_untouched(self, copied: OpenDraft) -> bool:
        typed = copied is self.here and self.draft != self._as_shown
        return not typed and copied.keeper.newest == self._given[0]

    def leave(self, result: str | None = None) -> None:
        """Close the builder, so that others may open the drafts."""
        self._give_back()
        self.dismiss(result or self._made)
