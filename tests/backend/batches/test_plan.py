from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from backend.batches.limits import MaxCost
from backend.batches.plan import Plan, State, make_plan
from backend.batches.rows import Row, fingerprint_of
from backend.costs import CostEstimate, Rule
from backend.errors import UsageError
from backend.models import Charge, Status, Task, TaskEvent
from tests.backend.cli.helpers import THEN, make_task


def row(key: str, prompt: str = "a cat", estimate: CostEstimate | None = None) -> Row:
    values = {"prompt": prompt}
    return Row(
        number=1,
        line=2,
        key=key,
        account="kling",
        operation="text2video",
        values=values,
        tags=(),
        estimate=estimate,
        external_id="",
        fingerprint=fingerprint_of("kling", "text2video", values),
    )


def made(key: str, status: Status, prompt: str = "a cat", **facts: Any) -> Task:
    return make_task(status, id=f"id-{key}", row=key, batch="shots", request={"prompt": prompt}, **facts)


def plan(rows: Sequence[Row], tasks: Sequence[Task] = (), **options: bool) -> Plan:
    return make_plan("shots", "shots.csv", rows, tasks, warnings={}, **options)


def states(found: Plan) -> list[tuple[State, bool]]:
    return [(entry.state, entry.sends) for entry in found.entries]


@pytest.mark.parametrize(
    "status",
    [
        Status.WAITING,
        Status.SUBMITTING,
        Status.QUEUED,
        Status.RUNNING,
        Status.SUCCEEDED,
        Status.UNCONFIRMED,
        Status.LOST,
    ],
)
def test_what_may_exist_is_never_made_again(status: Status) -> None:
    for options in ({}, {"changed": True}, {"retry_failed": True}, {"changed": True, "retry_failed": True}):
        assert states(plan([row("a")], [made("a", status)], **options)) == [(State.MADE, False)]


@pytest.mark.parametrize("status", [Status.FAILED, Status.REJECTED])
def test_what_failed_is_made_again_on_request_only(status: Status) -> None:
    tasks = [made("a", status)]
    assert states(plan([row("a")], tasks)) == [(State.FAILED, False)]
    assert states(plan([row("a")], tasks, changed=True)) == [(State.FAILED, False)]
    assert states(plan([row("a")], tasks, retry_failed=True)) == [(State.FAILED, True)]
    assert states(plan([row("a", "mended")], tasks, changed=True)) == [(State.FAILED, True)]


def test_the_latest_task_of_a_row_counts() -> None:
    tasks = [made("a", Status.FAILED), made("a", Status.RUNNING)]
    assert states(plan([row("a")], tasks, retry_failed=True)) == [(State.MADE, False)]


def test_what_was_withdrawn_before_it_was_sent_is_missing() -> None:
    assert states(plan([row("a")], [made("a", Status.CANCELLED)])) == [(State.WITHDRAWN, True)]


def test_a_cancelled_task_that_may_exist_is_not_missing() -> None:
    event = TaskEvent(at=THEN, what="unconfirmed")
    for task in (made("a", Status.CANCELLED, remote_id="r"), made("a", Status.CANCELLED, events=(event,))):
        assert states(plan([row("a")], [task])) == [(State.FAILED, False)]


def test_a_changed_row_is_told_and_made_only_on_request() -> None:
    tasks = [made("a", Status.SUCCEEDED), made("b", Status.SUCCEEDED)]
    rows = [row("a", "a dog"), row("b")]
    assert states(plan(rows, tasks)) == [(State.CHANGED, False), (State.MADE, False)]
    assert states(plan(rows, tasks, changed=True)) == [(State.CHANGED, True), (State.MADE, False)]


def test_tasks_of_rows_that_are_gone_are_told() -> None:
    found = plan([row("a")], [made("gone", Status.RUNNING)])
    assert [task.row for task in found.strays] == ["gone"]
    assert states(found) == [(State.NEW, True)]


def units(low: str, high: str | None = None, unit: str = "unit") -> CostEstimate:
    return CostEstimate(
        low=Decimal(low), high=Decimal(high or low), unit=unit, rule=Rule.HISTORY, source="as it was"
    )


def test_only_what_is_to_be_sent_costs() -> None:
    found = plan([row("a", estimate=units("2")), row("b", estimate=units("3"))], [made("a", Status.RUNNING)])
    assert found.cost().sums == {"unit": (Decimal(3), Decimal(3))}


def spent(amount: str, unit: str = "unit") -> Task:
    return replace(made("x", Status.SUCCEEDED), charges=(Charge(amount=Decimal(amount), unit=unit),))


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("50", MaxCost(Decimal(50), "")),
        ("0.5CNY", MaxCost(Decimal("0.5"), "CNY")),
        (" 50 units ", MaxCost(Decimal(50), "unit")),
    ],
)
def test_limits_as_people_write_them(text: str, limit: MaxCost) -> None:
    assert MaxCost.parse(text) == limit


@pytest.mark.parametrize("text", ["", "-1", "much", "1e5", "5 CNY 3", "1,5", "inf"])
def test_what_is_no_limit(text: str) -> None:
    with pytest.raises(ValueError, match="must be an amount"):
        MaxCost.parse(text)


def test_a_limit_takes_the_only_unit_that_is_estimated() -> None:
    limit = MaxCost.parse("5").allow([], [units("2", "3"), units("2")])
    assert limit == MaxCost(Decimal(5), "unit")
    assert limit.exceeded({"unit": Decimal(5)}) == ""
    assert limit.exceeded({"unit": Decimal("5.1")}) == "5.1 units charged, more than 5 units"
    assert "charges in cash" in limit.exceeded({"unit": Decimal(1), "cash": Decimal("0.1")})


@pytest.mark.parametrize(
    ("made_before", "coming", "words"),
    [
        ([], [units("2", "4"), units("2")], "about 6 units to come would exceed 5 units"),
        ([spent("3")], [units("3")], "about 3 units to come after 3 units so far would exceed 5 units"),
        ([spent("6")], [], "6 units charged, more than 5 units"),
        ([], [units("1"), None], "no estimate for a row"),
        ([], [units("1"), units("1", unit="CNY")], "a row is estimated in CNY"),
        ([spent("1", "cash")], [units("1")], "charges in cash"),
    ],
)
def test_what_would_exceed_a_limit_is_not_sent(
    made_before: list[Task], coming: list[CostEstimate | None], words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        MaxCost.parse("5").allow(made_before, coming)
