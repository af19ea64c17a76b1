"""The short way to the dashboard reads its options as the parser does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.cli.dashboard import read_options
from backend.cli.parser import build_parser

FLAGS = ["--sandbox", "--lean", "--no-lean", "--help", "--version", "--json", "--nonsense", "--sand", "list"]
VALUED = [
    "--refresh",
    "--config",
    "--data",
    "--downloads",
    "--sandbox-url",
    "--refresh=10s",
    "--config=x",
    "--language",
]
VALUES = [
    "5s",
    "en",
    "zh_CN",
    "~/c.toml",
    "d",
    "--data=",
    "--downloads=/a=b",
    "http://127.0.0.1:1",
    "--",
    "-",
    "-5",
    "",
]


@given(st.lists(st.sampled_from(FLAGS + VALUED + VALUES), max_size=5))
def test_it_means_what_the_parser_says_or_is_left_to_it(argv: list[str]) -> None:
    options = read_options(argv)
    if options is not None:
        assert options == vars(build_parser().parse_args(argv))


@pytest.mark.parametrize(
    "argv", [[], ["--sandbox"], ["--config", "~/c.toml", "--no-lean"], ["--refresh=5s"], ["--language=en"]]
)
def test_usual_ones_need_no_parser(argv: list[str]) -> None:
    assert read_options(argv) is not None


@pytest.mark.parametrize(
    "argv", [["--data"], ["--data", ""], ["list"], ["--data", "--sandbox"], ["--help"], ["--language=xx"]]
)
def test_others_are_left_to_it(argv: list[str]) -> None:
    assert read_options(argv) is None


def test_a_wrong_refresh_is_explained(tmp_path: Path) -> None:
    code = (
        "import sys; from backend.cli.main import main\n"
        "sys.stdin.isatty = sys.stdout.isatty = lambda: True\n"
        "sys.exit(main(['--refresh', 'often']))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    assert ended.returncode == 2
    assert ended.stderr.startswith("reeltop: --refresh often: must be a number with s, m")
