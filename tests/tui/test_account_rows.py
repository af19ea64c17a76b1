"""How an account has done lately, in rows."""

from __future__ import annotations

from decimal import Decimal

import pytest

from backend.models import AccountHealth, Quota
from backend.service import AccountCheck
from backend.track_records import TrackRecord
from tests.tui.conftest import Running
from tests.tui.fakes import NOW, POLICY, FakeService, ago, ahead
from tests.tui.test_dashboard import shown
from tui.account_rows import quota_rows, record_rows, traffic_rows
from tui.formatters import sparkline


def test_a_sparkline_has_a_block_for_each_value() -> None:
    assert sparkline([]) == ""
    assert sparkline([0, 0]) == "▁▁"
    assert sparkline([1, 2, 4, 8]) == "▂▃▅█"
    assert sparkline([3.5]) == "█"


def test_requests_and_how_long_answers_take() -> None:
    assert [row.text for row in traffic_rows(AccountHealth())] == ["not asked from here"]
    health = AccountHealth(requests=12, errors=1, latencies=(0.1, 0.2, 1.6))
    assert [row.text for row in traffic_rows(health)] == [
        "12 in the last minute, 1 without an answer",
        "▁▂█ in 200 ms usually, 100 ms to 1.6 s",
    ]
    assert len(list(traffic_rows(AccountHealth(requests=0, errors=0)))) == 1


def test_the_record_says_over_how_many_tasks_and_the_last_error_in_its_words() -> None:
    record = TrackRecord(succeeded=40, failed=9, rejected=1, last_failure=POLICY, failed_at=ago(130))
    assert [row.text for row in record_rows(record, NOW)] == [
        "80% of the last 50 finished: 40 succeeded, 9 failed, 1 refused",
        "2 min ago: 1301 Failure to pass the risk control system",
    ]
    assert [row.text for row in record_rows(TrackRecord(), NOW)] == ["no task has ended yet"]


def test_what_is_left_or_why_it_is_not_told() -> None:
    pack = Quota(name="包 [b]", left=Decimal("118.30"), total=Decimal(200), status="online", ends_at=ahead(0))
    check = AccountCheck(account="a", ok=True, words="", seconds=0, quotas=(pack,))
    assert [row.text for row in quota_rows(check)] == ["包 [b]: 118.30 of 200 left, until 2026-03-14, online"]
    check = AccountCheck(account="a", ok=True, words="", seconds=0, quota_failure=POLICY)
    (row,) = quota_rows(check)
    assert row.text.startswith("not told: 1301 Failure")


@pytest.mark.parametrize("size", [(80, 24), (140, 45)])
async def test_the_panel_of_an_account(running: Running, service: FakeService, size: tuple[int, int]) -> None:
    service.records["studio"] = TrackRecord(succeeded=3, failed=1, last_failure=POLICY, failed_at=ago(30))
    async with running(size) as pilot:
        await pilot.press("a")
        await pilot.pause(0.2)
        assert "75% of the last 4 finished: 3 succeeded, 1 failed" in shown(pilot)
        assert "30 s ago: 1301 Failure to pass" in shown(pilot)
