"""Every theme can be read, is kept, and leaves no meaning to colour alone."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest
from rich.color import ColorType
from textual.color import Color

from backend.display import THEMES as NAMES
from backend.display import Display, choose_display
from tests.tui.fakes import FakeClock, FakeService, gallery
from tests.tui.test_snapshots import press
from tui.app import ReeltopApp
from tui.formatters import STYLES, SYMBOLS
from tui.theme import DARK, HIGH_CONTRAST, LIGHT, THEMES
from tui.widgets.task_table import TaskTable

TEXTS = (
    "foreground",
    "text-muted",
    "primary",
    "success",
    "warning",
    "error",
    "accent",
    "text-success",
    "text-warning",
    "text-error",
)
PAIRS = [
    *product(TEXTS, ("background", "surface")),
    ("foreground", "panel"),  # headers
    ("block-cursor-foreground", "block-cursor-background"),
    ("block-cursor-blurred-foreground", "block-cursor-blurred-background"),
    ("input-selection-foreground", "input-selection-background"),
    ("screen-selection-foreground", "screen-selection-background"),
    ("background", "warning"),  # the badge of the sandbox
    ("background", "primary"),  # the chosen tab, the focused button
]


def app(theme: str = "dark", theme_file: Path | None = None) -> ReeltopApp:
    service = FakeService(gallery())
    return ReeltopApp(service.open, FakeClock(), Display(theme=theme, theme_file=theme_file))


def luminance(colour: Color) -> float:
    """Return the relative luminance as WCAG 2.1 defines it."""
    parts = (part / 255 for part in (colour.r, colour.g, colour.b))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Color, other: Color) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_as_the_standard_has_it() -> None:
    assert contrast(Color.parse("#fff"), Color.parse("#000")) == pytest.approx(21)
    assert contrast(Color.parse("#767676"), Color.parse("#fff")) == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize(("theme", "least"), [(DARK, 4.5), (LIGHT, 4.5), (HIGH_CONTRAST, 7.0)])
def test_what_is_read_stands_out_from_what_is_behind_it(theme: object, least: float) -> None:
    name = getattr(theme, "name", "")
    variables = app(name).get_css_variables()
    poor = {
        pair: round(ratio, 2)
        for pair in PAIRS
        if (ratio := contrast(*(Color.parse(variables[each]) for each in pair))) < least
    }
    assert poor == {}


@pytest.mark.parametrize("theme", [DARK, LIGHT, HIGH_CONTRAST])
def test_colours_are_in_the_palette_of_256(theme: object) -> None:
    steps = {0, 0x5F, 0x87, 0xAF, 0xD7, 0xFF}
    variables = THEMES[getattr(theme, "name", "")].variables.values()
    for text in variables:
        if text.startswith("#"):
            colour = Color.parse(text)
            is_grey = colour.r == colour.g == colour.b and (colour.r - 8) % 10 == 0
            assert is_grey or {colour.r, colour.g, colour.b} <= steps, text


def test_the_configuration_knows_the_same_themes() -> None:
    assert tuple(THEMES) == NAMES


def test_each_status_has_a_sign_of_its_own() -> None:
    assert len(set(SYMBOLS.values())) == len(SYMBOLS) == len(STYLES)


@pytest.mark.parametrize("name", ["light", "high-contrast", "terminal"])
def test_dashboard(snap_compare: Callable[..., bool], name: str) -> None:
    assert snap_compare(app(name), run_before=press("e"))


def colours(running: ReeltopApp) -> set[tuple[str, str]]:
    """Return the colours of the table as they are sent."""
    table = running.screen.query_one(TaskTable)
    strips = [
        table.render_line(y).apply_filter(each, Color(0, 0, 0)) for y in range(5) for each in running._filters
    ]
    return {
        (str(each.style.color), str(each.style.bgcolor)) for strip in strips for each in strip if each.style
    }


@pytest.mark.parametrize("name", NAMES)
async def test_a_theme_chosen_while_running_looks_as_from_the_start_and_is_kept(
    name: str, tmp_path: Path
) -> None:
    kept = tmp_path / "data" / "theme"
    chosen, begun = app("light" if name == "dark" else "dark", kept), app(name)
    async with chosen.run_test() as pilot:
        await pilot.pause(0.1)
        chosen.theme = name
        await pilot.pause(0.1)
        seen = colours(chosen)
    async with begun.run_test() as pilot:
        await pilot.pause(0.1)
        assert colours(begun) == seen
    config = tmp_path / "config.toml"

    def next_run() -> str:
        return choose_display(lean=None, refresh=None, config=config, environment={}, theme_file=kept).theme

    assert next_run() == name
    config.write_text('theme = "high-contrast"\n')
    assert next_run() == "high-contrast"


@pytest.mark.parametrize("theme", NAMES)
async def test_no_color_is_heeded_in_every_theme(theme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    running = app(theme)
    async with running.run_test() as pilot:
        await pilot.pause(0.1)
        table = running.screen.query_one(TaskTable)
        for y in range(5):
            strip = table.render_line(y)
            for each in running._filters:
                strip = strip.apply_filter(each, Color(0, 0, 0))
            for segment in strip:
                for colour in (segment.style.color, segment.style.bgcolor) if segment.style else ():
                    if colour is not None and colour.type is not ColorType.DEFAULT:
                        assert colour.triplet is not None
                        assert len(set(colour.triplet)) == 1, "grey"
