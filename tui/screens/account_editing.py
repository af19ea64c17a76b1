"""What the accounts screen does to the configuration."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import work

from backend.errors import ReeltopError
from backend.language import _
from backend.text import clean_line
from tui.places import OWN, SANDBOX, other_places
from tui.screens.account_form import AccountForm
from tui.screens.builder_choices import ChoiceScreen
from tui.screens.confirm import ConfirmScreen
from tui.screens.dialog import Dialog
from tui.widgets.field_choices import Choice
from tui.wording import remove_account_question, sandbox_question

if TYPE_CHECKING:
    from backend.account_book import AccountBook, Edition, Preset
    from backend.service import Service
    from tui.app import ReeltopApp


class AccountEditing(Dialog[None]):
    """Adds, changes, disables and removes accounts, and has them taken up."""

    app: ReeltopApp
    _service: Service

    def account_at_hand(self) -> str | None:
        """Return the name of the account under the cursor."""
        raise NotImplementedError

    @work(group="account editing", exclusive=True, exit_on_error=False)
    async def action_add(self) -> None:
        """Choose what kind of account, then fill in the rest."""
        if (read := await self._read()) is None:
            return
        book, edition, presets = read
        choices = [
            Choice(str(place), preset.title, preset.base_url or _("you say where"))
            for place, preset in enumerate(presets)
        ]
        if self.app.can_change_place:
            choices += other_places(is_sandbox=self.app.is_sandbox, is_configured=bool(edition.accounts))
        chosen = await self.app.push_screen_wait(ChoiceScreen(_("Which account?"), choices, "0"))
        if chosen in (SANDBOX, OWN):
            await self._change_place(sandbox=chosen == SANDBOX)
        elif chosen is not None:
            preset = presets[int(chosen)]
            await self._fill_in(book, edition, preset.provider, preset)

    @work(group="account editing", exclusive=True, exit_on_error=False)
    async def action_edit(self) -> None:
        """Change the account under the cursor."""
        name = self.account_at_hand()
        if name is not None and (read := await self._read(name)) is not None:
            book, edition, _presets = read
            await self._fill_in(book, edition, edition.accounts[name].provider.name, name)

    @work(group="account editing", exclusive=True, exit_on_error=False)
    async def action_disable(self) -> None:
        """Have the account under the cursor send and ask nothing, or go on."""
        name = self.account_at_hand()
        if name is not None and (read := await self._read(name)) is not None:
            book, edition, _presets = read
            disabled = not edition.accounts[name].disabled
            await self._change(lambda: book.set_disabled(edition, name, disabled))

    @work(group="account editing", exclusive=True, exit_on_error=False)
    async def action_remove(self) -> None:
        """Forget the account under the cursor, after a question."""
        name = self.account_at_hand()
        if name is None or (read := await self._read(name)) is None:
            return
        book, edition, _presets = read
        question = remove_account_question(name, self._service.tasks.values())
        if await self.app.push_screen_wait(ConfirmScreen(question)):
            await self._change(lambda: book.remove(edition, name))

    async def _change_place(self, *, sandbox: bool) -> None:
        service = self._service
        question = sandbox_question(service.tasks.values(), service.leads) if sandbox else None
        if question is None or await self.app.push_screen_wait(ConfirmScreen(question)):
            self.app.change_place(sandbox=sandbox)

    async def _fill_in(self, book: AccountBook, edition: Edition, provider: str, begun: Preset | str) -> None:
        form = AccountForm(book, edition, self._service.provider(provider), begun)
        saved = await self.app.push_screen_wait(form)
        if saved is not None:
            self.app.take_up_accounts(saved)

    async def _read(self, name: str | None = None) -> tuple[AccountBook, Edition, list[Preset]] | None:
        """Return the accounts as they are configured now; None, with a word why, if that is no use."""

        def read() -> tuple[AccountBook, Edition, list[Preset]]:
            from backend.account_book import presets

            book = self._service.account_book
            return book, book.read(), list(presets())

        try:
            found = await asyncio.to_thread(read)
        except (ReeltopError, OSError) as error:
            self._complain(error)
            return None
        if name is not None and name not in found[1].accounts:
            words = _("{account} is not in {path}: there is nothing to change")
            self.app.say(words.format(account=name, path=found[0].path), "warning")
            return None
        return found

    async def _change(self, change: Callable[[], None]) -> None:
        try:
            await asyncio.to_thread(change)
        except (ReeltopError, OSError) as error:
            self._complain(error)
        else:
            self.app.take_up_accounts()

    def _complain(self, error: Exception) -> None:
        self.notify(clean_line(str(error)), severity="error", markup=False)
