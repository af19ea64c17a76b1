"""The builder's part that fills the form from elsewhere, and keeps it as a template."""

from __future__ import annotations

import asyncio

from textual import work

from backend.errors import UsageError
from backend.language import _
from backend.service import Draft
from tui.actions import key
from tui.screens.builder_drafts import BuilderDrafts


class BuilderFill(BuilderDrafts):
    """Mixed into the builder. What was in the form before comes back with ctrl+z."""

    def action_paste_request(self) -> None:
        """Fill the form from a curl command or a JSON body."""
        from tui.screens.builder_paste import PasteScreen

        screen = PasteScreen(self._service, self.draft, is_sandbox=self._service.is_sandbox)
        self.app.push_screen(screen, self._fill)

    async def _fill(self, draft: Draft | None) -> None:
        if draft is not None:
            words = _("Filled. {key} brings back what was here.")
            await self.replace_draft(draft, words.format(key=key("restore")))

    def action_library(self) -> None:
        """Fill the form from a template or from a former request."""
        from tui.screens.builder_library import LibraryScreen

        self.app.push_screen(LibraryScreen(self._service), self._take)

    async def _take(self, draft: Draft | None) -> None:
        await self._fill(draft)
        if draft is not None:
            await self._save()
            await self.taken_back(draft)

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
