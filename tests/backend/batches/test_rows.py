from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from backend.accounts import Account
from backend.batches.rows import MOST_ROWS, Checked, Checker, fingerprint_of
from backend.batches.sheet import BatchError, RawRow, Sheet, flatten
from backend.costs import Costs
from backend.errors import UsageError
from backend.pictures import PictureStore
from backend.providers import registry
from backend.providers.contract import Operation
from backend.secrets import SecretRef
from tests.backend.test_pictures import png

Check = Callable[..., Checked]
CAT = {"prompt": "a cat"}


def account(name: str) -> Account:
    provider = registry.provider("kling")
    return Account(
        name=name,
        provider=provider,
        base_url="https://api.example",
        credentials={"api_key": SecretRef("literal", "k")},
        limits=provider.limits,
    )


def resolve(name: str | None, operation: str | None) -> tuple[str, str]:
    if name not in (None, "mine", "other"):
        raise UsageError(f"unknown account {name!r}")
    return name or "mine", operation or "text2video"


def place(name: str, operation: str) -> tuple[Account, Operation]:
    found = account(name)
    return found, found.provider.operations[operation]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    def run(
        *rows: Mapping[str, Any],
        defaults: Mapping[str, Any] | None = None,
        variables: Mapping[str, Any] | None = None,
        over: Mapping[str, Any] | None = None,
    ) -> Checked:
        raw = [RawRow(number, number + 1, flatten(row)) for number, row in enumerate(rows, 1)]
        sheet = Sheet(
            file="shots.csv",
            folder=tmp_path,
            rows=raw,
            defaults=flatten(defaults or {}),
            variables=variables or {},
        )
        return Checker(
            sheet,
            resolve=resolve,
            place=place,
            estimator=Costs().estimate,
            pictures=PictureStore(tmp_path / "kept", base=tmp_path),
            over=over,
        ).check()

    return run


def wrong(check: Check, *rows: Mapping[str, Any], **more: Any) -> list[str]:
    with pytest.raises(BatchError) as caught:
        check(*rows, **more)
    return caught.value.lines(100)


def test_texts_of_a_table_and_values_of_a_document_make_the_same_request(check: Check) -> None:
    table = {**CAT, "duration": "10", "camera_control.type": "simple", "camera_control.config.zoom": "3"}
    document = {**CAT, "duration": 10, "camera_control": {"type": "simple", "config": {"zoom": 3}}}
    one, other = check({**table, "id": "a"}, {"request": document, "id": "b"}).rows
    assert one.values == other.values
    assert one.fingerprint == other.fingerprint
    assert one.values["duration"] == "10"


def test_defaults_go_under_the_row_and_what_is_said_outside_goes_over_it(check: Check) -> None:
    rows = check(
        {"prompt": "own", "duration": "5"},
        {"prompt": "own", "mode": None},
        defaults={"duration": "10", "mode": "pro"},
        over={"prompt": "over"},
    ).rows
    assert [row.values.get("duration") for row in rows] == ["5", "10"]
    assert [row.values.get("mode") for row in rows] == ["pro", None]
    assert {row.values["prompt"] for row in rows} == {"over"}


def test_a_table_over_single_cells_replaces_them(check: Check) -> None:
    (row,) = check(
        {**CAT, "camera_control": '{"type": "down_back"}'},
        defaults={"camera_control": {"type": "simple", "config": {"zoom": 3}}},
    ).rows
    assert row.values["camera_control"] == {"type": "down_back"}


def test_variables_make_a_matrix_and_a_rows_own_go_first(check: Check) -> None:
    rows = check(
        {"id": "x", "prompt": "{{who}} {{how}}", "var.who": '["cat", "dog"]'},
        variables={"how": ["slow", "fast"], "who": "nobody"},
    ).rows
    assert [row.key for row in rows] == [
        "x[who=cat,how=slow]",
        "x[who=cat,how=fast]",
        "x[who=dog,how=slow]",
        "x[who=dog,how=fast]",
    ]
    assert {row.number for row in rows} == {1}


def test_one_prompt_goes_to_several_accounts(check: Check) -> None:
    rows = check({"account": "{{where}}", "prompt": "a cat"}, variables={"where": ["mine", "other"]})
    assert [(row.account, row.operation) for row in rows.rows] == [
        ("mine", "text2video"),
        ("other", "text2video"),
    ]


def test_equal_rows_without_id_are_counted_and_copies_are_made(check: Check) -> None:
    rows = check(CAT, {"prompt": "b"}, CAT, {**CAT, "count": "2"}, {**CAT, "id": "x", "count": 2}).rows
    first = rows[0].key.removesuffix("/1")
    assert first.startswith("~")
    assert [row.key for row in rows if row.key.startswith(first)] == [f"{first}/{n}" for n in range(1, 5)]
    assert [row.key for row in rows[-2:]] == ["x", "x#2"]
    assert rows[1].key not in (row.key for row in rows[2:])


def test_the_identity_is_of_the_content_and_not_of_its_place(check: Check) -> None:
    keys = {row.values["prompt"]: row.key for row in check(CAT, {"prompt": "b"}).rows}
    again = {row.values["prompt"]: row.key for row in check({"prompt": "b"}, CAT).rows}
    assert keys == again


def test_a_picture_counts_by_its_bytes(check: Check, tmp_path: Path) -> None:
    def fingerprint(name: str) -> str:
        (row,) = check({"operation": "image2video", "image": f"./{name}"}).rows
        assert str(tmp_path / name) in row.values["image"], "paths start at the file's folder"
        return row.fingerprint

    (tmp_path / "a.png").write_bytes(png(400, 400))
    before = fingerprint("a.png")
    (tmp_path / "moved.png").write_bytes(png(400, 400))
    assert fingerprint("moved.png") == before
    (tmp_path / "a.png").write_bytes(png(400, 500))
    assert fingerprint("a.png") != before


def test_everything_that_is_wrong_is_told_by_line_and_column(check: Check, tmp_path: Path) -> None:
    assert wrong(
        check,
        {"prompt": "x" * 2501},
        {**CAT, "colour": "red", "camera_control.type": "simpel"},
        {**CAT, "account": "nobody"},
        {"prompt": "{{who}}", "mode": "ultra"},
        {"operation": "image2video", "image": "./none.png"},
        {**CAT, "count": "0"},
        {**CAT, "tags": "a:b"},
        {**CAT, "id": "~1"},
        {**CAT, "id": "one"},
        {**CAT, "id": "one"},
        {"mode": "std"},
    ) == [
        "shots.csv:2: prompt: at most 2500 characters, this has 2501",
        "shots.csv:3: camera_control.type: must be simple, down_back, forward_up, right_turn_forward or "
        "left_turn_forward",
        "shots.csv:3: colour: unknown field",
        "shots.csv:4: account: unknown account 'nobody'",
        "shots.csv:5: mode: must be std, pro or 4k",
        "shots.csv:5: prompt: {{who}} has no value: give it as a variable, in a column var.who, or by --var",
        f"shots.csv:6: image: {tmp_path}/none.png: No such file or directory",
        "shots.csv:7: count: must be a whole number from 1",
        "shots.csv:8: tags: 'a:b' is no tag: one word of up to 40 characters, without comma, colon and quote",
        "shots.csv:9: id: must be plain text of up to 80 characters that does not begin with ~",
        "shots.csv:11: id: 'one' is already used in row 9",
        "shots.csv:12: prompt: required, unless there is a list of shots (customize)",
    ]


def test_the_same_mistake_in_every_row_is_told_a_few_times_and_counted(check: Check) -> None:
    lines = wrong(check, *[{**CAT, "colour": "red"}] * 500)
    assert len(lines) == 4
    assert lines[-1] == "shots.csv: and 497 more"


def test_an_external_id_must_be_the_rows_own(check: Check) -> None:
    mine = {**CAT, "external_task_id": "x1"}
    assert wrong(check, mine, mine) == [
        "shots.csv:3: external_task_id: 'x1' stands in row 1 too: it must be unique in an account"
    ]
    assert len(wrong(check, {**mine, "count": 2})) == 1
    assert len(wrong(check, {**mine, "prompt": "{{a}}"}, variables={"a": ["x", "y"]})) == 1


def test_a_matrix_without_bound_is_refused_before_it_is_made(check: Check) -> None:
    many = list(range(1000))
    lines = wrong(check, {"prompt": "{{a}} {{b}} {{c}}"}, variables={"a": many, "b": many, "c": many})
    assert lines == [f"shots.csv:2: makes more than {MOST_ROWS:,} tasks by here; split the file"]


def test_warnings_are_counted_by_what_they_say(check: Check) -> None:
    doubtful = {**CAT, "model_name": "kling-v2-6", "cfg_scale": "0.5"}
    found = check(doubtful, doubtful, CAT).warnings
    assert set(found.values()) == {2}


def test_hostile_texts_stay_texts(check: Check) -> None:
    prompts = ["[bold]x[/]", "=1+1", "\u202egnp", "你好 {{", "a" + "\x1b[31m", "'; --"]
    rows = check(*({"prompt": prompt} for prompt in prompts)).rows
    assert [row.values["prompt"] for row in rows] == prompts
    assert "no valid text" in wrong(check, {"prompt": "\ud800"})[0]


def test_fingerprints_tell_requests_apart() -> None:
    one = fingerprint_of("a", "b", {"x": 1, "y": 2})
    assert one == fingerprint_of("a", "b", {"y": 2, "x": 1})
    assert one != fingerprint_of("a", "b", {"x": "1", "y": 2})
    assert one != fingerprint_of("ab", "", {"x": 1, "y": 2})
