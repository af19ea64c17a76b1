from __future__ import annotations

import pytest

from backend.cli.columns import cell_width, cut, table, wrapped


@pytest.mark.parametrize(("text", "cells"), [("", 0), ("cat", 3), ("猫", 2), ("猫cat", 5), ("e\u0301", 1)])
def test_a_chinese_character_takes_two_cells_and_an_accent_none(text: str, cells: int) -> None:
    assert cell_width(text) == cells


@pytest.mark.parametrize(
    ("text", "cells", "shown"),
    [
        ("cat", 3, "cat"),
        ("a cat on a train", 6, "a cat…"),
        ("雪山之巅", 8, "雪山之巅"),
        ("雪山之巅", 7, "雪山之…"),
        ("雪山之巅", 6, "雪山…"),
        ("雪山", 1, "…"),
    ],
)
def test_what_is_too_wide_is_cut_at_a_whole_character(text: str, cells: int, shown: str) -> None:
    assert cut(text, cells) == shown
    assert cell_width(cut(text, cells)) <= cells


def test_columns_line_up_by_cells() -> None:
    lines = table([("ID", "PROMPT", "END"), ("1", "雪山", "x"), ("22", "cat", "x")])
    assert lines == ["ID  PROMPT  END", "1   雪山    x", "22  cat     x"]


def test_the_widest_column_gives_way_and_no_line_is_wider_than_the_terminal() -> None:
    lines = table([("abcd1234", "succeeded", "雪" * 5000, "x" * 300)], 80)
    assert lines[0].startswith("abcd1234  succeeded  雪")
    assert all(cell_width(line) <= 80 for line in lines)
    assert cell_width(lines[0]) >= 78


def test_cells_are_made_harmless() -> None:
    assert table([("\x1b[31mred\x07", "two\nlines\u202e")]) == ["red  two lines"]


@pytest.mark.parametrize("width", [1, 5, 12, 30])
def test_no_line_is_wider_than_the_terminal_however_narrow(width: int) -> None:
    lines = table([["abcd1234", "✓ succeeded", "studio", "一只猫在雨中的火车上", "12:03:04"]] * 2, width)
    assert all(cell_width(line) <= width for line in lines)


def test_chinese_is_wrapped_by_cells_and_no_line_begins_with_a_closing_mark() -> None:
    text = "按文件创建请求，每行一个或多个（见 reeltop batch --help）。先检查全部内容。"
    for cells in range(12, 40):
        lines = wrapped(text, cells)
        assert all(cell_width(line) <= cells for line in lines if len(line) > 1)
        assert not any(line[0] in "，。）" or line[-1] in "（" for line in lines)
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert wrapped("a well-known thing", 8) == ["a well-", "known", "thing"]
