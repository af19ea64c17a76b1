from __future__ import annotations

import pytest

from backend.text import clean_block, clean_input, clean_line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("[bold]markup[/bold] stays text", "[bold]markup[/bold] stays text"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;new title\x07rest", "rest"),
        ("\x1b]52;c;c3RvbGVu\x1b\\rest", "rest"),
        ("\x1bP1$r0m\x1b\\rest", "rest"),
        ("\x9b31mC1", "31mC1"),
        ("user\u202egpj.exe", "usergpj.exe"),
        ("a\u2066b\u2069c\u200bd", "abcd"),
        ("two\r\nlines\tand\vmore", "two lines and more"),
        ("未来城市夜景", "未来城市夜景"),
        ("bell\x07 and nul\x00", "bell and nul"),
        ("⚠\ufe0f", "⚠"),
        ("lone \ud800 surrogate", "lone  surrogate"),
    ],
)
def test_a_line_is_harmless(text: str, shown: str) -> None:
    assert clean_line(text) == shown


def test_a_block_keeps_its_lines() -> None:
    assert clean_block("a\r\nb\rc\n\td\x1b[2J\x07") == "a\nb\nc\n    d"


def test_cleaning_twice_changes_nothing() -> None:
    hostile = "".join(map(chr, range(0x2100)))
    assert clean_line(clean_line(hostile)) == clean_line(hostile)


def test_no_escape_is_left_however_it_is_cut() -> None:
    for cut in range(1, 12):
        assert "\x1b" not in clean_block("x" + "\x1b]8;;http://a\x1b\\"[:cut] + "y")


def test_what_was_typed_keeps_joiners_and_tabs_and_loses_escapes() -> None:
    family, heart = "👨\u200d👩\u200d👧", "❤\ufe0f"
    typed = f"{family}\t{heart}\r\nمی\u200cخواهم \x1b[31mred\x1b[0m \u202eoverride\x07"
    assert clean_input(typed) == f"{family}\t{heart}\nمی\u200cخواهم red override"
    assert clean_line(family) == "👨👩👧"
