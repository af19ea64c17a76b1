"""What the user says that an account charges: ``prices`` in its configuration. Pure.

A list of prices, the first that fits counts::

    [[accounts.relay.prices]]
    operation = "turbo-text2video"        # conditions; what is not named may be anything
    resolution = "1080p"
    per_second = 1.2                      # or per_task
    unit = "CNY"
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from backend.language import _

CONDITIONS = ("operation", "model", "duration", "resolution", "quality", "sound")
"""What a price may depend on: the operation's name and what :mod:`backend.traits` finds in a request."""
_AMOUNTS = ("per_second", "per_task")
_KEYS = frozenset({*CONDITIONS, *_AMOUNTS, "unit"})
_LONGEST_UNIT = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """One of the user's own rules."""

    amount: Decimal
    unit: str
    per_second: bool = False
    """Of film; else the amount is for a whole task."""
    conditions: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By name of the condition, the values that fit."""

    def of(self, traits: Mapping[str, str]) -> Decimal | None:
        """Return what a request with these traits costs; None if the price does not fit it."""
        if any(traits.get(name) not in fitting for name, fitting in self.conditions.items()):
            return None
        if not self.per_second:
            return self.amount
        try:
            return self.amount * Decimal(traits["duration"])
        except (KeyError, ArithmeticError):
            return None

    def __str__(self) -> str:
        told = _("{amount} {unit} a second") if self.per_second else _("{amount} {unit} a task")
        return told.format(amount=f"{self.amount.normalize():f}", unit=self.unit)


def read_price(table: Mapping[str, Any]) -> Price:
    """Return the price that a table of the configuration says. Raises ValueError that names the key."""
    for key in table:
        if key not in _KEYS:
            raise ValueError(
                _("{key}: unknown; known here: {names}").format(key=key, names=", ".join(sorted(_KEYS)))
            )
    given = [key for key in _AMOUNTS if key in table]
    if len(given) != 1:
        raise ValueError(_("needs either per_second or per_task"))
    unit = table.get("unit", "")
    if not isinstance(unit, str) or not unit.isprintable() or not 0 < len(unit) <= _LONGEST_UNIT:
        raise ValueError(
            _("unit: must say what the amount is in, such as CNY, up to {most} letters").format(
                most=_LONGEST_UNIT
            )
        )
    return Price(
        amount=_amount(given[0], table[given[0]]),
        unit=unit,
        per_second=given[0] == "per_second",
        conditions={name: _fitting(name, table[name]) for name in CONDITIONS if name in table},
    )


def _amount(key: str, value: Any) -> Decimal:
    try:
        # A float's shortest text is the number as it was written.
        amount = Decimal(str(value)) if not isinstance(value, bool) else Decimal("NaN")
    except ArithmeticError:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount < 0:
        raise ValueError(_("{key}: must be a number from 0, such as 0.8").format(key=key))
    return amount


def _fitting(name: str, value: Any) -> frozenset[str]:
    from backend.traits import tidy

    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(item, str | int | float) for item in values):
        raise ValueError(_("{name}: must be a text, a number or a list of them").format(name=name))
    return frozenset(item if name == "operation" else tidy(name, item) for item in map(_plain, values))


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
