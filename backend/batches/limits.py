"""What a batch may cost at most. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from backend.costs import CostEstimate, amount, charged
from backend.errors import UsageError
from backend.language import _
from backend.models import Task

_TEXT = re.compile(r"(\d{1,12}(?:\.\d{1,9})?)\s*([^\W\d_]{0,12})")


@dataclass(frozen=True, slots=True)
class MaxCost:
    """The most that all tasks of a batch may cost together, over all its runs."""

    amount: Decimal
    unit: str
    """Empty: the only unit that is estimated."""

    @classmethod
    def parse(cls, text: str) -> MaxCost:
        """Read ``50``, ``50 CNY``, ``50units``. Raises ValueError."""
        found = _TEXT.fullmatch(text.strip())
        if found is None:
            raise ValueError(_("must be an amount such as 50 or 50CNY, not {text!r}").format(text=text))
        return cls(Decimal(found[1]), "unit" if found[2] == "units" else found[2])

    def allow(self, made: Iterable[Task], coming: Iterable[CostEstimate | None]) -> MaxCost:
        """Return the limit with its unit, if what was charged for `made` and what is `coming` stay below it.

        Raises UsageError that says why not.
        """
        spent, most = charged(made), Decimal(0)
        unit = self.unit
        for estimate in coming:
            if estimate is None:
                raise UsageError(_("--max-cost: there is no estimate for a row, so nothing is sent"))
            unit = unit or estimate.unit
            if estimate.unit != unit:
                said = _("--max-cost is in {unit}, a row is estimated in {other}; nothing is sent")
                raise UsageError(said.format(unit=unit, other=estimate.unit))
            most += estimate.high
        unit = unit or next(iter(spent), "unit")
        limit = MaxCost(self.amount, unit)
        if said := limit.exceeded(spent):
            raise UsageError(_("--max-cost: {said}; nothing is sent").format(said=said))
        already = spent.get(unit, Decimal(0))
        if already + most > self.amount:
            told = _("--max-cost: about {amount} to come would exceed {limit}; nothing is sent")
            if already:
                told = _(
                    "--max-cost: about {amount} to come after {spent} so far would exceed {limit}; "
                    "nothing is sent"
                )
            sums = {"amount": amount(most, unit), "spent": amount(already, unit)}
            raise UsageError(told.format(**sums, limit=amount(self.amount, unit)))
        return limit

    def exceeded(self, spent: Mapping[str, Decimal]) -> str:
        """Return why no more may be sent after these charges; nothing if more may."""
        for unit, sum_ in spent.items():
            if sum_ and unit != self.unit:
                return _("the provider charges in {unit}, which a limit in {own} does not cover").format(
                    unit=unit, own=self.unit
                )
        if spent.get(self.unit, Decimal(0)) > self.amount:
            return _("{amount} charged, more than {limit}").format(
                amount=amount(spent[self.unit], self.unit), limit=amount(self.amount, self.unit)
            )
        return ""
