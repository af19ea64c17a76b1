"""What is typed faster than reeltop opens, or than a slow line delivers it, arrives in order and as meant."""

from __future__ import annotations

from tests.tui.terminal.test_leaving import Start, start

__all__ = ["start"]


def test_a_filter_typed_at_the_very_start_is_a_filter(start: Start) -> None:
    with start() as program:
        program.send("/nadq stop")
        program.wait_for("/ nadq stop")
        program.wait_for("shown")
        program.send("\r")
        program.wait_for("0 of 0 shown")
        program.send("q")
        assert program.wait_until_ended() == 0


def test_keys_that_come_in_one_piece_go_where_the_one_before_leads(start: Start) -> None:
    with start() as program:
        program.wait_for("? help")
        program.send("/na\x1b")
        program.wait_for("0 of 0 shown")
        program.send("Lqn\x13\x1bOP")  # requests, back, the builder, submit, f1
        program.wait_for("Help")


def test_quitting_does_not_wait_for_what_is_opened(start: Start) -> None:
    with start() as program:
        program.wait_for("reeltop")
        program.send("/q\x11")
        assert program.wait_until_ended() == 0
