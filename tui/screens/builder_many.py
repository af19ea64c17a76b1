"""The builder's part that sends many tasks at once: a draft with variables, or for several accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from textual import work

from backend.errors import ReeltopError
from backend.language import _
from backend.service import Draft
from tui.screens.builder_edit import BuilderEdit
from tui.screens.builder_pick import BuilderPick
from tui.screens.builder_words import many_question
from tui.screens.confirm import ConfirmScreen

if TYPE_CHECKING:
    from backend.batches.drafts import DraftPlan
    from tui.screens.builder_draft import Carrier
    from tui.screens.builder_target import Target


class BuilderMany(BuilderPick, BuilderEdit):
    """Mixed into the builder."""

    if TYPE_CHECKING:
        _carrier: Carrier
        _target: Target | None

        async def settle(self) -> None: ...

    def action_several(self) -> None:
        """Choose the accounts that the draft goes to, and send it to all of them."""
        if self._editing:
            self._say(
                _("A waiting request stays with its account; as a new one it could go to several."), bad=True
            )
        elif not self._submitting and self._target is not None:
            self._submitting = True
            self._several()

    @work(group="submit", exit_on_error=False)
    async def _several(self) -> None:
        from tui.screens.builder_several import SeveralScreen, offers

        try:
            await self.settle()
            if self._target is None:
                return
            found = offers(self._service, self._target, self.draft)
            screen = SeveralScreen(found, self._target.account.name, is_sandbox=self._service.is_sandbox)
            drafts = await self.app.push_screen_wait(screen)
            if drafts:
                await self.send_many(drafts)
        except (ReeltopError, OSError) as error:
            self._say(_("Not submitted: {reason}").format(reason=error), bad=True)
        finally:
            self._submitting = False

    @property
    def blanks(self) -> list[str]:
        """The variables in what is typed."""
        if self._target is None or not any("{{" in text for text in self.draft.texts.values()):
            return []
        return self._service.draft_batches.blanks([self.draft])

    async def send_many(self, drafts: Sequence[Draft]) -> None:
        """Ask for values and for a yes, put all tasks on disk at once, and leave. Raises ReeltopError,
        OSError."""
        plan = await self._planned(drafts)
        if plan is None:
            self._say(_("Not submitted; everything is still here."))
            return
        if not plan.plan.new:
            self._say(_("Batch {name} has all of these already.").format(name=plan.plan.name))
            return
        sandboxes = [self._service.account(name).sandbox for name in {draft.account for draft in drafts}]
        question = many_question(plan.plan, is_sandbox=all(sandboxes))
        if not await self.app.push_screen_wait(ConfirmScreen(question, is_sandbox=all(sandboxes))):
            self._say(_("Not submitted; everything is still here."))
            return
        tasks = await self._service.draft_batches.record(plan)
        await self.leave_with(tasks[-1].id)

    async def _planned(self, drafts: Sequence[Draft]) -> DraftPlan | None:
        names = self._service.draft_batches.blanks(drafts)
        if not names:
            return await self._service.draft_batches.plan(drafts, {})
        from tui.screens.builder_values import ValuesScreen

        screen = ValuesScreen(
            self._service,
            drafts,
            self._carrier.values(names),
            self._keep_values,
            is_sandbox=self._service.is_sandbox,
        )
        return await self.app.push_screen_wait(screen)

    def _keep_values(self, texts: Mapping[str, str]) -> None:
        self._carrier.keep_values(texts)
        self._keep()
