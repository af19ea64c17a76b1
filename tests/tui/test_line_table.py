"""LineTable in a real app whose driver writes to an emulated terminal instead of a real one."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.drivers.headless_driver import HeadlessDriver
from textual.events import MouseScrollDown
from textual.pilot import Pilot
from textual.screen import ModalScreen, Screen
from textual.strip import Strip
from textual.widget import Widget

from tui.widgets.line_table import Cell, Column, LineTable, lay_out
from tui.widgets.line_table_columns import GAP, changed_span, fit

COLUMNS = (
    Column("id", "ID", 6),
    Column("state", "State", 8),
    Column("account", "Account", 10, grow=1, priority=2),
    Column("prompt", "Prompt", 20, grow=3),
    Column("progress", "%", 4, align="right", priority=1),
    Column("age", "Age", 6, align="right", priority=2),
    Column("note", "Note", 30, grow=1, priority=3),
)


class Terminal(HeadlessDriver):
    """Keeps what is written, and shows it on an emulated screen."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.written = ""
        width, height = self._get_terminal_size()
        self.screen = pyte.Screen(width, height)
        self._stream = pyte.Stream(self.screen)

    @property
    def is_headless(self) -> bool:
        return False

    def write(self, data: str) -> None:
        self.written += data
        self._stream.feed(data)


class TaskTable(LineTable):
    COMPONENT_CLASSES = {"line-table--failed"}  # noqa: RUF012
    DEFAULT_CSS = "TaskTable > .line-table--failed { color: red; }"


class TableApp(App[None]):
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, keys: Sequence[str], columns: Sequence[Column] = COLUMNS) -> None:
        super().__init__(driver_class=Terminal)
        self.columns = columns
        self.cells: dict[str, list[Cell]] = {}
        self.rendered: list[str] = []
        self.heard: list[tuple[str, str | None]] = []
        self.table = TaskTable(columns, self.render_row, empty_text="没有任务 (none)")
        self.table.set_keys(keys)

    def compose(self) -> ComposeResult:
        yield self.table

    def render_row(self, key: str) -> Sequence[Cell]:
        self.rendered.append(key)
        return self.cells.get(key) or self.plain(key)

    def plain(self, key: str, **texts: str) -> list[Cell]:
        texts = {"id": key, "state": "running", **texts}
        return [Cell(texts.get(column.key, f"{column.key} {key}")) for column in self.columns]

    def on_line_table_cursor_moved(self, message: LineTable.CursorMoved) -> None:
        self.heard.append(("moved", message.key))

    def on_line_table_row_selected(self, message: LineTable.RowSelected) -> None:
        self.heard.append(("selected", message.key))

    @property
    def terminal(self) -> Terminal:
        assert isinstance(self._driver, Terminal)
        return self._driver

    def lines(self) -> list[str]:
        return [line.rstrip() for line in self.terminal.screen.display]

    def line_of(self, key: str) -> int:
        """The screen line of a row."""
        found = [y for y, line in enumerate(self.lines()) if key in line.split()]
        assert len(found) == 1, (key, self.lines())
        return found[0]

    def forget_output(self) -> None:
        self.terminal.written = ""
        self.rendered.clear()
        self.heard.clear()


@asynccontextmanager
async def running(
    keys: Sequence[str], size: tuple[int, int] = (80, 24), **options: Any
) -> AsyncIterator[tuple[TableApp, TaskTable, Pilot[None]]]:
    app = TableApp(keys, **options)
    async with app.run_test(headless=False, size=size) as pilot:
        await pilot.pause()
        app.forget_output()
        yield app, app.table, pilot


def names(count: int, prefix: str = "k") -> list[str]:
    return [f"{prefix}{number}" for number in range(count)]


# -- Layout: pure ------------------------------------------------------------------------------


def shown(width: int) -> dict[str, int]:
    return {column.key: wide for column, wide in lay_out(COLUMNS, width)}


def test_layout_at_80_columns_hides_the_least_important() -> None:
    assert shown(80) == {
        "id": 6,
        "state": 8,
        "account": 15,
        "prompt": 36,
        "progress": 4,
        "age": 6,
    }


@pytest.mark.parametrize("width", [90, 120, 160, 200])
def test_layout_with_room_shows_all_and_uses_every_cell(width: int) -> None:
    widths = shown(width)
    assert list(widths) == [column.key for column in COLUMNS]
    assert sum(widths.values()) + GAP * (len(widths) - 1) == width
    assert widths["progress"] == 4
    assert widths["prompt"] >= widths["account"]


def test_layout_hides_the_rightmost_of_equal_priority_first() -> None:
    assert list(shown(58)) == ["id", "state", "account", "prompt", "progress"]
    assert list(shown(45)) == ["id", "state", "prompt", "progress"]
    assert list(shown(36)) == ["id", "state", "prompt"]


def test_layout_shrinks_what_must_not_be_hidden() -> None:
    assert sum(shown(20).values()) + 2 * GAP == 20
    assert list(shown(20)) == ["id", "state", "prompt"]
    assert shown(0) == shown(-3) == {}
    assert lay_out([], 10) == []


columns = st.lists(
    st.builds(
        Column,
        key=st.uuids().map(str),
        title=st.just("t"),
        width=st.integers(1, 30),
        grow=st.integers(0, 4),
        priority=st.integers(0, 3),
    ),
    max_size=8,
)


@given(columns, st.integers(-5, 250))
def test_layout_never_exceeds_the_width(columns: list[Column], width: int) -> None:
    result = lay_out(columns, width)
    widths = [wide for _, wide in result]
    assert all(wide > 0 for wide in widths)
    assert sum(widths) + GAP * max(0, len(widths) - 1) <= max(0, width)
    if len(result) == len(columns) and any(column.grow for column in columns):
        assert sum(widths) + GAP * (len(widths) - 1) == width


# -- Cells: pure -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "width", "align", "expected"),
    [
        ("abc", 5, "left", "abc  "),
        ("abc", 5, "right", "  abc"),
        ("abcdef", 5, "left", "abcd…"),
        ("abcdef", 5, "right", "abcd…"),
        ("ab cdef", 4, "left", "ab… "),
        ("abc", 3, "left", "abc"),
        ("abc", 1, "left", "…"),
        ("abc", 0, "left", ""),
        ("", 3, "left", "   "),
        ("漢字", 4, "left", "漢字"),
        ("漢字漢", 5, "left", "漢字…"),
        ("漢字漢", 4, "left", "漢… "),
        ("漢字漢", 4, "right", " 漢…"),
        ("漢", 1, "left", "…"),
        ("[red]x[/]", 9, "left", "[red]x[/]"),
        ("\x1b[31mx\x1b[0m\r\ny", 4, "left", "x y "),
        ("\u202eevil\u200b", 4, "left", "evil"),
    ],
)
def test_fit(text: str, width: int, align: Any, expected: str) -> None:
    assert fit(text, width, align) == expected


@given(st.text(), st.integers(0, 40), st.sampled_from(["left", "right"]))
def test_fit_is_always_exactly_as_wide(text: str, width: int, align: Any) -> None:
    fitted = fit(text, width, align)
    assert cell_len(fitted) == width
    assert not any(ord(char) < 32 or 0x7F <= ord(char) < 0xA0 for char in fitted)


def test_fit_cuts_a_huge_text_without_reading_it_all() -> None:
    assert fit("猫" * 1_000_000, 10) == "猫猫猫猫… "


def strip(*texts: str) -> Strip:
    return Strip([Segment(text) for text in texts])


def test_changed_span() -> None:
    old = strip("漢字", " ", "50%", " ", "end")
    assert changed_span(None, old) == (0, 12)
    assert changed_span(old, old) is None
    assert changed_span(old, strip("漢字", " ", "50%", " ", "end")) is None
    assert changed_span(old, strip("漢字", " ", "51%", " ", "end")) == (5, 8)
    assert changed_span(old, strip("漢字", " ", "51%", " ", "eND")) == (5, 12)
    assert changed_span(old, strip("wider than before")) == (0, 17)
    red = Strip([Segment("漢字", Style(color="red")), *list(old)[1:]])
    assert changed_span(old, red) == (0, 4)


# -- What is drawn -----------------------------------------------------------------------------


async def test_shows_header_and_rows() -> None:
    async with running(names(3)) as (app, _, _):
        lines = app.lines()
        assert lines[0].split() == ["ID", "State", "Account", "Prompt", "%", "Age"]
        assert lines[1].startswith("▌  k0     running")
        assert lines[2].startswith("   k1     running")
        assert lines[4:] == [""] * 20


async def test_ten_thousand_rows_render_only_what_is_seen() -> None:
    app = TableApp(names(10_000))
    async with app.run_test(headless=False, size=(80, 24)) as pilot:
        await pilot.pause()
        assert app.rendered == names(23)
        app.forget_output()
        await pilot.press("G")
        assert app.rendered == names(10_000)[-23:]
        assert app.line_of("k9999") == 23


async def test_wide_characters_keep_the_columns_aligned() -> None:
    async with running(names(4)) as (app, table, pilot):
        for key, prompt in zip(
            names(4), ["猫" * 60, "a" + "猫" * 60, "plain", "한국어 émoji 🎬"], strict=True
        ):
            app.cells[key] = app.plain(key, prompt=prompt, age="7m")
        table.refresh_rows(names(4))
        await pilot.pause()
        ends = set()
        for line in app.lines()[1:5]:
            assert line.endswith("7m")
            ends.add(cell_len(line))
        assert len(ends) == 1
        assert "猫… " in app.lines()[1]


async def test_markup_and_escapes_are_only_text() -> None:
    hostile = "[/foo] [bold]x[/] \x1b[2J\x1b]0;title\x07\u202eabc"
    async with running(["k0", "k1"]) as (app, table, pilot):
        app.cells["k0"] = app.plain("k0", prompt=hostile)
        table.refresh_rows(["k0"])
        await pilot.pause()
        assert "[/foo] [bold]x[/] abc" in app.lines()[1]
        assert "k1" in app.lines()[2]
        assert "\x1b[2J" not in app.terminal.written
        assert "title" not in app.terminal.written


async def test_component_style_of_a_cell() -> None:
    async with running(["k0", "k1"]) as (app, table, pilot):
        app.cells["k1"] = [Cell("k1"), Cell("bad", "failed"), *app.plain("k1")[2:]]
        table.refresh_rows(["k1"])
        await pilot.pause()
        bad = next(segment for segment in table.render_line(2) if "bad" in segment.text)
        assert bad.style is not None
        assert bad.style.color is not None
        assert bad.style.color.get_truecolor() == (255, 0, 0)


async def test_empty_state_and_back() -> None:
    async with running([], size=(40, 11)) as (app, table, pilot):
        assert app.lines()[6].strip() == "没有任务 (none)"
        assert table.cursor_key is None
        await pilot.press("down", "enter", "G", "pagedown")
        table.set_keys(["a"])
        await pilot.pause()
        assert app.lines()[6] == ""
        assert "a" in app.lines()[1].split()
        table.empty_text = "nothing matches"
        table.set_keys([])
        await pilot.pause()
        assert app.lines()[6].strip() == "nothing matches"
        assert app.heard == [("moved", "a"), ("moved", None)]


async def test_sort_mark() -> None:
    async with running(names(1)) as (app, table, pilot):
        table.sort = ("age", True)
        await pilot.pause()
        assert "Age▼" in app.lines()[0]
        table.sort = ("state", False)
        await pilot.pause()
        assert "State▲" in app.lines()[0]
        assert "▼" not in app.lines()[0]


async def test_marks_are_symbols_too() -> None:
    async with running(names(5)) as (app, table, pilot):
        table.set_marks(["k0", "k3", "gone"])
        await pilot.pause()
        assert table.marks == {"k0", "k3", "gone"}
        assert [line[:2] for line in app.lines()[1:6]] == ["▌●", "  ", "  ", " ●", "  "]
        table.set_marks([])
        await pilot.pause()
        assert not any("●" in line for line in app.lines())


async def test_cursor_is_dimmer_without_focus() -> None:
    async with running(names(2)) as (_, table, pilot):

        def cursor_style() -> Style | None:
            return next(iter(table.render_line(1))).style

        focused = cursor_style()
        table.blur()
        await pilot.pause()
        assert cursor_style() != focused
        table.focus()
        await pilot.pause()
        assert cursor_style() == focused


async def test_cursor_is_reversed_without_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with running(names(2)) as (app, _, _):
        screen = app.terminal.screen
        assert all(screen.buffer[1][x].reverse for x in range(79))
        assert not any(screen.buffer[2][x].reverse for x in range(79))


async def test_theme_change_is_drawn() -> None:
    async with running(names(2)) as (app, table, pilot):
        before = list(table.render_line(2))
        app.theme = "textual-light"
        await pilot.pause()
        assert list(table.render_line(2)) != before


async def test_resize_uses_the_room_and_keeps_the_cursor_in_view() -> None:
    async with running(names(100)) as (app, table, pilot):
        table.move_to("k20")
        await pilot.resize_terminal(160, 12)
        await pilot.pause()
        app.terminal.screen.resize(12, 160)
        app.refresh()
        await pilot.pause()
        assert "Note" in app.lines()[0]
        assert "k20" in table.visible_keys()
        assert len(table.visible_keys()) == 11
        await pilot.resize_terminal(30, 6)
        await pilot.pause()
        assert "k20" in table.visible_keys()


# -- Keys and mouse ----------------------------------------------------------------------------


async def test_keys() -> None:
    async with running(names(100)) as (app, table, pilot):
        for key, expected in [
            ("down", "k1"),
            ("j", "k2"),
            ("up", "k1"),
            ("k", "k0"),
            ("k", "k0"),
            ("pagedown", "k23"),
            ("ctrl+f", "k46"),
            ("pageup", "k23"),
            ("ctrl+b", "k0"),
            ("end", "k99"),
            ("home", "k0"),
            ("G", "k99"),
            ("j", "k99"),
            ("g", "k0"),
        ]:
            await pilot.press(key)
            assert table.cursor_key == expected, key
        app.heard.clear()
        await pilot.press("enter")
        assert app.heard == [("selected", "k0")]


async def test_keys_can_be_remapped() -> None:
    async with running(names(9)) as (app, table, pilot):
        app.set_keymap({"table.down": "n"})
        await pilot.press("n", "j")
        assert table.cursor_key == "k1"


async def test_stepping_past_the_edge_scrolls_half_a_page() -> None:
    async with running(names(100)) as (_, table, pilot):
        table.action_step(22)
        assert table.visible_keys()[0] == "k0"
        await pilot.press("down")
        assert table.cursor_key == "k23"
        assert table.visible_keys()[0] == "k12"
        table.action_step(-11)
        assert table.visible_keys()[0] == "k12"
        await pilot.press("up")
        assert table.visible_keys()[0] == "k0"


async def test_page_keys_leave_the_cursor_on_its_screen_line() -> None:
    async with running(names(100)) as (_, table, pilot):
        await pilot.press("down", "down", "pagedown")
        assert table.visible_keys().index("k25") == 2


async def test_move_to() -> None:
    async with running(names(1000)) as (app, table, pilot):
        assert table.move_to("k500")
        await pilot.pause()
        assert table.cursor_key == "k500"
        assert "k500" in table.visible_keys()
        assert not table.move_to("gone")
        await pilot.pause()
        assert app.heard == [("moved", "k500")]


async def test_click_moves_then_selects() -> None:
    async with running(names(9)) as (app, table, pilot):
        await pilot.click(table, offset=(5, 4))
        assert app.heard == [("moved", "k3")]
        await pilot.click(table, offset=(5, 0))
        await pilot.click(table, offset=(5, 15))
        await pilot.click(table, offset=(5, 4))
        assert app.heard == [("moved", "k3"), ("selected", "k3")]


async def test_double_click_selects_once() -> None:
    async with running(names(9)) as (app, table, pilot):
        await pilot.click(table, offset=(5, 4), times=2)
        assert app.heard == [("moved", "k3"), ("selected", "k3")]
        app.heard.clear()
        await pilot.click(table, offset=(5, 4), times=2)
        assert app.heard == [("selected", "k3")]


async def test_wheel_scrolls_and_leaves_the_cursor() -> None:
    async with running(names(100)) as (_, table, pilot):
        await pilot._post_mouse_events([MouseScrollDown], table, (5, 5))
        await pilot.pause()
        assert table.visible_keys()[0] == "k2"
        assert table.cursor_key == "k0"
        await pilot.press("down")
        assert "k1" in table.visible_keys()


async def test_scrollbar_pages_skip_no_row() -> None:
    async with running(names(100)) as (_, table, pilot):
        table.scroll_page_down()
        await pilot.pause()
        assert table.visible_keys()[0] == "k23"
        table.scroll_page_up()
        await pilot.pause()
        assert table.visible_keys()[0] == "k0"


# -- Rows that come, go and move ---------------------------------------------------------------


async def test_rows_inserted_above_do_not_move_the_cursor_row() -> None:
    async with running(names(100)) as (app, table, pilot):
        table.move_to("k30")
        await pilot.pause()
        line = app.line_of("k30")
        app.forget_output()
        table.set_keys(names(40, "new") + names(100))
        await pilot.pause()
        assert table.cursor_key == "k30"
        assert app.line_of("k30") == line
        assert app.rendered == []
        assert app.heard == []


async def test_at_the_top_new_rows_come_into_view() -> None:
    async with running(names(100)) as (app, table, pilot):
        for count in (1, 2, 5):
            table.set_keys(names(count, "new") + names(100))
            await pilot.pause()
            assert app.line_of("new0") == 1
            assert app.line_of("k0") == 1 + count
            assert table.cursor_key == "k0"
        table.set_keys(names(50, "new") + names(100))
        await pilot.pause()
        assert "k0" in table.visible_keys()
        await pilot.press("down")
        line = app.line_of("k1")
        table.set_keys(names(60, "new") + names(100))
        await pilot.pause()
        assert app.line_of("k1") == line


async def test_rows_removed_above_do_not_move_the_cursor_row() -> None:
    async with running(names(100)) as (app, table, pilot):
        table.action_page(2)
        await pilot.pause()
        line = app.line_of("k46")
        table.set_keys(names(100)[20:])
        await pilot.pause()
        assert table.cursor_key == "k46"
        assert app.line_of("k46") == line


async def test_reordering_keeps_cursor_and_its_line() -> None:
    async with running(names(100)) as (app, table, pilot):
        table.move_to("k50")
        await pilot.pause()
        line = app.line_of("k50")
        table.set_keys(names(100)[::-1])
        await pilot.pause()
        assert table.cursor_key == "k50"
        assert app.line_of("k50") == line
        assert app.line_of("k51") == line - 1


async def test_view_stays_when_the_cursor_is_out_of_it() -> None:
    async with running(names(100)) as (_, table, pilot):
        table.scroll_to(y=60)
        await pilot.pause()
        table.set_keys(names(7, "new") + names(100))
        await pilot.pause()
        assert table.visible_keys()[0] == "k60"
        assert table.cursor_key == "k0"


async def test_cursor_goes_to_a_neighbour_when_its_row_vanishes() -> None:
    async with running(names(5)) as (app, table, pilot):
        for keys, expected in [
            (["k0", "k1", "k3", "k4"], "k3"),
            (["k0", "k1"], "k1"),
            (["k3", "k4"], "k3"),
            (["x", "y", "z", "w"], "z"),
            (["x"], "x"),
            ([], None),
        ]:
            table.set_keys(names(5))
            table.move_to("k2")
            await pilot.pause()
            app.heard.clear()
            table.set_keys(keys)
            assert table.cursor_key == expected
            await pilot.pause()
            assert app.heard == [("moved", expected)]


async def test_scroll_is_clamped_when_most_rows_vanish() -> None:
    async with running(names(1000)) as (app, table, pilot):
        await pilot.press("G")
        table.set_keys(names(3))
        await pilot.pause()
        assert [line.split()[-1] for line in app.lines()[1:4]] == names(3)
        assert table.cursor_key == "k2"


# -- Only what changed is sent -----------------------------------------------------------------


async def test_nothing_is_sent_when_nothing_changed() -> None:
    async with running(names(100)) as (app, table, pilot):
        table.refresh_rows(names(100))
        table.refresh_visible()
        table.set_keys(names(100))
        table.set_marks([])
        table.move_to("k0")
        await pilot.press("up", "home")
        assert app.terminal.written == ""
        assert app.heard == []
        assert set(app.rendered) == set(names(23))


async def test_one_changed_cell_is_sent_alone() -> None:
    async with running(names(100)) as (app, table, pilot):
        app.cells["k5"] = app.plain("k5", state="queued")
        table.refresh_rows(["k4", "k5"])
        await pilot.pause()
        assert "queued" in app.lines()[6]
        assert "queued" in app.terminal.written
        assert "prompt" not in app.terminal.written
        assert len(app.terminal.written) < 200


async def test_rows_out_of_view_are_neither_rendered_nor_sent_but_not_stale() -> None:
    async with running(names(100)) as (app, table, pilot):
        table.action_last()
        table.action_first()
        await pilot.pause()
        app.forget_output()
        app.cells["k99"] = app.plain("k99", state="queued")
        table.refresh_rows(["k99", "k50", "unknown"])
        await pilot.pause()
        assert app.terminal.written == ""
        assert app.rendered == []
        await pilot.press("G")
        assert "queued" in app.lines()[app.line_of("k99")]


async def test_the_clock_renders_only_visible_rows_and_leaves_none_stale() -> None:
    async with running(names(100)) as (app, table, pilot):
        table.action_last()
        table.action_first()
        await pilot.pause()
        app.forget_output()
        app.cells["k0"] = app.plain("k0", age="2s")
        app.cells["k99"] = app.plain("k99", age="9s")
        table.refresh_visible()
        await pilot.pause()
        assert app.rendered == names(23)
        assert app.lines()[1].endswith("2s")
        await pilot.press("G")
        assert app.lines()[app.line_of("k99")].endswith("9s")


async def test_rows_that_come_outside_the_view_send_only_the_scrollbar() -> None:
    async with running(names(100)) as (app, table, pilot):
        table.set_keys(names(101))
        await pilot.pause()
        assert "k" not in app.terminal.written
        assert app.rendered == []
        await pilot.press("end")
        assert table.cursor_key == "k100"
        assert app.line_of("k100") == 23


async def test_a_row_that_left_and_came_back_is_rendered_anew() -> None:
    async with running(names(5)) as (app, table, pilot):
        table.set_keys(names(4))
        await pilot.pause()
        app.cells["k4"] = app.plain("k4", state="queued")
        table.set_keys(names(5))
        await pilot.pause()
        assert "queued" in app.lines()[5]


async def test_hidden_table_renders_nothing_and_is_right_when_shown() -> None:
    async with running(names(50)) as (app, table, pilot):
        table.display = False
        await pilot.pause()
        app.forget_output()
        app.cells["k1"] = app.plain("k1", state="queued")
        table.refresh_rows(names(50))
        table.refresh_visible()
        await pilot.pause()
        assert app.rendered == []
        assert app.terminal.written == ""
        table.display = True
        await pilot.pause()
        await pilot.pause()
        assert "queued" in app.lines()[2]


async def test_table_behind_another_screen_renders_nothing_and_is_right_afterwards() -> None:
    async with running(names(50)) as (app, table, pilot):
        await app.push_screen(Screen())
        await pilot.pause()
        app.forget_output()
        app.cells["k1"] = app.plain("k1", state="queued")
        table.refresh_rows(names(50))
        table.refresh_visible()
        await pilot.pause()
        assert app.rendered == []
        assert app.terminal.written == ""
        table.set_keys(names(50)[1:])
        app.pop_screen()
        await pilot.pause()
        await pilot.pause()
        assert "queued" in app.lines()[1]


async def test_table_behind_a_modal_screen_stays_live() -> None:
    async with running(names(50)) as (app, table, pilot):
        app.push_screen(ModalScreen())
        await pilot.pause()
        app.cells["k1"] = app.plain("k1", state="queued")
        table.refresh_rows(["k1"])
        await pilot.pause()
        await pilot.pause()
        assert "queued" in app.lines()[2]


@pytest.mark.parametrize("seed", range(2))
async def test_partial_repaints_always_equal_a_full_one(seed: int) -> None:
    """After any sequence of changes the terminal shows what painting it all would show."""
    chance = random.Random(seed)
    pool = names(60)
    async with running(pool[:40], size=(70, 16)) as (app, table, pilot):
        for _ in range(12):
            for _ in range(chance.randint(1, 4)):
                change_something(chance, app, table, pool)
            await pilot.pause()
            partial = snapshot(app)
            app.screen.refresh()
            for widget in app.screen.walk_children(Widget):
                widget.refresh()
            await pilot.pause()
            assert snapshot(app) == partial


def snapshot(app: TableApp) -> list[list[Any]]:
    screen = app.terminal.screen
    return [[screen.buffer[y][x] for x in range(screen.columns)] for y in range(screen.lines)]


def change_something(chance: random.Random, app: TableApp, table: TaskTable, pool: list[str]) -> None:
    match chance.randrange(7):
        case 0:
            table.set_keys(chance.sample(pool, chance.randint(0, len(pool))))
        case 1:
            for key in chance.sample(pool, 5):
                style = chance.choice(["", "failed"])
                cells = app.plain(key, prompt=chance.choice(["猫" * 40, "x", "[b]", "é" * 9]))
                app.cells[key] = [Cell(cell.text, style) for cell in cells]
                table.refresh_rows([key])
        case 2:
            table.set_marks(chance.sample(pool, 9))
        case 3:
            chance.choice([table.action_step, table.action_page])(chance.choice([-1, 1]))
        case 4:
            table.scroll_to(y=chance.randint(0, 60))
        case 5:
            table.sort = (chance.choice(COLUMNS).key, chance.random() < 0.5)
        case 6:
            table.move_to(chance.choice(pool))
