"""Curl commands and JSON bodies from elsewhere become drafts."""

from __future__ import annotations

import json
import shlex

import pytest

from backend.accounts import Account
from backend.curl import read_curl
from backend.drafts import Draft
from backend.errors import UsageError
from backend.pasted import read_pasted
from backend.preparing import prepare_texts
from backend.providers import registry
from tests.tui.builder_stage import LIMITS

HERE = Draft(account="kling", operation="text2video")
PROMPT = 'it\'s a "fox" `id` $HOME \\ 雪 [bold]\nrunning & jumping'


def account(name: str, provider: str, url: str) -> Account:
    return Account(
        name=name, provider=registry.provider(provider), base_url=url, credentials={}, limits=LIMITS
    )


ACCOUNTS = [
    account("kling", "kling", "https://api.example.com"),
    account("relay", "kling-relay", "https://relay.example.com/base"),
    account("gate", "openai-video", "https://gate.example.com"),
    account("team", "chanjing", "https://chan.example.com"),
]


def read(text: str, draft: Draft = HERE) -> Draft:
    return read_pasted(text, ACCOUNTS, draft).draft


def test_what_the_preview_copies_can_be_pasted() -> None:
    texts = {"prompt": PROMPT, "model_name": "kling-v2-6", "mode": "pro", "duration": "10"}
    for owner, name in ((ACCOUNTS[0], "text2video"), (ACCOUNTS[1], "text2video")):
        operation = owner.provider.operations[name]
        prepared = prepare_texts(owner, operation, texts, lambda *_: None)
        assert prepared.preview is not None
        assert read(prepared.preview.curl()) == Draft(account=owner.name, operation=name, texts=texts)


def test_a_command_goes_to_the_account_of_its_host_and_the_operation_of_its_path() -> None:
    body = json.dumps({"prompt": "a fox", "image": "https://example.com/a.png"})
    found = read(f"curl -sSL https://API.example.com/v1/videos/image2video --json {shlex.quote(body)} | jq .")
    assert (found.account, found.operation) == ("kling", "image2video")
    assert found.texts == {"prompt": "a fox", "image": "https://example.com/a.png"}


def test_a_body_alone_stays_with_its_account_and_finds_the_operation_that_knows_its_fields() -> None:
    assert read('{"prompt": "a fox", "mode": "std",} // done').operation == "text2video"
    found = read('{"image": "https://example.com/a.png", "prompt": "a fox"}')
    assert (found.account, found.operation) == ("kling", "image2video")


def test_unknown_fields_are_told_and_the_rest_is_taken() -> None:
    found = read_pasted('{"prompt": "a fox", "seed_of_doubt": 1, "mode": "std"}', ACCOUNTS, HERE)
    assert found.draft.texts == {"prompt": "a fox", "mode": "std"}
    assert [issue.field for issue in found.issues] == ["seed_of_doubt"]


def test_the_model_that_kling_would_ignore_is_told_as_left_out() -> None:
    found = read_pasted('{"prompt": "a fox", "model": "kling-v3"}', ACCOUNTS, HERE)
    assert (found.draft.account, found.draft.operation) == ("kling", "text2video")
    assert found.draft.texts == {"prompt": "a fox"}
    assert [issue.field for issue in found.issues] == ["model"]


def test_what_is_wrong_is_taken_for_the_form_to_show() -> None:
    found = read('{"prompt": "a fox", "cfg_scale": 9, "mode": "fast"}')
    assert found.texts == {"prompt": "a fox", "cfg_scale": "9", "mode": "fast"}


SECRET = "sk-very-secret"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "[1, 2]",
        "{",
        "{'a': 1}",
        f"curl https://{SECRET}@api.example.com -H 'Authorization: Bearer {SECRET}'",
        f"curl https://api.example.com -H 'Authorization: Bearer {SECRET} -d '{{}}'",
        f"curl https://api.example.com -H 'X: {SECRET}' -d @body.json",
        f"curl https://api.example.com -u {SECRET} -F prompt=fox",
        f"curl https://api.example.com -H 'X: {SECRET}' -d '{{\"prompt\": {SECRET}}}'",
        f"rm -rf / ; curl -H {SECRET} -d '{{}}'",
        "curl http://[::1 -d '{}'",
        "curl x -d '" + "[" * 100_000 + "'",
        "curl x -d",
    ],
)
def test_what_cannot_be_read_is_refused_without_its_secrets(text: str) -> None:
    with pytest.raises(UsageError) as error:
        read(text)
    assert SECRET not in str(error.value)


def test_nothing_of_headers_users_and_queries_is_kept() -> None:
    text = (
        f"curl 'https://me:{SECRET}@api.example.com/v1/videos/text2video?key={SECRET}' -u me:{SECRET} "
        f"-H 'Authorization: Bearer {SECRET}' --cookie={SECRET} -b {SECRET} -d '{{\"prompt\": \"a\"}}'"
    )
    assert SECRET not in repr(read_pasted(text, ACCOUNTS, HERE))
    assert SECRET not in repr(read_curl(text))


@pytest.mark.parametrize(
    ("command", "body"),
    [
        ("curl x -d '{\"a\": \"it'\\''s\"}'", '{"a": "it\'s"}'),
        ('$ curl x \\\n  -XPOST \\\r\n  --data-raw $\'{"a": "\\u00e9\\n\\x41\\101"}\'', '{"a": "é\nAA"}'),
        ('TOKEN=1 /usr/bin/curl -sd "{\\"a\\": \\"$HOME\\"}" --url x', '{"a": "$HOME"}'),
        ("curl x --data='{}' && curl y --data '{\"b\":1}'", "{}"),
        ("curl --data-raw @a x", "@a"),
    ],
)
def test_quotes_as_a_shell_reads_them(command: str, body: str) -> None:
    assert read_curl(command).body == body
