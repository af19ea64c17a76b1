"""What suits the line: said by options, by the configuration, or guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.config import load_config
from backend.display import Display, choose_display
from backend.errors import ConfigError

SSH = {"SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}


def choose(
    tmp_path: Path,
    text: str = "",
    *,
    lean: bool | None = None,
    refresh: str | None = None,
    environment: dict[str, str] | None = None,
) -> Display:
    path = tmp_path / "config.toml"
    path.write_text(text)
    return choose_display(lean=lean, refresh=refresh, config=path, environment=environment or {})


def test_nothing_said(tmp_path: Path) -> None:
    assert choose(tmp_path) == Display(lean=False, refresh=1.0)
    assert choose(tmp_path, environment=SSH) == Display(lean=True, refresh=5.0)
    assert choose(tmp_path, environment={"SSH_TTY": "/dev/pts/1"}).lean


def test_the_configuration_counts_more_than_the_line(tmp_path: Path) -> None:
    text = 'lean = false\nrefresh = "1m"\n'
    assert choose(tmp_path, text, environment=SSH) == Display(lean=False, refresh=60.0)
    assert choose(tmp_path, "lean = true\n") == Display(lean=True, refresh=1.0)


def test_options_count_most(tmp_path: Path) -> None:
    text = 'lean = false\nrefresh = "1m"\n'
    assert choose(tmp_path, text, lean=True, refresh="2s") == Display(lean=True, refresh=2.0)
    assert choose(tmp_path, "lean = true", lean=False, environment=SSH) == Display(lean=False, refresh=5.0)


@pytest.mark.parametrize("text", ["lean = ", 'lean = "yes"\nrefresh = 5', 'refresh = "often"', "lean\n= ["])
def test_a_wrong_configuration_is_left_to_be_explained_later(tmp_path: Path, text: str) -> None:
    assert choose(tmp_path, text) == Display()
    with pytest.raises(ConfigError):
        load_config(tmp_path / "config.toml")


def test_a_wrong_option_is_refused(tmp_path: Path) -> None:
    for span in ("often", "0s", "5"):
        with pytest.raises(ValueError, match="must be"):
            choose(tmp_path, refresh=span)


def test_what_textual_is_told() -> None:
    assert Display().environment == {}
    assert Display(lean=True).environment == {"TEXTUAL_FPS": "15", "TEXTUAL_COLOR_SYSTEM": "256"}


@pytest.mark.parametrize("kept", ["", "pink dark", "light", "light dark more", "\x00"])
def test_a_kept_theme_that_is_none_is_left_aside(tmp_path: Path, kept: str) -> None:
    (tmp_path / "theme").write_text(kept)
    config = tmp_path / "config.toml"
    found = choose_display(
        lean=None, refresh=None, config=config, environment={}, theme_file=tmp_path / "theme"
    )
    assert found.theme == "dark"
