"""``--read-only`` on the command line: what writes is refused as wrong usage, what reads goes on."""

from __future__ import annotations

import pytest

from backend.cli.commands.serve import _program
from backend.cli.parser import build_parser

from .conftest import Inside


@pytest.mark.parametrize(
    "words",
    [
        ("submit", "--account", "kling", "--operation", "text2video", "--set", "prompt=x"),
        ("archive", "--older-than", "1d"),
        ("accounts", "pause", "kling"),
        ("import", "--account", "kling", "--operation", "text2video"),
    ],
)
def test_what_writes_is_refused(inside: Inside, words: tuple[str, ...]) -> None:
    done = inside("--read-only", *words)
    assert (done.code, done.out) == (2, "")
    assert "read-only: nothing is sent, changed" in done.err
    assert inside("list", "--json").json() == []


def test_the_configuration_says_so_too(bare_inside: Inside) -> None:
    path = bare_inside.configure("read_only = true\n")
    adding = ("accounts", "add", "k", "--provider", "kling", "--secret", "api_key=env:K")
    done = bare_inside(*adding)
    assert (done.code, done.out) == (2, "")
    assert "read-only: nothing is sent, changed" in done.err
    assert path.read_text() == "read_only = true\n"
    path = bare_inside.configure('read_only = "yes"\n')
    assert f"{path}:1: read_only: must be true or false" in bare_inside("accounts").err


def test_what_reads_goes_on(inside: Inside) -> None:
    for words in (("list",), ("accounts",), ("export", "-"), ("paths",)):
        assert inside("--read-only", *words).code == 0, words


def test_a_browser_gets_a_dashboard_of_the_same_sort() -> None:
    given = build_parser().parse_args(["--read-only", "serve", "--sandbox"])
    assert _program(given)[-2:] == ["--sandbox", "--read-only"]
