"""A batch of drafts: one whose variables make a matrix, or several for several accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from backend.batches.plan import Plan
from backend.batches.recording import Batches, batch_name, only_one
from backend.batches.rows import MOST_ROWS, Checked
from backend.batches.sheet import RawRow, Sheet
from backend.batches.variables import count, names_in, used
from backend.errors import UsageError
from backend.language import _
from backend.providers.fields import leaf_specs

if TYPE_CHECKING:
    from backend.accounts import Account
    from backend.clock import Clock
    from backend.drafts import Draft
    from backend.models import Task

_FILE = "request"
"""As messages name what is no file."""


@dataclass(frozen=True, slots=True)
class DraftPlan:
    """What would be made, to be agreed to."""

    checked: Checked
    plan: Plan


class DraftBatches:
    """Of one service."""

    def __init__(self, batches: Batches, accounts: Mapping[str, Account], data: Path, clock: Clock) -> None:
        self._batches = batches
        self._accounts = accounts
        self._data = data
        self._clock = clock

    def blanks(self, drafts: Sequence[Draft]) -> list[str]:
        """Return the variables that the drafts' fields name, each once, in order."""
        return list(dict.fromkeys(names_in([self._cells(draft) for draft in drafts])))

    def count(self, drafts: Sequence[Draft], variables: Mapping[str, Sequence[str]]) -> int:
        """Return how many tasks the drafts make with these values, without making them."""
        return sum(count(self._cells(draft), variables) for draft in drafts)

    async def plan(
        self, drafts: Sequence[Draft], variables: Mapping[str, Sequence[str]], name: str = ""
    ) -> DraftPlan:
        """Check every request that the drafts make; without a name the batch gets one of its own.

        What a batch of this name has already made is not made again. Raises BatchError with all that is
        wrong, UsageError, OSError.
        """
        cells = [self._cells(draft) for draft in drafts]
        wanted = used(cells, variables)
        for blank in wanted:
            if not variables[blank]:
                raise UsageError(_("{{{{{blank}}}}} needs a value").format(blank=blank))
        rows = [RawRow(number, 0, row) for number, row in enumerate(cells, 1)]
        listed = {blank: list(variables[blank]) for blank in wanted}
        if self.count(drafts, listed) > MOST_ROWS:
            raise UsageError(
                _("that makes more than {most:,} tasks; take fewer values").format(most=MOST_ROWS)
            )
        sheet = Sheet(file=_FILE, folder=Path(), rows=rows, variables=listed)
        checked = await self._batches.check(sheet, _as_said)
        name = batch_name(Path(), name) if name.strip() else self._usual_name()
        return DraftPlan(checked, await self._batches.plan(name, _FILE, checked))

    async def record(self, agreed: DraftPlan) -> list[Task]:
        """Put all tasks of a plan on disk at once, fsynced, or none.

        Raises UsageError if another reeltop has changed the batch since it was planned, StoreError, OSError.
        """
        with only_one(self._data, agreed.plan.name):
            plan = await self._batches.plan(agreed.plan.name, _FILE, agreed.checked)
            if [entry.row for entry in plan.new] != [entry.row for entry in agreed.plan.new]:
                raise UsageError(
                    _("batch {plan} was changed by another reeltop just now; look again").format(
                        plan=plan.name
                    )
                )
            return await self._batches.record(plan)

    def _cells(self, draft: Draft) -> dict[str, str]:
        """Return the cells of a draft's row: the fields that its operation has."""
        model = self._accounts[draft.account].provider.operations[draft.operation].model
        names = (spec.name for spec in leaf_specs(model))
        texts = {name: draft.texts[name] for name in names if draft.texts.get(name, "").strip()}
        return {**texts, "account": draft.account, "operation": draft.operation}

    def _usual_name(self) -> str:
        return f"builder-{self._clock.now():%Y%m%d-%H%M%S-%f}"


def values_in(text: str) -> list[str]:
    """Return a variable's values as typed, one a line; empty lines and repeated ones count for nothing."""
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def _as_said(account: str | None, operation: str | None) -> tuple[str, str]:
    if account is None or operation is None:
        raise UsageError(_("needs an account and an operation"))
    return account, operation
