from __future__ import annotations

import json

import pytest

from backend.cli.output import Output, Painting, to_json

NASTY = "a\x1b[31m\x07\x7f\x9b\u202e\u2066\u200b\u2028\ud800\U000e0041雪\U0001f600"


def test_json_keeps_every_character_and_escapes_what_a_terminal_might_act_on() -> None:
    text = to_json({"words": NASTY})
    assert json.loads(text) == {"words": NASTY}
    assert "雪\U0001f600" in text
    assert text.replace("雪", "").replace("\U0001f600", "").isascii()
    assert text.isprintable()


def test_json_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    Output(as_json=True).data({"a": "x\ny"})
    Output(as_json=True).array([{"a": 1}, {"b": 2}])
    Output(as_json=True).array([])
    printed = capsys.readouterr()
    assert printed.out == '{"a": "x\\ny"}\n[\n{"a": 1},\n{"b": 2}\n]\n[]\n'
    assert printed.err == ""


def test_talk_goes_to_standard_error_in_harmless_lines(capsys: pytest.CaptureFixture[str]) -> None:
    Output().say("one\x1b[2J\ntwo")
    Output(quiet=True).say("nothing")
    assert capsys.readouterr() == ("", "reeltop: one two\n")


def test_text_keeps_its_lines_but_nothing_else_that_moves_a_cursor(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Output().text("one\n\x1b[Htwo\r\nthree")
    assert capsys.readouterr().out == "one\ntwo\nthree\n"


def test_a_table_goes_over_itself_and_starts_anew_when_the_terminal_was_resized(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A terminal that is made narrower breaks lines in two: there is no telling how many they are now."""

    def painted(columns: int, before: Painting) -> tuple[Painting, str]:
        monkeypatch.setenv("COLUMNS", str(columns))
        painting = Output().repaint([("a", "b"), ("c", "d")], before)
        return painting, capsys.readouterr().out

    first, written = painted(80, Painting())
    assert written.startswith("a  b")
    second, written = painted(80, first)
    assert written.startswith("\x1b[2A\r")
    _, written = painted(40, second)
    assert written.startswith("\x1b[H\x1b[2Ja  b")
