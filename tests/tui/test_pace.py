"""Pictures come as fast and as large as the terminal answers."""

from __future__ import annotations

from collections.abc import Callable

from tests.tui.fakes import FakeClock
from tui.pace import Pace
from tui.painting import Painter

FRAME = 1 / 24


def drive(
    seconds: float, answer_after: Callable[[float], float | None], clock: FakeClock, pace: Pace
) -> float:
    """Offer 24 pictures a second; each is answered after a time that depends on its scale, one by one.

    Returns how many a second were shown.
    """
    end, shown = clock.monotonic() + seconds, 0
    answers: list[float] = []
    free_at = 0.0
    while clock.monotonic() < end:
        while answers and answers[0] <= clock.monotonic():
            answers.pop(0)
            pace.answered()
        if pace.may_show():
            asks = pace.asks
            pace.sent()
            shown += 1
            took = answer_after(pace.scale)
            if asks and took is not None:
                free_at = max(clock.monotonic(), free_at) + took
                answers.append(free_at)
        clock.advance(FRAME)
    return shown / seconds


def test_a_quick_line_gets_every_picture_at_full_size() -> None:
    clock = FakeClock()
    pace = Pace(clock.monotonic, Painter.scales)
    assert drive(10, lambda _: 0.002, clock, pace) > 23
    assert pace.scale == 1.0


def test_a_slow_line_gets_smaller_pictures_and_no_queue() -> None:
    clock = FakeClock()
    pace = Pace(clock.monotonic, Painter.scales)
    drive(20, lambda scale: 0.5 * scale**2, clock, pace)
    assert pace.scale < 0.6
    assert drive(10, lambda scale: 0.5 * scale**2, clock, pace) > 5


def test_a_line_that_takes_nothing_gets_next_to_nothing() -> None:
    clock = FakeClock()
    pace = Pace(clock.monotonic, Painter.scales)
    assert drive(20, lambda _: 4.0, clock, pace) < 1.5
    assert pace.scale == Painter.scales[-1]


def test_a_far_terminal_on_a_good_line_gets_many_at_a_time() -> None:
    clock = FakeClock()
    pace = Pace(clock.monotonic, Painter.scales)
    sent: list[float] = []
    shown = 0
    for _ in range(24 * 20):
        while sent and clock.monotonic() - sent[0] >= 0.25:
            sent.pop(0)
            pace.answered()
        if pace.may_show():
            pace.sent()
            sent.append(clock.monotonic())
            shown += 1
        clock.advance(FRAME)
    assert shown / 20 > 15
    assert pace.scale == 1.0


def test_a_terminal_that_never_answers_is_not_asked_for_ever() -> None:
    clock = FakeClock()
    pace = Pace(clock.monotonic, Painter.scales)
    drive(5, lambda _: None, clock, pace)
    assert not pace.asks
    assert 2 < drive(10, lambda _: None, clock, pace) <= 4.1
