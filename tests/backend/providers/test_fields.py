"""The machinery of request models: specs, texts, messages."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from backend.errors import UsageError
from backend.providers import registry
from backend.providers.fields import (
    FormModel,
    Group,
    Kind,
    RequestModel,
    Role,
    as_text,
    check,
    field,
    field_specs,
    leaf_specs,
    parse_assignments,
    parse_text,
    unfilled,
)
from backend.providers.values import Number, OptionalAddress


class Inner(FormModel):
    """Nested in the toy."""

    depth: Number = field(title="Depth", ge=0, le=2.5)
    label: str | None = field(None, title="Label", group=Group.SOUND)


class Toy(RequestModel):
    """A model with a field of every kind."""

    ALWAYS_SENT = frozenset({"grade"})
    RULES_FROM = "the toy page"

    link: OptionalAddress = field(None, title="Link", group=Group.DELIVERY)
    prompt: str = field(title="Prompt", role=Role.PROMPT, kind=Kind.PROSE, min_length=2, max_length=5)
    grade: Literal["a", "b"] = field("a", title="Grade")
    size: Literal[720, 1080] | None = field(None, title="Size")
    count: int | None = field(None, title="Count", path="settings.count", ge=1)
    on: bool | None = field(None, title="On")
    inner: Inner | None = field(None, title="Inner", group=Group.CAMERA)
    many: list[Inner] | None = field(None, title="Many", max_length=1)
    words: list[str] | None = field(None, title="Words")


def messages(values: Any) -> dict[str, str]:
    return {issue.field: issue.message for issue in check(Toy, values).issues}


def test_specs_stand_in_the_order_of_their_groups() -> None:
    assert [spec.name for spec in field_specs(Toy)] == [
        *("prompt", "grade", "size", "count", "on", "many", "words"),
        "inner",
        "link",
    ]


def test_nested_fields_inherit_the_group_unless_they_name_one() -> None:
    groups = {spec.name: spec.group for spec in leaf_specs(Toy)}
    assert groups["inner.depth"] is Group.CAMERA
    assert groups["inner.label"] is Group.SOUND


def test_a_spec_knows_kind_limits_and_choices() -> None:
    specs = {spec.name: spec for spec in leaf_specs(Toy)}
    assert {name: spec.kind for name, spec in specs.items()} == {
        "prompt": Kind.PROSE,
        "grade": Kind.CHOICE,
        "size": Kind.CHOICE,
        "count": Kind.INTEGER,
        "on": Kind.BOOLEAN,
        "many": Kind.LIST,
        "words": Kind.LIST,
        "inner.depth": Kind.NUMBER,
        "inner.label": Kind.TEXT,
        "link": Kind.URL,
    }
    assert (specs["prompt"].min_length, specs["prompt"].max_length) == (2, 5)
    assert (specs["inner.depth"].minimum, specs["inner.depth"].maximum) == (0, 2.5)
    assert specs["size"].choices == (720, 1080)
    assert specs["size"].closed
    assert specs["prompt"].required
    assert not specs["grade"].required
    assert specs["grade"].default == "a"
    assert specs["count"].path == "settings.count"
    assert [item.name for item in specs["many"].items] == ["depth", "label"]


@pytest.mark.parametrize(
    ("values", "name", "words"),
    [
        ({}, "prompt", "required"),
        ({"prompt": 5}, "prompt", "must be a text"),
        ({"prompt": "x"}, "prompt", "at least 2 characters, this has 1"),
        ({"prompt": "xxxxxx"}, "prompt", "at most 5 characters, this has 6"),
        ({"prompt": "a\ud800"}, "prompt", "holds a character that is no valid text"),
        ({"prompt": "ok", "grade": "c"}, "grade", "must be a or b"),
        ({"prompt": "ok", "size": "720"}, "size", "must be a number without quotes: 720"),
        ({"prompt": "ok", "size": 480}, "size", "must be 720 or 1080"),
        ({"prompt": "ok", "count": "many"}, "count", "must be a whole number"),
        ({"prompt": "ok", "count": 1.5}, "count", "must be a whole number"),
        ({"prompt": "ok", "count": 0}, "count", "must be 1 or more"),
        ({"prompt": "ok", "on": "perhaps"}, "on", "must be true or false"),
        ({"prompt": "ok", "inner": 5}, "inner", "must be an object"),
        ({"prompt": "ok", "inner": {"depth": "deep"}}, "inner.depth", "must be a number"),
        ({"prompt": "ok", "inner": {"depth": 3}}, "inner.depth", "must be 2.5 or less"),
        ({"prompt": "ok", "inner": {"depth": float("inf")}}, "inner.depth", "must be a finite number"),
        ({"prompt": "ok", "many": {}}, "many", "must be a list"),
        ({"prompt": "ok", "many": [{"depth": 1}] * 2}, "many", "at most 1 item, this has 2"),
        ({"prompt": "ok", "other": 1}, "other", "unknown field"),
    ],
)
def test_messages_are_short_and_plain(values: Any, name: str, words: str) -> None:
    assert messages(values) == {name: words}


def test_issues_name_their_source() -> None:
    assert check(Toy, {}).issues[0].source == "the toy page"


def test_values_are_nested_where_the_page_has_them_and_back() -> None:
    toy = Toy.parse({"prompt": "ok", "count": "3", "inner": {"depth": 2.0}, "link": ""})
    body = {"prompt": "ok", "grade": "a", "settings": {"count": 3}, "inner": {"depth": 2}}
    assert toy.to_body() == body
    assert isinstance(toy.to_body()["inner"]["depth"], int)
    assert Toy.from_body(body).values() == toy.values()


def test_texts_become_values() -> None:
    pairs = {
        "prompt": "ok",
        "size": "1080",
        "count": "2",
        "on": "true",
        "inner.depth": "1.5",
        "many": '[{"depth": 1}]',
        "words": "one\n two \n",
    }
    assert Toy.parse(parse_assignments(Toy, pairs)).values() == {
        "prompt": "ok",
        "grade": "a",
        "size": 1080,
        "count": 2,
        "on": True,
        "inner": {"depth": 1.5},
        "many": [{"depth": 1}],
        "words": ["one", "two"],
    }


def test_an_object_given_whole_and_in_part_is_put_together() -> None:
    parsed = parse_assignments(Toy, {"inner.depth": "1", "inner": '{"depth": 2, "label": "x"}'})
    assert parsed["inner"] == {"depth": "1", "label": "x"}
    parsed = parse_assignments(Toy, {"inner": '{"depth": 2, "label": "x"}', "inner.depth": "1"})
    assert parsed["inner"] == {"depth": "1", "label": "x"}


@pytest.mark.parametrize("pairs", [{"unheard": "1"}, {"inner": "{"}, {"many": "not json"}, {"words": "[1"}])
def test_malformed_texts_are_refused(pairs: dict[str, str]) -> None:
    with pytest.raises(UsageError, match=next(iter(pairs))):
        parse_assignments(Toy, pairs)


def test_deep_json_is_refused_not_raised() -> None:
    spec = next(spec for spec in field_specs(Toy) if spec.name == "inner")
    with pytest.raises(ValueError, match="nested too deeply"):
        parse_text(spec, "[" * 100_000)


def test_blanks_are_found_anywhere() -> None:
    toy = Toy.parse({"prompt": "ok", "words": ["{{ a }}", "b"]})
    assert [(issue.field, "{{ a }}" in issue.message) for issue in unfilled(toy)] == [("words.0", True)]


def test_a_field_of_something_that_has_none_is_a_usage_error() -> None:
    model = registry.operation("kling", "text2video").model
    with pytest.raises(UsageError, match="camera_control is set to something that has no fields"):
        parse_assignments(model, {"camera_control": "5", "camera_control.type": "simple"})


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("voice_list", "829\n830", [{"voice_id": "829"}, {"voice_id": "830"}]),
        ("voice_list", "{{voice}}", [{"voice_id": "{{voice}}"}]),
        ("element_list", "829836802793406551", [{"element_id": 829836802793406551}]),
        (
            "multi_prompt",
            "2 a cat, [b]雨\n3 it runs",
            [
                {"index": 1, "prompt": "a cat, [b]雨", "duration": "2"},
                {"index": 2, "prompt": "it runs", "duration": "3"},
            ],
        ),
    ],
)
def test_lists_are_typed_a_line_each_and_shown_so_again(name: str, typed: str, value: list[Any]) -> None:
    kling = registry.operation("kling", "image2video").model
    spec = next(spec for spec in field_specs(kling) if spec.name == name)
    assert as_text(spec, value) == typed
    parsed = parse_text(spec, typed)
    assert [{key: str(part) for key, part in item.items()} for item in parsed] == [
        {key: str(part) for key, part in item.items()} for item in value
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("voice_list", [{"voice_id": "two words"}]),
        ("voice_list", [{"voice_id": "1", "more": 2}]),
        ("voice_list", ["1"]),
        ("multi_prompt", [{"index": 2, "prompt": "a", "duration": "5"}]),
        ("multi_prompt", [{"index": 1, "prompt": "a\nb", "duration": "5"}]),
        ("multi_prompt", []),
    ],
)
def test_a_list_that_lines_cannot_tell_whole_stays_json(name: str, value: list[Any]) -> None:
    kling = registry.operation("kling", "image2video").model
    spec = next(spec for spec in field_specs(kling) if spec.name == name)
    text = as_text(spec, value)
    assert text.startswith("[")
    assert parse_text(spec, text) == value
