"""The builder's part that fills the form from elsewhere, and keeps it as a template."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual import work
from textual.screen import Screen

from backend.errors import UsageError
from backend.language import _
from backend.service import Draft
from tui.actions import BY_ID

if TYPE_CHECKING:
    from backend.service import Service
    from tui.app import ReeltopApp


class BuilderFill(Screen[str | None]):
    """Mixed into the builder. What was in the form before comes back with ctrl+z."""

    app: ReeltopApp

    if TYPE_CHECKING:
        _service: Service

        @property
        def draft(self) -> Draft: ...

        def _say(self, text: str, *, bad: bool = False) -> None: ...

        async def replace_draft(self, draft: Draft, words: str) -> None: ...

    @work(group="aside", exit_on_error=False)
    async def put_aside(self, draft: Draft) -> None:
        """Keep a draft that another takes the place of where it can be found again."""
        try:
            await asyncio.to_thread(self._service.drafts.put, draft)
        except OSError as error:
            self._say(
                _("The draft that was here is not kept on disk: {why}").format(why=error.strerror), bad=True
            )

    def action_paste_request(self) -> None:
        """Fill the form from a curl command or a JSON body."""
        from tui.screens.builder_paste import PasteScreen

        screen = PasteScreen(self._service, self.draft, is_sandbox=self._service.is_sandbox)
        self.app.push_screen(screen, self._fill)

    async def _fill(self, draft: Draft | None) -> None:
        if draft is not None:
            words = _("Filled. {key} brings back what was here.")
            await self.replace_draft(draft, words.format(key=BY_ID["restore"].first_key))

    def action_library(self) -> None:
        """Fill the form from a template or from a former request."""
        from tui.screens.builder_library import LibraryScreen

        self.app.push_screen(LibraryScreen(self._service), self._fill)

    @work(group="template", exclusive=True, exit_on_error=False)
    async def action_save_template(self) -> None:
        """Ask for a name, and keep what is in the form as a template."""
        from tui.screens.builder_library import NameScreen, replace_question
        from tui.screens.confirm import ConfirmScreen

        templates, draft = self._service.templates, self.draft
        name = await self.app.push_screen_wait(NameScreen(templates.folder))
        if not name:
            return
        try:
            there = await asyncio.to_thread(templates.has, name)
            if there and not await self.app.push_screen_wait(ConfirmScreen(replace_question(name))):
                return
            path = await asyncio.to_thread(templates.save, name, draft)
        except (UsageError, OSError) as error:
            self._say(_("Not saved: {reason}").format(reason=error), bad=True)
        else:
            self._say(_("Saved as {path}").format(path=path))
