"""Rates and times left, from what came when."""

from __future__ import annotations

import pytest

from backend.download_progress import Meter, Progress, overall


def test_a_rate_is_of_late() -> None:
    meter = Meter()
    for second in range(20):
        meter.add(float(second), second * (100 if second < 10 else 10), 10_000)
    told = meter.read(19.0)
    assert told.rate == pytest.approx(10.0, rel=0.2)
    assert (told.done, told.total) == (190, 10_000)
    assert told.seconds_left == pytest.approx((10_000 - 190) / (told.rate or 1))


def test_what_was_here_before_counts_for_no_rate() -> None:
    meter = Meter()
    meter.add(0.0, 5_000, 10_000)
    assert meter.read(0.0) == Progress(done=5_000, total=10_000)
    meter.add(1.0, 5_100, 10_000)
    assert meter.read(1.0).rate == pytest.approx(100.0)
    assert meter.read(1.0).fraction == pytest.approx(0.51)


def test_a_stalled_file_loses_its_rate() -> None:
    meter = Meter()
    meter.add(0.0, 0, 1000)
    meter.add(1.0, 100, 1000)
    assert (meter.read(100.0).rate or 0) < 2
    meter.add(101.0, 100, 1000)
    meter.add(107.0, 100, 1000)
    assert meter.read(110.0).rate == 0.0
    assert meter.read(110.0).seconds_left is None


def test_a_new_beginning_is_measured_anew() -> None:
    meter = Meter()
    meter.add(0.0, 9_000, 10_000)
    meter.add(1.0, 10, 10_000)
    meter.add(2.0, 20, 10_000)
    assert meter.read(2.0).rate == pytest.approx(10.0)


def test_several_as_one() -> None:
    one, other = Progress(done=10, total=100, rate=5.0), Progress(done=1, total=10, rate=None)
    assert overall([one, other]) == Progress(done=11, total=110, rate=5.0)
    assert overall([one, Progress(done=1)]).total is None
    assert overall([]) == Progress(done=0)
    assert Progress(done=1).seconds_left is None
    assert Progress(done=200, total=100).fraction == 1.0
