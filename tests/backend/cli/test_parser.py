from __future__ import annotations

from pathlib import Path

import pytest

from backend import __version__
from backend.cli.commands import SUMMARIES, load
from backend.cli.parser import build_parser


@pytest.mark.parametrize(
    "line",
    [
        "--config c.toml --data d --downloads w --sandbox --sandbox-url http://h list",
        "list --config c.toml --data d --downloads w --sandbox --sandbox-url http://h",
        "--config c.toml --sandbox list --data d --downloads w --sandbox-url http://h",
    ],
)
def test_global_options_stand_before_or_after_the_command(line: str) -> None:
    args = build_parser().parse_args(line.split())
    assert (args.config, args.data, args.downloads) == (Path("c.toml"), Path("d"), Path("w"))
    assert (args.sandbox, args.sandbox_url) == (True, "http://h")


@pytest.mark.parametrize(
    ("line", "taken"),
    [
        ("accounts check --json kling", {"action": "check", "name": "kling", "json": True}),
        ("wait a --json b --timeout 3 c", {"ids": ["a", "b", "c"], "timeout": 3.0, "json": True}),
        ("submit --account a - --quiet", {"stream": "-", "account": "a", "quiet": True}),
        ("tag a -b --json +c", {"words": ["a", "-b", "+c"], "json": True}),
        ("tag -- a -b", {"words": ["a", "-b"]}),
        ("show -- -a", {"id": "-a"}),
    ],
)
def test_options_may_stand_among_what_they_are_about(line: str, taken: dict[str, object]) -> None:
    args = vars(build_parser().parse_args(line.split()))
    assert {name: args[name] for name in taken} == taken


def test_no_command_is_the_dashboard() -> None:
    args = build_parser().parse_args([])
    assert (args.command, args.config, args.sandbox, args.sandbox_url) == (None, None, False, None)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("nonsense", "invalid choice: 'nonsense'"),
        ("list --limit 0", "must be a whole number from 1, not '0'"),
        ("list --nonsense", "unrecognized arguments: --nonsense"),
        ("wait", "the following arguments are required: ID"),
        ("wait a --timeout", "--timeout: expected one argument"),
        ("show a b", "unrecognized arguments: b"),
        ("tag a --b", "unrecognized arguments: --b"),
        ("sandbox --port 70000", "must be a port from 0 to 65535"),
        ("sandbox --speed 0", "must be a number above 0"),
        ("submit --timeout nan", "must be a number above 0"),
        ("submit --acc kling", "unrecognized arguments"),
        ("--data= list", "must not be empty"),
        ("accounts prove", "invalid choice: 'prove'"),
    ],
)
def test_wrong_usage_is_one_line_and_code_2(line: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        build_parser().parse_args(line.split())
    printed = capsys.readouterr()
    assert caught.value.code == 2
    assert printed.out == ""
    assert printed.err.startswith("reeltop: ")
    assert said in printed.err
    assert printed.err.count("\n") == 1


def test_version_and_help_are_data(capsys: pytest.CaptureFixture[str]) -> None:
    for option, said in (("--version", f"reeltop {__version__}\n"), ("--help", "exit codes:")):
        with pytest.raises(SystemExit) as caught:
            build_parser().parse_args([option])
        assert caught.value.code == 0
        assert said in capsys.readouterr().out


@pytest.mark.parametrize("command", SUMMARIES)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        build_parser().parse_args([command, "--help"])
    assert caught.value.code == 0
    helped = capsys.readouterr().out
    assert ("print data as JSON" in helped) is load(command).has_json
    assert "--sandbox-url URL" in helped
