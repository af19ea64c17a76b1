"""No way of writing a secret gets past (DESIGN rule 11)."""

from __future__ import annotations

import html
import json
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.providers.contract import HttpAnswer
from backend.providers.envelopes import open_envelope
from backend.redaction import redact, redact_bytes

SECRET = "sk-0/1+2=3&<'\"\\é>x_"
ESCAPED = "".join(f"\\u{ord(char):04x}" for char in SECRET)


def test_the_longest_goes_first_and_short_words_stay() -> None:
    assert redact("key=abcdefgh-ijkl x", ["abcdefgh", "abcdefgh-ijkl", "x"]) == "key=[secret] x"


@pytest.mark.parametrize(
    "written",
    [
        SECRET,
        ESCAPED,
        ESCAPED.upper().replace("\\U", "\\u"),
        json.dumps(SECRET)[1:-1],
        json.dumps(SECRET, ensure_ascii=False)[1:-1],
        json.dumps(json.dumps(SECRET))[3:-3],
        json.dumps(json.dumps(ESCAPED))[3:-3],
        json.dumps(SECRET)[1:-1].replace("/", "\\/"),
        quote(SECRET, safe=""),
        html.escape(SECRET),
        SECRET.replace("/", "&#x2F;"),
        "\u200b".join(SECRET),
        "\\u200b".join(SECRET),
        "\x00".join(SECRET),
        ESCAPED.replace("\\", "\ufeff\u202e\\").lstrip("\ufeff\u202e"),
    ],
)
def test_every_way_to_write_it(written: str) -> None:
    assert redact(f"a {written} b", [SECRET]) == "a [secret] b"
    assert redact_bytes(f"a {written} b".encode(), [SECRET]) == b"a [secret] b"


def test_what_is_no_utf8_stays() -> None:
    assert redact_bytes(b"\xff\xfe abcdef \x80", ["abcdef"]) == b"\xff\xfe [secret] \x80"


@settings(max_examples=40, deadline=None)
@given(
    st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=6, max_size=40), st.integers(0, 3)
)
def test_no_words_of_an_answer_hold_it(secret: str, depth: int) -> None:
    message = f"bad key {secret}!"
    for _ in range(depth):
        message = json.dumps({"code": 1201, "message": message})
    body = redact_bytes(json.dumps({"code": 1201, "message": message}).encode(), [secret])
    assert secret not in open_envelope(HttpAnswer(status=400, body=body)).words


@pytest.mark.parametrize(
    "part", [b"\\", b"s", b"sk\\u200b", b"%73", b"\\u0073", b"&#0", b"sk-0\\", "s\u200b".encode()]
)
def test_a_hostile_answer_costs_no_more_than_its_length(part: bytes) -> None:
    body = part * (300_000 // len(part))
    assert redact_bytes(body, [SECRET]) == body
