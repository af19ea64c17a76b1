"""Finding words in long texts: what is found, and the line in which it is typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.pilot import Pilot
from textual.widgets import Static

from backend.models import Status
from tests.tui.conftest import Running
from tests.tui.fakes import FakeService, make_task
from tests.tui.test_dashboard import dashboard, on_top
from tests.tui.waiting import until
from tui.detail import Row, Section
from tui.screens.copy_menu import TextScreen
from tui.screens.detail import DetailScreen
from tui.screens.help import HelpScreen
from tui.text_search import MOST, SearchText
from tui.widgets.detail_lines import lay_out
from tui.widgets.find_line import FindLine
from tui.widgets.section_view import SectionView


def searched(*rows: Row, width: int) -> SearchText:
    return SearchText(lay_out(Section("", rows), width))


def seen(search: SearchText, words: str, lines: int = 50) -> list[str]:
    """Return what of each line is found, one after the other."""
    found = search.find(words)
    places = (
        (place, first, last) for line in range(lines) for place, first, last in search.on_line(line, found)
    )
    return [f"{place}:{first}-{last}" for place, first, last in places]


def test_what_wrapping_tore_apart_is_found_whole() -> None:
    search = searched(Row("Prompt", "a rainy street in Rain"), width=20)
    assert seen(search, "RAINY STREET") == ["0:9-14", "0:7-13"]
    assert seen(search, "rain") == ["0:9-13", "1:7-11"]
    assert seen(searched(Row("", "雨夜的霓虹市场"), width=6), "的霓") == ["0:2-3", "0:0-1"]


@pytest.mark.parametrize("width", [4, 6, 7, 9, 40])
@pytest.mark.parametrize(
    ("text", "words", "count"),
    [("雨夜的霓虹市场 雨夜", "雨夜", 2), ("Die Straße, die STRASSE", "strasse", 2)],
)
def test_case_and_width_do_not_matter(text: str, words: str, count: int, width: int) -> None:
    assert len(searched(Row("", text), width=width).find(words)) == count


@given(
    st.text(alphabet=st.sampled_from("ab 漢字é"), max_size=60),
    st.text(alphabet="ab漢é", min_size=1, max_size=3),
    st.integers(8, 20),
)
def test_as_much_is_found_in_a_wrapped_text_as_in_the_text(text: str, words: str, width: int) -> None:
    search = searched(Row("", text), width=width)
    assert len(search.find(words)) == text.casefold().count(words.casefold())


def test_there_are_bounds_to_matches() -> None:
    assert len(searched(Row("", "a" * 20_000), width=40).find("a")) == MOST + 1
    assert searched(Row("", "a"), width=40).find("") == []


def count_words(pilot: Pilot[None]) -> str:
    return str(on_top(pilot).query_one(FindLine).query_one(".count", Static).render())


async def typed(pilot: Pilot[None], words: str) -> None:
    await pilot.press("slash")
    await until(pilot, lambda: on_top(pilot).query(FindLine))
    await pilot.press(
        *({"[": "left_square_bracket", "]": "right_square_bracket"}.get(each, each) for each in words)
    )
    await pilot.pause()


def looks(pilot: Pilot[None], view: SectionView) -> list[tuple[str, str]]:
    """Return what is lit up in a view, and how."""
    found = []
    for y in range(view.size.height):
        for text, style, _ in view._strip(y):
            if style is not None and (style.reverse or style.underline):
                found.append((text, "lit" if style.reverse else "match"))
    return found


async def test_a_match_is_lit_up_and_stepped_to_and_the_way_round_is_said(
    running: Running, service: FakeService
) -> None:
    service.put(make_task("found", Status.FAILED, prompt="[b]rain[/b], 霓虹 " * 6))
    async with running((80, 24)) as pilot:
        dashboard(pilot).go_to("found")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(on_top(pilot), DetailScreen))
        view = on_top(pilot).query_one(SectionView)
        await typed(pilot, "[b]RAIN")
        await until(pilot, lambda: count_words(pilot).startswith("1 of 12"))
        assert [each for each in looks(pilot, view) if each[1] == "lit"] == [("[b]rain", "lit")]
        assert ("[b]rain", "match") in looks(pilot, view)
        await pilot.press("enter", "n", "n", "N")
        await until(pilot, lambda: count_words(pilot).startswith("2 of 12"))
        await pilot.press("N", "N")
        await until(pilot, lambda: "From the bottom again" in count_words(pilot))
        assert any(look == "lit" for _, look in looks(pilot, view))
        await pilot.press("escape")
        await until(pilot, lambda: not on_top(pilot).query(FindLine))
        assert looks(pilot, view) == []
        assert isinstance(on_top(pilot), DetailScreen)
        await pilot.press("escape")
        await until(pilot, lambda: on_top(pilot) is dashboard(pilot))


async def test_escape_while_typing_goes_back_to_where_one_was(running: Running) -> None:
    async with running((80, 24)) as pilot:
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(on_top(pilot), HelpScreen))
        view = on_top(pilot).query_one("#first", SectionView)
        await typed(pilot, "unconfirmed")
        await pilot.press("down")
        await until(pilot, lambda: view.scroll_offset.y > 0)
        await pilot.press(*"xyz")
        await until(pilot, lambda: count_words(pilot).startswith("no match"))
        await pilot.press("escape")
        await until(pilot, lambda: not on_top(pilot).query(FindLine))
        assert view.scroll_offset.y == 0
        assert view.has_focus


async def test_both_columns_of_the_help_are_one_text(running: Running) -> None:
    async with running((140, 45)) as pilot:
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(on_top(pilot), HelpScreen))
        await typed(pilot, "match before")
        await pilot.press("enter", "n")
        await until(pilot, lambda: count_words(pilot).startswith("2 of"))
        assert on_top(pilot).query_one("#second", SectionView).lit_line is not None
        assert on_top(pilot).query_one("#first", SectionView).lit_line is None


async def test_in_the_pane_words_are_found_and_on_the_table_filtered(running: Running) -> None:
    async with running((140, 45)) as pilot:
        await pilot.press("tab")
        await typed(pilot, "account")
        await pilot.press("enter")
        await until(pilot, lambda: "next" in count_words(pilot))
        assert not dashboard(pilot).is_filtering
        await pilot.press("down")  # the text that is searched becomes another one meanwhile
        await pilot.press("tab")
        await until(pilot, lambda: not on_top(pilot).query(FindLine))
        await pilot.press("slash")
        await until(pilot, lambda: dashboard(pilot).is_filtering)


async def test_a_megabyte_is_found_in_and_copied_as_it_was(running: Running) -> None:
    text = "雨夜 neon " * 120_000 + "needle " + "x" * 200
    async with running((80, 24)) as pilot:
        pilot.app.push_screen(TextScreen("Request", text + "\x1b[31m", is_finding=True))
        await until(pilot, lambda: on_top(pilot).query(FindLine))
        await pilot.press(*"needle")
        await until(pilot, lambda: count_words(pilot).startswith("1 of 1"))
        view = on_top(pilot).query_one(SectionView)
        assert any(look == "lit" for _, look in looks(pilot, view))
        view.text_select_all()
        assert on_top(pilot).get_selected_text() == text
