"""What may be left out, and what is said where it may not."""

from __future__ import annotations

import json
import re
from typing import Any, cast

import pytest

from backend.cli.choosing import Chosen, Given, build, choose, read_assignments
from backend.errors import RequestError, UsageError
from backend.providers import registry
from backend.providers.contract import Operation, Provider
from backend.service import AccountView, Service

from .conftest import PAGES

SANDBOX = {name: name for name in registry.providers()}
NOTHING = Given(None, {})


class Configured:
    """Stands in for a service: accounts by name with their providers' names."""

    def __init__(self, accounts: dict[str, str]) -> None:
        self._accounts = accounts

    def accounts(self) -> list[AccountView]:
        return [self.account(name) for name in self._accounts]

    def account(self, name: str) -> AccountView:
        if name not in self._accounts:
            raise UsageError(f"unknown account {name!r}")
        return AccountView(
            name=name, provider=self._accounts[name], base_url="", credentials=(), concurrency=1
        )

    def provider(self, name: str) -> Provider:
        return registry.provider(name)

    def operation(self, account: str, name: str | None = None) -> Operation:
        name = name or next(iter(registry.provider(self._accounts[account]).operations))
        return registry.operation(self._accounts[account], name)


def chosen(accounts: dict[str, str], account: str | None, operation: str | None, given: Given) -> Chosen:
    return choose(cast(Service, Configured(accounts)), account, operation, given)


def page(name: str) -> list[dict[str, Any]]:
    found = json.loads((PAGES / name).read_text(encoding="utf-8"))["requests"]
    return cast(list[dict[str, Any]], found)


@pytest.mark.parametrize(
    ("name", "account", "operation"),
    [
        ("kling-official-image2video.json", "kling", "image2video"),
        ("kling-relay-text2video.json", "kling-relay", "text2video"),
        ("kling-3.0-turbo-image-to-video.json", "kling-relay", "turbo-image2video"),
        ("openai-style-v1-videos.json", "openai-video", "generate"),
        ("chanjing-tx-kling2.5.json", "chanjing", "tx-kling2.5"),
    ],
)
def test_a_printed_request_says_itself_which_operation_it_is_for(
    name: str, account: str, operation: str
) -> None:
    for body in page(name):
        found = chosen(SANDBOX, account, None, Given(body, {}))
        assert (found.account, found.operation) == (account, operation)


def test_assignments_go_over_the_body_in_depth() -> None:
    body = {**page("chanjing-tx-kling2.5.json")[0]}
    found = chosen(SANDBOX, "chanjing", None, Given(body, {"ref_prompt": "雪", "clarity": "720"}))
    assert found.request.to_body() == {**body, "ref_prompt": "雪", "clarity": 720}

    camera = {"type": "simple", "config": {"zoom": 5}}
    body = {"model_name": "kling-v1", "prompt": "a cat", "camera_control": camera}
    found = chosen(SANDBOX, "kling", "text2video", Given(body, {"camera_control.config.zoom": "-3"}))
    assert found.request.values()["camera_control"] == {"type": "simple", "config": {"zoom": -3}}


def test_klings_former_key_for_the_model_is_read_as_kling_does() -> None:
    operation = registry.operation("kling", "text2video")
    body = {"model": "kling-v2-master", "prompt": "a cat"}
    request = build(operation, Given(body, {}))
    assert request.to_body() == {"model_name": "kling-v1", "prompt": "a cat"}
    assert [warning.field for warning in request.warnings()] == ["model_name"]
    named = build(operation, Given(body, {"model_name": "kling-v1-6"}))
    assert named.to_body()["model_name"] == "kling-v1-6"
    assert list(named.warnings()) == []


def test_an_assignment_mends_a_body_that_is_not_whole() -> None:
    body = {"contents": [{"type": "prompt", "text": "a cat"}], "settings": {"duration": "long"}}
    with pytest.raises(RequestError):
        chosen(SANDBOX, "kling-relay", "turbo-image2video", Given(body, {}))
    given = Given(body, {"duration": "5", "first_frame": "https://example.com/a.png"})
    found = chosen(SANDBOX, "kling-relay", "turbo-image2video", given)
    assert found.request.to_body() == {
        "contents": [
            {"type": "first_frame", "url": "https://example.com/a.png"},
            {"type": "prompt", "text": "a cat"},
        ],
        "settings": {"duration": 5},
    }


@pytest.mark.parametrize(
    ("accounts", "account", "operation", "found"),
    [
        ({"only": "kling"}, None, "text2video", ("only", "text2video")),
        (SANDBOX, None, "kling-relay/turbo-image2video", ("kling-relay", "turbo-image2video")),
        (SANDBOX, None, "kling/text2video", ("kling", "text2video")),
        (SANDBOX, "kling-relay", "kling-relay/text2video", ("kling-relay", "text2video")),
        ({"a": "kling", "b": "openai-video"}, None, "text2video", ("a", "text2video")),
    ],
)
def test_what_leaves_one_choice_may_be_left_out(
    accounts: dict[str, str], account: str | None, operation: str, found: tuple[str, str]
) -> None:
    fields = {"prompt": "a cat", "first_frame": "https://example.com/a.png", "model_name": "kling-v1-6"}
    wanted = {
        name: text for name, text in fields.items() if (name == "first_frame") == ("turbo" in operation)
    }
    result = chosen(accounts, account, operation, Given(None, wanted))
    assert (result.account, result.operation) == found


@pytest.mark.parametrize(
    ("accounts", "account", "operation", "given", "said"),
    [
        (SANDBOX, None, None, NOTHING, "which account? --account takes kling, kling-relay"),
        (SANDBOX, None, "text2video", NOTHING, "which account? --account takes kling, kling-relay"),
        (SANDBOX, None, "nonsense", NOTHING, "no account offers operation 'nonsense'"),
        (SANDBOX, "nonsense", None, NOTHING, "unknown account 'nonsense'"),
        (SANDBOX, "kling", "nonsense", NOTHING, "no operation 'nonsense'"),
        (SANDBOX, "kling", "chanjing/tx-kling2.5", NOTHING, "account kling is one of kling"),
        (SANDBOX, "kling", None, NOTHING, "which operation? --operation takes text2video, image2video, "),
        (
            SANDBOX,
            "kling",
            None,
            Given({"nonsense": 1}, {}),
            "the request fits no operation of account kling",
        ),
        (SANDBOX, "chanjing", None, Given(None, {"nonsense": "1"}), "unknown field 'nonsense'"),
    ],
)
def test_what_is_left_open_is_named(
    accounts: dict[str, str], account: str | None, operation: str | None, given: Given, said: str
) -> None:
    with pytest.raises(UsageError, match=re.escape(said)):
        chosen(accounts, account, operation, given)


def test_every_broken_rule_is_told_at_once() -> None:
    body = {"nonsense": 1, "cfg_scale": 7, "prompt": 3}
    with pytest.raises(RequestError) as caught:
        chosen(SANDBOX, "kling", "text2video", Given(body, {}))
    assert {issue.field for issue in caught.value.issues} >= {"nonsense", "cfg_scale", "prompt"}


def test_assignments_are_split_at_the_first_equals_sign() -> None:
    assert read_assignments(["prompt=a = b", "url=https://h/?a=b", "empty="]) == {
        "prompt": "a = b",
        "url": "https://h/?a=b",
        "empty": "",
    }


@pytest.mark.parametrize("pairs", [["prompt"], ["=x"], ["prompt=a", "prompt=b"]])
def test_a_broken_assignment_is_refused(pairs: list[str]) -> None:
    with pytest.raises(UsageError, match="--set"):
        read_assignments(pairs)
