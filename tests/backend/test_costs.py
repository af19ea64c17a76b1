from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from backend.accounts import Account
from backend.costs import CostEstimate, Costs, Rule, amounts, charged, total
from backend.models import Charge, Origin, Status, Task
from backend.prices import Price, read_price
from backend.providers import registry
from backend.providers.specs import all_specs
from backend.traits import ROLES, traits_of

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def account(provider: str = "kling", *prices: Price, name: str = "mine") -> Account:
    made = registry.provider(provider)
    return Account(
        name=name,
        provider=made,
        base_url="https://api.example",
        credentials={},
        limits=made.limits,
        prices=prices,
    )


def estimate(
    costs: Costs, operation: str, values: dict[str, Any], of: Account | None = None
) -> CostEstimate | None:
    of = of or account()
    found = of.provider.operations[operation]
    return costs.estimate(of, found, found.model.parse(values))


def task(task_id: str, *charges: Charge, status: Status = Status.SUCCEEDED, **request: Any) -> Task:
    return Task(
        id=task_id,
        account="mine",
        provider="kling",
        operation="text2video",
        origin=Origin(base_url="https://api.example", endpoint="/v1"),
        request={"model_name": "kling-v3", "prompt": "a cat", **request},
        created_at=NOW,
        updated_at=NOW,
        status=status,
        charges=charges,
    )


def units(amount: str, unit: str = "unit") -> Charge:
    return Charge(amount=Decimal(amount), unit=unit)


CAT = {"model_name": "kling-v3", "prompt": "another cat"}


def test_without_a_rule_there_is_no_estimate() -> None:
    assert estimate(Costs(), "text2video", CAT) is None


def test_a_price_of_the_users_goes_before_all_others() -> None:
    costs = Costs()
    costs.learn([task("a", units("3"))])
    mine = account("kling", read_price({"model": "kling-v3", "per_second": 0.1, "unit": "USD"}))
    found = estimate(costs, "text2video", {**CAT, "duration": "10"}, mine)
    assert found == CostEstimate(
        low=Decimal("1.0"),
        high=Decimal("1.0"),
        unit="USD",
        rule=Rule.PRICES,
        source=found.source if found else "",
    )
    assert str(found) == "about 1 USD, by your price of 0.1 USD a second"


def test_the_first_price_that_fits_counts_and_what_is_not_set_is_what_the_provider_assumes() -> None:
    mine = account(
        "kling",
        read_price({"operation": "text2video", "quality": ["pro", "4k"], "per_task": "9", "unit": "CNY"}),
        read_price({"sound": False, "duration": 5, "per_task": 2, "unit": "CNY"}),
        read_price({"per_second": "0.25", "unit": "CNY"}),
    )
    costs = Costs()
    for values, low in (
        ({"mode": "pro"}, "9"),
        ({}, "2"),
        ({"duration": "10"}, "2.50"),
        ({"sound": "on", "mode": "pro"}, "9"),
    ):
        found = estimate(costs, "text2video", {**CAT, **values}, mine)
        assert found is not None
        assert found.low == Decimal(low)


def test_own_history_is_of_the_same_account_operation_and_traits_and_gives_its_range() -> None:
    costs = Costs()
    costs.learn([task("a", units("2")), task("b", units("3.5"), duration="5"), task("a", units("2"))])
    costs.learn([task("c", units("50"), duration="10"), task("d", units("60"), mode="pro")])
    costs.learn(
        [task("e", units("70"), status=Status.FAILED), replace(task("f", units("80")), account="other")]
    )
    found = estimate(costs, "text2video", CAT)
    assert found is not None
    assert (found.low, found.high, found.unit, found.rule, found.cases) == (
        Decimal(2),
        Decimal("3.5"),
        "unit",
        Rule.HISTORY,
        2,
    )
    assert str(found) == "about 2–3.5 units, as 2 tasks like it were charged"


def test_a_history_in_two_units_speaks_of_the_latest_and_never_adds_them() -> None:
    costs = Costs()
    costs.learn([task("a", units("2")), task("b", units("0"), units("1.20", "cash"))])
    costs.learn([task("c", units("1"), units("1", "cash"))])
    found = estimate(costs, "text2video", CAT)
    assert found is not None
    assert str(found) == "about 1.20 cash, as 1 task like it was charged"


def test_a_published_price_comes_last() -> None:
    found = estimate(Costs(), "turbo-text2video", {"prompt": "a cat", "duration": 3})
    assert found is not None
    assert str(found) == "about 2.4 units, by Kling's list price"
    assert found.rule is Rule.PUBLISHED


def test_tasks_of_providers_that_are_not_known_any_more_teach_nothing() -> None:
    costs = Costs()
    costs.learn(
        [replace(task("a", units("2")), provider="gone"), replace(task("b", units("2")), operation="gone")]
    )
    assert estimate(costs, "text2video", CAT) is None


def test_totals_keep_units_apart_and_count_what_is_unknown() -> None:
    def one(low: str, high: str, unit: str, source: str) -> CostEstimate:
        return CostEstimate(low=Decimal(low), high=Decimal(high), unit=unit, rule=Rule.HISTORY, source=source)

    found = total(
        [one("1", "2", "unit", "as A"), one("0.5", "0.5", "CNY", "by B"), None, one("1", "2", "unit", "as A")]
    )
    assert found.sums == {"unit": (2, 4), "CNY": (Decimal("0.5"), Decimal("0.5"))}
    assert (found.known, found.unknown) == (3, 1)
    assert str(found) == "about 2–4 units + 0.5 CNY (2 as A; 1 by B; no estimate for 1)"
    assert str(total([one("1", "1", "unit", "as A")])) == "about 1 unit (as A)"
    assert str(total([None])).startswith("no estimate")


def test_charges_are_added_by_unit() -> None:
    tasks = [
        task("a", units("2"), units("1", "cash")),
        task("b", units("0.5"), status=Status.FAILED),
        task("c"),
    ]
    assert charged(tasks) == {"unit": Decimal("2.5"), "cash": Decimal(1)}


def test_amounts_are_exact_and_readable() -> None:
    assert amounts(Decimal("4.0"), Decimal("4.0"), "unit") == "4 units"
    assert amounts(Decimal("1E+3"), Decimal("1E+3"), "CNY") == "1000 CNY"
    assert amounts(Decimal("0.10"), Decimal("1"), "USD") == "0.10–1 USD"


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({}, "per_second or per_task"),
        ({"per_second": 1, "per_task": 1, "unit": "x"}, "per_second or per_task"),
        ({"per_task": 1}, "unit:"),
        ({"per_task": 1, "unit": "\x1b[31m"}, "unit:"),
        ({"per_task": -1, "unit": "x"}, "per_task:"),
        ({"per_task": "nan", "unit": "x"}, "per_task:"),
        ({"per_task": True, "unit": "x"}, "per_task:"),
        ({"per_task": "much", "unit": "x"}, "per_task:"),
        ({"per_task": 1, "unit": "x", "colour": "red"}, "colour: unknown"),
        ({"per_task": 1, "unit": "x", "model": {}}, "model:"),
    ],
)
def test_a_price_that_cannot_be_one_names_its_key(table: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_price(table)


def test_every_operation_tells_its_traits_in_common_words() -> None:
    for provider in registry.providers().values():
        for operation in provider.operations.values():
            for name, value in traits_of(operation.model, {}).items():
                assert name in ROLES
                assert value == value.lower()
                assert " " not in value
                if name == "duration":
                    assert Decimal(value) == 5
                if name == "sound":
                    assert value in ("on", "off")


def test_what_a_provider_assumes_is_read_from_its_note_only_where_it_is_a_value() -> None:
    def assumed(provider: str, operation: str, name: str) -> str:
        model = registry.provider(provider).operations[operation].model
        return next(spec.assumed for spec in all_specs(model) if spec.name == name)

    assert assumed("kling", "text2video", "duration") == "5"
    assert assumed("kling-relay", "turbo-image2video", "resolution") == "720p"
    assert assumed("kling-relay", "turbo-text2video", "duration") == ""
    assert assumed("kling", "v2-text2video", "resolution") == ""
    assert (
        traits_of(registry.provider("openai-video").operations["generate"].model, {})["resolution"] == "720p"
    )
