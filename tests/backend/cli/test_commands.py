"""Accounts, places and everything that can be got wrong: one clear line and a code."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from .conftest import COMMAND, ROOT, Inside, Reeltop, Sandbox

CAT = ["--set", "model_name=kling-v1-6", "--set", "prompt=a cat"]


def sandbox_config(sandbox: Sandbox, name: str = "kling", key: str = "env:KEY") -> str:
    (account,) = (account for account in sandbox.accounts if account["name"] == name)
    return f'[accounts.mine]\nprovider = "{name}"\nbase_url = "{account["base_url"]}"\napi_key = "{key}"\n'


def key_of(sandbox: Sandbox, name: str = "kling") -> str:
    (account,) = (account for account in sandbox.accounts if account["name"] == name)
    return str(account["credentials"]["api_key"])


def assert_one_line(err: str) -> None:
    assert err.startswith("reeltop: ")
    assert err.count("\n") == 1
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["submit", "--account", "nobody", *CAT], 2, "unknown account 'nobody'; known: kling, kling-relay"),
        (["submit", *CAT], 2, "which account?"),
        (["submit", "--account", "kling"], 2, "which operation?"),
        (["submit", "--account", "kling", "--operation", "nothing", *CAT], 2, "no operation 'nothing'"),
        (
            ["submit", "--account", "kling", "--operation", "text2video", *CAT, "--set", "colour=red"],
            2,
            "unknown field 'colour'",
        ),
        (
            ["submit", "--account", "kling", "--operation", "text2video", *CAT, "--set", "cfg_scale=7"],
            2,
            "cfg_scale: must be 1 or less",
        ),
        (["submit", "--account", "kling", "--request", "gone.json"], 2, "gone.json: No such file"),
        (["submit", "--account", "kling", "--request", "{tmp}/bad.json"], 2, "bad.json:3:3: not valid JSON"),
        (["submit", "--account", "kling", "--set", "prompt"], 2, "must be FIELD=VALUE"),
        (["show", "nothing"], 2, "no task with an id that starts with 'nothing'"),
        (["wait", "nothing"], 2, "no task"),
        (["download", "nothing"], 2, "no task"),
        (["stop", "nothing"], 2, "no task"),
        (["list", "--status", "asleep"], 2, "known: waiting, submitting, queued"),
        (["list", "--account", "nobody"], 2, "unknown account 'nobody'"),
        (["operations", "nothing"], 2, "unknown operation 'nothing'; known: kling/text2video"),
        (["operations", "text2video"], 2, "kling/text2video or kling-relay/text2video"),
        (["accounts", "check", "nobody"], 2, "unknown account 'nobody'"),
        (["nonsense"], 2, "invalid choice: 'nonsense'"),
        (
            ["--config", "{tmp}/broken.toml", "accounts"],
            2,
            "broken.toml:2: accounts.a.provider: unknown provider",
        ),
        (["--config", "{tmp}", "list"], 2, "Is a directory"),
        ([], 2, "the dashboard needs a terminal"),
    ],
)
def test_bad_input_is_one_clear_line(
    inside: Inside, tmp_path: Path, words: list[str], code: int, said: str
) -> None:
    (tmp_path / "bad.json").write_text('{\n  "prompt": "a cat",\n  nothing\n}')
    (tmp_path / "broken.toml").write_text('[accounts.a]\nprovider = "nobody"\n')
    done = inside(*(word.replace("{tmp}", str(tmp_path)) for word in words))
    assert (done.code, done.out) == (code, "")
    assert_one_line(done.err)
    assert said in done.err


def test_nothing_is_recorded_of_an_invalid_request(inside: Inside) -> None:
    words = ["--account", "kling", "--operation", "text2video", *CAT, "--set", "cfg_scale=7", "--json"]
    assert inside("submit", *words).code == 2
    assert inside("list", "--json").json() == []


def test_a_missing_secret_ends_before_anything_is_sent(bare_inside: Inside, sandbox: Sandbox) -> None:
    bare_inside.configure(sandbox_config(sandbox))
    done = bare_inside("submit", "--operation", "text2video", *CAT, "--quiet", "--json")
    assert (done.code, done.out) == (3, "")
    assert_one_line(done.err)
    assert "env:KEY" in done.err
    assert bare_inside("list", "--json").json() == []


def test_a_configured_account_works_and_its_secret_is_seen_nowhere(
    bare_inside: Inside, sandbox: Sandbox
) -> None:
    bare_inside.configure(sandbox_config(sandbox))
    key = key_of(sandbox)
    words = ["submit", "--operation", "text2video", "--set", "model_name=kling-v1-6"]
    done = bare_inside(*words, "--set", "prompt=[ok] a cat", "--wait", "--json", KEY=key)
    assert done.code == 0, done.err
    every = (
        done.out
        + done.err
        + bare_inside("accounts", "--json", KEY=key).out
        + bare_inside("show", done.json()["id"]).out
    )
    files = [path for path in bare_inside.home.rglob("*") if path.is_file()]
    assert key not in every
    assert not [path for path in files if key.encode() in path.read_bytes()]
    assert {path.stat().st_mode & 0o077 for path in files} == {0}


def test_a_wrong_key_is_an_account_problem(bare_inside: Inside, sandbox: Sandbox) -> None:
    bare_inside.configure(sandbox_config(sandbox))
    done = bare_inside(
        "submit", "--operation", "text2video", *CAT, "--wait", "--json", KEY="not-the-right-key"
    )
    assert done.code == 3, done.err
    assert done.json()["remote_id"] is None
    assert "not-the-right-key" not in done.out + done.err


def test_a_key_that_is_gone_ends_the_waiting_not_the_task(bare_inside: Inside, sandbox: Sandbox) -> None:
    bare_inside.configure(sandbox_config(sandbox))
    words = ["submit", "--operation", "text2video", "--set", "model_name=kling-v1-6"]
    key = key_of(sandbox)
    task = bare_inside(*words, "--set", "prompt=[ok] [slow] a cat", "--json", KEY=key).json()
    done = bare_inside("wait", task["id"], "--json")
    assert done.code == 3, done.err
    assert done.json()["status"] in ("queued", "running")


def test_blanks_of_a_page_are_not_sent_to_a_real_account(bare_inside: Inside, sandbox: Sandbox) -> None:
    bare_inside.configure(sandbox_config(sandbox))
    words = ["submit", "--operation", "image2video", "--set", "image={{first_frame_url}}", "--quiet"]
    done = bare_inside(*words, KEY=key_of(sandbox))
    assert (done.code, done.out) == (2, "")
    assert "blank to fill in" in done.err


def test_accounts_tell_where_secrets_come_from(bare_inside: Inside, sandbox: Sandbox) -> None:
    bare_inside.configure(sandbox_config(sandbox))
    (account,) = bare_inside("accounts", "--json").json()
    assert account["name"] == "mine"
    assert account["provider"] == "kling"
    assert account["credentials"][0]["source"] == "env:KEY"
    assert "KEY is not set" in account["problem"]
    (account,) = bare_inside("accounts", "--json", KEY="x").json()
    assert account["problem"] == ""
    plain = bare_inside("accounts")
    assert plain.code == 0
    assert "api_key from env:KEY" in plain.out


def test_check_proves_a_key_or_says_why_not(bare_inside: Inside, sandbox: Sandbox) -> None:
    bare_inside.configure(sandbox_config(sandbox))
    good = bare_inside("accounts", "check", "mine", "--json", KEY=key_of(sandbox))
    assert (good.code, good.json()["ok"]) == (0, True)
    bad = bare_inside("accounts", "check", "mine", "--json", KEY="not-the-right-key")
    assert (bad.code, bad.json()["ok"]) == (3, False)
    assert bad.json()["words"]
    none = bare_inside("accounts", "check", "--json")
    assert (none.code, none.json()["ok"]) == (3, False)
    assert "KEY" in none.json()["words"]


def test_check_tells_network_trouble_from_a_bad_key(bare_inside: Inside) -> None:
    bare_inside.configure(
        '[accounts.down]\nprovider = "kling"\nbase_url = "http://127.0.0.1:9"\napi_key = "env:KEY"\n'
    )
    done = bare_inside("accounts", "check", "down", KEY="k-12345678")
    assert done.code == 4
    assert "NOT OK" in done.out


def test_check_without_a_name_checks_all(inside: Inside) -> None:
    done = inside("accounts", "check", "--json")
    assert done.code == 0, done.err
    assert [(check["account"], check["ok"]) for check in done.lines()] == [
        ("kling", True),
        ("kling-relay", True),
        ("openai-video", True),
        ("chanjing", True),
    ]


def test_a_secret_in_a_readable_file_is_refused(bare_inside: Inside, sandbox: Sandbox) -> None:
    path = bare_inside.configure(sandbox_config(sandbox, key="literal-key-1234"), mode=0o644)
    done = bare_inside("accounts")
    assert (done.code, done.out) == (2, "")
    assert_one_line(done.err)
    assert f"{path}:4: accounts.mine.api_key" in done.err
    assert "literal-key-1234" not in done.err


def test_paths(bare_inside: Inside, tmp_path: Path) -> None:
    bare_inside.configure("")
    found = bare_inside("paths", "--json").json()
    assert found["config"] == str(bare_inside.home / ".config/reeltop/config.toml")
    assert found["data"] == str(bare_inside.home / ".local/share/reeltop/sandbox")
    words = ["--data", str(tmp_path / "d"), "paths", "--downloads", str(tmp_path / "w"), "--json"]
    bare_inside.configure('[accounts.a]\nprovider = "kling"\napi_key = "env:KEY"\n')
    found = bare_inside(*words).json()
    assert (found["data"], found["downloads"]) == (str(tmp_path / "d"), str(tmp_path / "w"))
    assert bare_inside("paths", "--json", REELTOP_DATA="/x").json()["data"] == "/x"
    assert not (tmp_path / "d").exists()


def test_paths_say_where_a_broken_configuration_is(bare_inside: Inside) -> None:
    path = bare_inside.configure("accounts = [")
    done = bare_inside("paths", "--json")
    assert done.code == 2
    assert done.json()["config"] == str(path)
    assert_one_line(done.err)


def test_without_a_configuration_it_is_the_sandbox_and_says_so(bare_inside: Inside) -> None:
    done = bare_inside("list")
    assert (done.code, done.out) == (0, "")
    assert "using the sandbox; nothing costs money" in done.err
    done = bare_inside("--sandbox", "list", "--json", "--quiet")
    assert (done.json(), done.err) == ([], "")


def test_the_sandbox_tells_addresses_and_keys_in_one_line(sandbox: Sandbox) -> None:
    assert sandbox.base_url.startswith("http://127.0.0.1:")
    assert [account["name"] for account in sandbox.accounts] == [
        "kling",
        "kling-relay",
        "openai-video",
        "chanjing",
    ]
    for account in sandbox.accounts:
        assert account.keys() == {"name", "provider", "base_url", "credentials"}
        assert account["base_url"].startswith(sandbox.base_url)
        assert account["credentials"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_the_sandbox_serves_until_it_is_ended(bare: Reeltop, number: signal.Signals, code: int) -> None:
    with bare.start("sandbox", "--json") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        base_url = json.loads(process.stdout.readline())["base_url"]
        with urlopen(base_url, timeout=5) as answer:
            assert answer.status == 200
        process.send_signal(number)
        assert process.wait(10) == code
        assert process.stdout.read() + process.stderr.read() == b""


def test_a_taken_port_is_told(bare_inside: Inside, sandbox: Sandbox) -> None:
    port = sandbox.base_url.rpartition(":")[2]
    done = bare_inside("sandbox", "--port", port)
    assert (done.code, done.out) == (2, "")
    assert_one_line(done.err)


def test_a_sandbox_that_is_not_there_is_told(bare_inside: Inside) -> None:
    done = bare_inside("--sandbox-url", "http://127.0.0.1:9", "submit", "--account", "kling", *CAT)
    assert (done.code, done.out) == (4, "")
    assert_one_line(done.err)


def test_operations_are_told_with_their_fields(inside: Inside) -> None:
    offered = inside("operations", "--json").json()
    assert ("kling", "image2video") in [(item["provider"], item["operation"]) for item in offered]
    of_account = inside("operations", "--account", "kling-relay", "--json").json()
    names = ["text2video", "image2video", "turbo-text2video", "turbo-image2video"]
    assert [item["operation"] for item in of_account] == names
    turbo: dict[str, Any] = inside("operations", "kling-relay/turbo-image2video", "--json").json()
    fields = {field["name"]: field for field in turbo["fields"]}
    assert (fields["duration"]["kind"], fields["duration"]["maximum"]) == ("integer", 15)
    assert fields["first_frame"]["required"] is True
    assert fields["resolution"]["choices"] == ["720p", "1080p"]
    plain = inside("operations", "kling-relay/turbo-image2video")
    assert "first_frame  (image; required)" in plain.out


def test_texts_of_others_are_harmless(inside: Inside) -> None:
    nasty = "[ok] [bold]\x1b]0;title\x07 雪\U0001f600\u202e " + "x" * 1000
    words = ["--account", "kling", "--operation", "text2video", "--set", "model_name=kling-v1-6"]
    task = inside("submit", *words, "--set", f"prompt={nasty}", "--json")
    assert task.code == 0, task.err
    assert task.json()["prompt"] == nasty
    for words in (["list"], ["show", task.json()["id"]], ["list", "--json"]):
        done = inside(*words)
        assert "[bold]" in done.out
        assert not set(done.out) & set("\x1b\x07\u202e")


def test_output_that_cannot_be_written_is_told(bare_inside: Inside) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, "operations"],
            cwd=ROOT,
            env=bare_inside.env(),
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 1
    assert_one_line(done.stderr.decode())
    assert "No space left" in done.stderr.decode()


def test_the_words_of_all_commands_load_nothing_heavy() -> None:
    code = (
        "import sys, json\n"
        "from backend.cli.parser import build_parser, command_parser\n"
        "from backend.cli import commands, main\n"
        "build_parser().format_help()\n"
        "[command_parser(name).format_help() for name in commands.SUMMARIES]\n"
        "print(json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    loaded = json.loads(done.stdout)
    assert not {"pydantic", "httpx", "tinydb", "textual", "uvicorn", "starlette"} & set(loaded)
