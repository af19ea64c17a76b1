"""Accounts are added, disabled and removed from scripts, and no secret is in a command."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.backend.cli.conftest import Inside, Reeltop, Sandbox

SECRET = "sk-not-on-any-screen"


def accounts(where: Reeltop) -> dict[str, Any]:
    path = where.home / ".config" / "reeltop" / "config.toml"
    return tomllib.loads(path.read_text()).get("accounts", {}) if path.exists() else {}


def test_an_account_is_added_from_standard_input_and_works(bare_inside: Inside, sandbox: Sandbox) -> None:
    given = next(account for account in sandbox.accounts if account["provider"] == "kling")
    (key, secret), *_ = given["credentials"].items()
    words = ("--provider", "kling", "--url", given["base_url"], "--secret", f"{key}=-")
    done = bare_inside("accounts", "add", "mine", *words, stdin=f"{secret}\n")
    assert done.code == 0, done.err
    assert secret not in done.out + done.err + str(accounts(bare_inside))
    assert accounts(bare_inside)["mine"]["base_url"] == given["base_url"]
    checked = bare_inside("accounts", "check", "mine")
    assert checked.code == 0, checked.out + checked.err
    assert "mine: ok" in checked.out


def test_a_pair_of_secrets_is_read_line_by_line(bare_inside: Inside) -> None:
    words = ("--provider", "kling", "--secret", "access_key=-", "--secret", "secret_key=-")
    assert bare_inside("accounts", "add", "pair", *words, stdin="first\nsecond\n").code == 0
    made = accounts(bare_inside)["pair"]
    kept = [Path(made[key].removeprefix("file:")).read_text() for key in ("access_key", "secret_key")]
    assert kept == ["first", "second"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--secret", "api_key=env:K"), "--provider is needed"),
        (("--provider", "klnig", "--secret", "api_key=env:K"), "unknown provider"),
        (("--provider", "kling"), "api_key: needs"),
        (("--provider", "kling", "--secret", f"api_key={SECRET}"), "standard input"),
        (("--provider", "kling", "--secret", SECRET), "must be KEY="),
        (("--provider", "kling", "--secret", "api_key=-"), "no line"),
        (("--provider", "openai-video", "--secret", "api_key=env:K"), "base_url"),
        (("--provider", "kling", "--secret", "api_key=env:K", "--concurrency", "0"), "concurrency"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_changed(
    bare_inside: Inside, words: tuple[str, ...], said: str
) -> None:
    done = bare_inside("accounts", "add", "mine", *words)
    assert done.code == 2
    assert said in done.err
    assert SECRET not in done.out + done.err
    assert accounts(bare_inside) == {}


def test_disabled_enabled_removed(bare_inside: Inside) -> None:
    path = bare_inside.configure('# mine\n[accounts.a]\nprovider = "kling"\napi_key = "env:K"\n')
    before = path.read_text()
    assert bare_inside("accounts", "disable", "a").code == 0
    listed = bare_inside("accounts", "--json", K="x" * 20)
    assert [each["disabled"] for each in listed.json()] == [True]
    refused = bare_inside(
        "submit", "--account", "a", "--operation", "text2video", "--set", "prompt=a cat", K="x" * 20
    )
    assert refused.code != 0
    assert "disabled" in refused.err
    assert bare_inside("accounts", "enable", "a").code == 0
    assert path.read_text() == before
    assert bare_inside("accounts", "remove", "b").code == 2
    assert bare_inside("accounts", "remove", "a").code == 0
    assert accounts(bare_inside) == {}
    assert "# mine" in path.read_text()
