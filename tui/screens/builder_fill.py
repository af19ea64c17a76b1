"""The builder's part that fills the form from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.screen import Screen

from backend.service import Draft

if TYPE_CHECKING:
    from backend.service import Service


class BuilderFill(Screen[str | None]):
    """Mixed into the builder. What was in the form before comes back with ctrl+z."""

    if TYPE_CHECKING:
        _service: Service

        @property
        def draft(self) -> Draft: ...

        async def replace_draft(self, draft: Draft, words: str) -> None: ...

    def action_paste_request(self) -> None:
        """Fill the form from a curl command or a JSON body."""
        from tui.screens.builder_paste import PasteScreen

        screen = PasteScreen(self._service, self.draft, is_sandbox=self._service.is_sandbox)
        self.app.push_screen(screen, self._fill)

    async def _fill(self, draft: Draft | None) -> None:
        if draft is not None:
            await self.replace_draft(draft, "Filled. ctrl+z brings back what was here.")
