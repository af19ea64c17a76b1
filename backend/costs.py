"""What a request will cost before it is sent, as an estimate that says its rule; and what was charged.

The rules, the first that gives a number counts (DESIGN rule 5): the user's own prices, what tasks like it
were charged, a published price. Amounts are decimal; only amounts of one unit are ever added.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from backend.errors import UsageError
from backend.language import _, ngettext
from backend.models import Status, Task
from backend.traits import traits_of

if TYPE_CHECKING:
    from backend.accounts import Account
    from backend.providers.contract import Operation
    from backend.providers.fields import RequestModel

_REMEMBERED = 50
"""Charged tasks of a kind that an estimate looks back on."""


class Rule(StrEnum):
    """Where an estimate comes from."""

    PRICES = "prices"
    """The user's own, in the configuration."""
    HISTORY = "history"
    """What the provider charged for tasks like it."""
    PUBLISHED = "published"


@dataclass(frozen=True, slots=True, kw_only=True)
class CostEstimate:
    """What a request will probably cost."""

    low: Decimal
    high: Decimal
    """The same as `low`, but for a history of several amounts."""
    unit: str
    rule: Rule
    source: str
    """The rule in a few words, to stand behind the amount."""
    cases: int = 0
    """How many charged tasks a history rests on."""

    def __str__(self) -> str:
        sums = amounts(self.low, self.high, self.unit)
        return _("about {amount}, {rule}").format(amount=sums, rule=self.source)


@dataclass(frozen=True, slots=True, kw_only=True)
class CostTotal:
    """The estimates of several requests together."""

    sums: Mapping[str, tuple[Decimal, Decimal]] = field(default_factory=dict)
    """Lowest and highest sum by unit."""
    rules: Mapping[str, int] = field(default_factory=dict)
    """How many requests were estimated by which :attr:`CostEstimate.source`."""
    unknown: int = 0
    """Requests without an estimate."""

    @property
    def known(self) -> int:
        """Requests with an estimate."""
        return sum(self.rules.values())

    def __str__(self) -> str:
        if not self.known:
            return _("no estimate: no price and no earlier charge fits")
        sums = " + ".join(amounts(low, high, unit) for unit, (low, high) in self.sums.items())
        if len(self.rules) == 1:
            rules = next(iter(self.rules))
        else:
            rules = "; ".join(f"{count} {source}" for source, count in self.rules.items())
        told = _("about {amount} ({rules})")
        if self.unknown:
            told = _("about {amount} ({rules}; no estimate for {count})")
        return told.format(amount=sums, rules=rules, count=self.unknown)


def total(estimates: Iterable[CostEstimate | None]) -> CostTotal:
    """Add estimates up, each unit for itself."""
    low: defaultdict[str, Decimal] = defaultdict(Decimal)
    high: defaultdict[str, Decimal] = defaultdict(Decimal)
    rules: Counter[str] = Counter()
    unknown = 0
    for estimate in estimates:
        if estimate is None:
            unknown += 1
            continue
        low[estimate.unit] += estimate.low
        high[estimate.unit] += estimate.high
        rules[estimate.source] += 1
    return CostTotal(sums={unit: (low[unit], high[unit]) for unit in low}, rules=rules, unknown=unknown)


def charged(tasks: Iterable[Task]) -> dict[str, Decimal]:
    """Return what providers reported as charged for `tasks`, by unit; nothing for what they did not say."""
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for task in tasks:
        for charge in task.charges:
            sums[charge.unit] += charge.amount
    return dict(sums)


def amount(value: Decimal, unit: str) -> str:
    """Return an amount as a person reads it: ``4 units``, ``0.50 CNY``."""
    plain = value.to_integral_value() if value == value.to_integral_value() else value
    number = f"{plain:f}"
    if unit == "unit":
        return ngettext("{number} unit", "{number} units", 1 if plain == 1 else 2).format(number=number)
    return f"{number} {unit}"


def amounts(low: Decimal, high: Decimal, unit: str) -> str:
    """Return a range of amounts, or the one if there is no range."""
    if low == high:
        return amount(low, unit)
    return f"{amount(low, unit).partition(' ')[0]}–{amount(high, unit)}"


class Costs:
    """Estimates for one service. Learns from its tasks what providers charge."""

    def __init__(self) -> None:
        self._charged: defaultdict[_Kind, deque[tuple[Decimal, str]]] = defaultdict(
            lambda: deque(maxlen=_REMEMBERED)
        )
        self._new: deque[Task] = deque()
        """Not yet looked at: it takes the request models, which many commands never load."""
        self._seen: set[str] = set()

    def learn(self, tasks: Iterable[Task]) -> None:
        """Take note of those that have succeeded and were charged, each once."""
        for task in tasks:
            if task.status is Status.SUCCEEDED and task.charges and task.id not in self._seen:
                self._seen.add(task.id)
                self._new.append(task)

    def estimate(self, account: Account, operation: Operation, request: RequestModel) -> CostEstimate | None:
        """Return what `request` will probably cost, or None: no rule gives a number."""
        traits = traits_of(operation.model, request.values())
        return (
            _by_prices(account, {**traits, "operation": operation.name})
            or self._by_history(account.name, operation.name, traits)
            or _by_published(request)
        )

    def _by_history(self, account: str, operation: str, traits: Mapping[str, str]) -> CostEstimate | None:
        while self._new:
            self._take_in(self._new.popleft())
        found = self._charged.get(_kind(account, operation, traits))
        if not found:
            return None
        unit = found[-1][1]
        seen = [charge for charge, its_unit in found if its_unit == unit]
        return CostEstimate(
            low=min(seen),
            high=max(seen),
            unit=unit,
            rule=Rule.HISTORY,
            source=ngettext(
                "as {count} task like it was charged", "as {count} tasks like it were charged", len(seen)
            ).format(count=len(seen)),
            cases=len(seen),
        )

    def _take_in(self, task: Task) -> None:
        from backend.providers import registry

        # A task may name what it was charged in several units, of which all but one are nothing.
        charges = [charge for charge in task.charges if charge.amount] or task.charges[:1]
        if len(charges) != 1:
            return  # no single number says what it cost
        try:
            model = registry.provider(task.provider).operations[task.operation].model
        except (UsageError, KeyError):
            return  # of a provider or an operation that this version does not know
        kind = _kind(task.account, task.operation, traits_of(model, task.request))
        self._charged[kind].append((charges[0].amount, charges[0].unit))


Estimator = Callable[["Account", "Operation", "RequestModel"], CostEstimate | None]

_Kind = tuple[str, str, frozenset[tuple[str, str]]]


def _kind(account: str, operation: str, traits: Mapping[str, str]) -> _Kind:
    return account, operation, frozenset(traits.items())


def _by_prices(account: Account, traits: Mapping[str, str]) -> CostEstimate | None:
    for price in account.prices:
        cost = price.of(traits)
        if cost is not None:
            source = _("by your price of {price}").format(price=price)
            return CostEstimate(low=cost, high=cost, unit=price.unit, rule=Rule.PRICES, source=source)
    return None


def _by_published(request: RequestModel) -> CostEstimate | None:
    price = request.published_price()
    if price is None:
        return None
    return CostEstimate(
        low=price.amount, high=price.amount, unit=price.unit, rule=Rule.PUBLISHED, source=price.source
    )
