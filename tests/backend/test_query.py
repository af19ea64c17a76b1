"""The filter language: what it finds, how it is explained, and that no text upsets it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.models import (
    AccountHealth,
    Artifact,
    Charge,
    Failure,
    FailureKind,
    Origin,
    RemoteFile,
    Status,
    Task,
    Trouble,
)
from backend.query import LONGEST, QueryError, parse, quoted
from backend.query_completion import complete, help_rows, known_values
from backend.query_fields import FIELDS, Moment
from backend.wildcards import is_part, is_whole

NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
QUOTA = Failure(kind=FailureKind.QUOTA, code="1102", words="Resource pack [depleted]")


def task(task_id: str, minutes: float = 60, **fields: Any) -> Task:
    made = NOW - timedelta(minutes=minutes)
    base = Task(
        id=task_id,
        account="kling-cn",
        provider="kling",
        operation="text2video",
        model="kling-v3",
        origin=Origin(base_url="https://api.example", endpoint="/v1"),
        request={},
        created_at=made,
        updated_at=made,
    )
    return replace(base, **fields)


TASKS = [
    task("rain", 10, prompt="A Rainy Street at night", status=Status.RUNNING, sent_at=NOW, progress=0.6),
    task("cat", 90, prompt="猫在窗边看雨，电影光", status=Status.FAILED, failure=QUOTA, tags=("ad", "test")),
    task(
        "done",
        60 * 24 * 3,
        account="relay",
        provider="kling-relay",
        operation="turbo-image2video",
        model="kling-v2-5",
        status=Status.SUCCEEDED,
        finished_at=NOW - timedelta(days=2),
        note="for the client: second cut",
        batch="spring",
        charges=(Charge(amount=Decimal("2.5"), unit="unit"),),
        artifacts=(Artifact(remote=RemoteFile(url="https://x/y", expires_at=NOW + timedelta(hours=5))),),
    ),
    task(
        "wait",
        1,
        prompt='street "quoted" -minus [b]bold[/b]',
        remote_id="8140",
        trouble=Trouble(failure=QUOTA, since=NOW, count=1),
    ),
]


def found(text: str, moment: Moment | None = None) -> str:
    return " ".join(each.id for each in parse(text).select(TASKS, moment or Moment(NOW)))


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", "rain cat done wait"),
        ("  ", "rain cat done wait"),
        ("street", "rain wait"),
        ("STREET rainy", "rain"),
        ('"rainy street"', "rain"),
        ('"street rainy"', ""),
        ("-street", "cat done"),
        ("电影光", "cat"),
        ("prompt:窗边", "cat"),
        ("prompt：窗边", "cat"),
        ('prompt:"a rainy street"', "rain"),
        ("prompt:猫,rainy", "rain cat"),
        ("[b]bold", "wait"),
        ("client", "done"),
        ("depleted", "cat wait"),
        ("status:failed,succeeded", "cat done"),
        ("status:run", "rain"),
        ("STATUS:Failed", "cat"),
        ("-status:failed", "rain done wait"),
        ("account:kling", "rain cat wait"),
        ("account=kling", ""),
        ("account=kling-cn", "rain cat wait"),
        ("provider=kling-relay", "done"),
        ("model:v3", "rain cat wait"),
        ("operation:image2video", "done"),
        ("operation:kling-relay/turbo", "done"),
        ("tag:ad", "cat"),
        ("tag:a tag:t", "cat"),
        ("note:cut", "done"),
        ("batch:spring", "done"),
        ("id:814", "wait"),
        ("code:1102", "cat wait"),
        ('error:"pack [dep"', "cat wait"),
        ("kind:quota", "cat wait"),
        ("age<2h", "rain cat wait"),
        ("age>=90m", "cat done"),
        ("age:>1d", "done"),
        ("age＜2h", "rain cat wait"),
        ("ended<3d", "cat done"),
        ("-ended>1s", "rain wait"),
        ("elapsed>20h", "done"),
        ("expires<6h", "done"),
        ("expires<4h", ""),
        ("cost>1", "done"),
        ("cost>2.5", ""),
        ("cost:2.5", "done"),
        ("progress>=60", "rain"),
        ("has:files", "done"),
        ("has:unsaved -has:saved", "done"),
        ("has:note,tags", "cat done"),
        ("is:active", "rain wait"),
        ("is:problem", "cat wait"),
        ("is:attention", "done wait"),
        ("sort:age", "wait rain cat done"),
        ("sort:-age", "done cat rain wait"),
        ("sort:-cost", "done rain cat wait"),
        ("sort:account,-age", "cat rain wait done"),
        ("street sort:id", "rain wait"),
        ('prompt:"\\"quoted\\""', "wait"),
        ('"-minus"', "wait"),
    ],
)
def test_what_a_filter_finds(text: str, ids: str) -> None:
    assert found(text) == ids


def test_an_account_that_is_gone_or_refused_needs_attention() -> None:
    well = {"kling-cn": AccountHealth(), "relay": AccountHealth()}
    refused = Trouble(failure=replace(QUOTA, kind=FailureKind.AUTH), since=NOW, count=1, next_try=NOW)
    assert found("is:attention", Moment(NOW, well)) == "done wait"
    assert found("is:attention", Moment(NOW, {"relay": AccountHealth()})) == "rain done wait"
    held = {**well, "kling-cn": AccountHealth(trouble=refused)}
    assert found("is:attention", Moment(NOW, held)) == "rain done wait"


@pytest.mark.parametrize(
    ("text", "column", "message", "hint"),
    [
        ("rainy statsu:failed", 7, "there is no field 'statsu'", "do you mean status?"),
        ("st:failed", 1, "there is no field 'st'", "do you mean status?"),
        ("-http://x", 2, "there is no field 'http'", "in quotes it is looked for as text"),
        ("status:", 8, "status needs a value", "such as status:failed,lost"),
        ("status:failed,", 15, "status needs a value", "such as status:failed,lost"),
        ("status:gone", 8, "status knows no 'gone'", "known: waiting, submitting"),
        ("account<3", 8, "account has no greater and less", "such as account:kling-cn"),
        ("age:2h", 4, "age needs < or >", "such as age<2h"),
        ("age<2y", 5, "age must be a number with s, m, h, d or w", "such as age<2h"),
        ("cost>much", 6, "cost must be a number, not 'much'", "such as cost>1"),
        ("cost>１", 6, "cost must be a number", ""),
        ("sort:colour", 6, "cannot sort by 'colour'", "known: status"),
        ("a -sort:age", 3, "sort is written sort:cost", ""),
        ("a -", 3, "nothing stands behind the minus", "such as -status:succeeded"),
        ('""', 1, "there is nothing in the quotes", ""),
        ("x" * (LONGEST + 1), LONGEST + 1, f"a filter has up to {LONGEST} characters", ""),
    ],
)
def test_what_is_wrong_is_said_with_its_column_and_a_hint(
    text: str, column: int, message: str, hint: str
) -> None:
    with pytest.raises(QueryError) as error:
        parse(text)
    assert error.value.column == column
    assert error.value.message.startswith(message)
    assert error.value.hint.startswith(hint)
    assert str(error.value).startswith(f"column {column}: {message}")


_PIECES = st.sampled_from(
    [
        "status",
        ":",
        "=",
        "<",
        ">",
        ",",
        '"',
        "\\",
        "-",
        " ",
        "age",
        "2h",
        "sort",
        "é",
        "猫",
        "：",
        "1",
        "\x1b",
        "\x00",
    ]
)
_HOSTILE = st.one_of(st.text(max_size=60), st.lists(_PIECES, max_size=14).map("".join))


def refusal(text: str) -> QueryError | None:
    try:
        parse(text)
    except QueryError as error:
        return error
    return None


@given(_HOSTILE)
def test_no_text_does_more_than_be_refused(text: str) -> None:
    error = refusal(text)
    if error is None:
        parse(text).select(TASKS, Moment(NOW))
    else:
        assert 1 <= error.column <= len(text) + 1
        assert str(error).isprintable()


@given(st.text(min_size=1, max_size=30).filter(str.strip))
def test_a_quoted_value_is_found_again(value: str) -> None:
    query = parse(f"prompt={quoted(value)} note={quoted(value)}")
    one, other = task("one", prompt=value, note=value), task("other", prompt=value + "x", note=value)
    assert [each.id for each in query.select([one, other], Moment(NOW))] == ["one"]


@given(_HOSTILE, st.integers(-5, 70))
def test_completion_answers_any_text_at_any_place(text: str, cursor: int) -> None:
    for each in complete(text, cursor, known_values(TASKS, ["relay"])):
        assert 0 <= each.start <= each.end <= len(text)
        assert each.text in each.into(text)


def texts(text: str, cursor: int | None = None) -> list[str]:
    known = known_values(TASKS, ["kling-cn", "kling sg"])
    place = len(text) if cursor is None else cursor
    return [each.into(text) for each in complete(text, place, known)]


def test_completion_of_names_and_values() -> None:
    assert texts("st") == ["status:"]
    assert texts("rainy -st") == ["rainy -status:"]
    assert texts("status:fa") == ["status:failed"]
    assert texts("-status:failed,su") == ["-status:failed,submitting", "-status:failed,succeeded"]
    assert texts("account:") == ["account:kling-cn", "account:relay", 'account:"kling sg"']
    assert texts("account:re status:failed", 10) == ["account:relay status:failed"]
    assert texts("tag:") == ["tag:ad", "tag:test"]
    assert texts("sort:-cos") == ["sort:-cost"]
    assert texts("ag") == ["age<"]
    assert "rainy age<" in texts("rainy ")
    assert texts('"st') == []
    assert texts("nothing:x") == []


def test_what_completion_offers_is_understood() -> None:
    for name in complete("", 0, {}):
        for value in complete(name.text, len(name.text), known_values(TASKS)):
            parse(value.into(name.text))


def test_every_field_is_explained_by_an_example_that_is_understood() -> None:
    examples = [example for example, _ in help_rows()]
    for example in examples:
        parse(example)
    assert all(field.example in examples for field in FIELDS.values())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("rain*night", ["rain"]),
        ("RAINY*AT", ["rain"]),
        ("night*rain", []),
        ("猫*雨", ["cat"]),
        ("prompt:r*street", ["rain"]),
        ("prompt:a*a*a*t", ["rain"]),
        ("prompt=*night", ["rain"]),
        ("prompt=a*night", ["rain"]),
        ("prompt=rainy*", []),
        ('prompt:"rain*street"', []),
        ('prompt:rain*"y str"*t', ["rain"]),
        ("tag:*", ["cat"]),
        ("tag=te*,x", ["cat"]),
        ("-prompt:*", ["done"]),
        ("model=kling-v*-5", ["done"]),
        ("rain*kling-cn", []),  # a word is of one text, not of all that is known of a task
    ],
)
def test_an_asterisk_stands_for_anything(text: str, found: list[str]) -> None:
    known = [each for each in TASKS if each.id in ("rain", "cat", "done")]
    assert [each.id for each in parse(text).select(known, Moment(NOW))] == found


def test_what_has_an_asterisk_is_quoted() -> None:
    query = parse(f"account={quoted('a*b')}")
    known = [task("x", account="a*b"), task("y", account="axb")]
    assert [each.id for each in query.select(known, Moment(NOW))] == ["x"]


@given(
    st.lists(st.text(alphabet="ab\n", max_size=3), min_size=2, max_size=5),
    st.text(alphabet="ab\n", max_size=12),
)
def test_wildcards_find_what_expressions_find(pieces: list[str], text: str) -> None:
    pattern = re.compile(".*".join(map(re.escape, pieces)), re.DOTALL)
    assert is_part(pieces, text) == bool(text and pattern.search(text))
    assert is_whole(pieces, text) == bool(text and pattern.fullmatch(text))


def test_no_pattern_takes_longer_than_its_text() -> None:
    """An expression with as many ways to fail would never end."""
    assert not is_part(["a"] * 2000 + ["b"], "a" * 100_000)
    assert not is_whole(["a"] * 2000 + ["b"], "a" * 100_000)
