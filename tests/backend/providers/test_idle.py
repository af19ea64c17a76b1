"""What is of no use with a model, a mode or a scene: one table for what forms leave out and what warns."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from backend.accounts import Account
from backend.costs import Costs
from backend.preparing import Prepared, prepare_texts
from backend.providers import registry, sources
from backend.providers.contract import Limits
from backend.providers.fields import Role, check, field_specs, idle, leaf_specs
from backend.providers.idle import Idle, doubts, idle_choices, idle_fields, is_used
from backend.providers.kling_models import CAPABILITIES

from .helpers import model

URL = "https://example.com/a.png"
OPERATIONS = [
    (provider, name) for provider in registry.providers() for name in registry.provider(provider).operations
]
SHOTS = [{"index": 1, "prompt": "a", "duration": "5"}]
SETTINGS: tuple[dict[str, Any], ...] = (
    {},
    {"mode": "std"},
    {"mode": "pro"},
    {"mode": "4k"},
    {"duration": "10"},
    {"resolution": "1080p"},
    {"sound": "on", "mode": "pro"},
    {"audio": "native"},
    {"multi_shot": True},
    {"multi_shot": True, "shot_type": "customize"},
    {"multi_shot": True, "shot_type": "customize", "multi_prompt": SHOTS},
    {"multi_shot": True, "shot_type": "intelligence"},
    {"camera_control": {"type": "simple"}},
    {"camera_control": {"type": "down_back"}},
    {"static_mask": URL},
    {"image_tail": URL},
    {"image": URL, "image_tail": URL},
    {"voice_list": [{"voice_id": "v"}]},
    {"element_list": [{"element_id": 1}]},
    {"cfg_scale": 0.0},
    {"start_frame": URL},
    {"scene_type": "motion_control"},
    {"scene_type": "avatar_i2v"},
    {"scene_type": "lip_sync"},
    {"seconds": "5"},
    {"ext_info": "{}"},
)
"""Each is tried with every operation that has the fields."""
NEEDED: dict[str, Any] = {
    "prompt": "a fox",
    "image": URL,
    "first_frame": URL,
    "aspect_ratio": "1:1",
    "video_id": "v",
    "video_url": URL,
}


def models(provider: str, operation: str) -> list[dict[str, str]]:
    """Return each model that an operation's field takes or suggests, and each of the map."""
    spec = next((s for s in field_specs(model(provider, operation)) if s.role is Role.MODEL), None)
    if spec is None:
        return [{}]
    known = list(map(str, spec.choices)) if spec.closed else [*map(str, spec.choices), *CAPABILITIES]
    return [{}, *({spec.name: name} for name in dict.fromkeys(known))]


def drafts(provider: str, operation: str) -> Iterator[dict[str, Any]]:
    """Yield what a person may have typed so far, whatever is still missing."""
    names = {spec.name for spec in field_specs(model(provider, operation))}
    settings = [setting for setting in SETTINGS if setting.keys() <= names]
    for chosen, setting in product(models(provider, operation), settings):
        yield {**chosen, **setting}


def left_out(provider: str, operation: str, values: dict[str, Any]) -> dict[str, Idle]:
    """Return what a form leaves out: what is idle and empty."""
    kind = model(provider, operation)
    names = [spec.name for spec in leaf_specs(kind)]
    return {
        name: found
        for name, found in idle_fields(idle(kind, values), names).items()
        if not is_used(values, name)
    }


@pytest.mark.parametrize(("provider", "operation"), OPERATIONS)
def test_nothing_is_left_out_that_a_check_demands(provider: str, operation: str) -> None:
    kind = model(provider, operation)
    required = {spec.name for spec in field_specs(kind) if spec.required}
    for values in drafts(provider, operation):
        hidden = left_out(provider, operation, values)
        assert not required & set(hidden), values
        issues = check(kind, values).issues
        assert not {issue.field for issue in issues} & set(hidden), (values, issues)


@pytest.mark.parametrize(("provider", "operation"), OPERATIONS)
def test_a_request_without_what_is_left_out_is_not_warned_of_it(provider: str, operation: str) -> None:
    kind = model(provider, operation)
    names = {spec.name for spec in field_specs(kind)}
    for values in drafts(provider, operation):
        hidden = left_out(provider, operation, values)
        whole = {**{name: value for name, value in NEEDED.items() if name in names - set(hidden)}, **values}
        hidden = left_out(provider, operation, whole)
        warnings = check(kind, whole).warnings
        assert not {warning.field for warning in warnings} & set(hidden), (whole, warnings)


ABOUT_VALUES = {"model_name", "image_tail"}
"""What the map says of them is not that they are of no use."""


@pytest.mark.parametrize(("provider", "operation"), OPERATIONS)
def test_what_the_map_warns_of_is_what_a_form_leaves_out(provider: str, operation: str) -> None:
    kind = model(provider, operation)
    names = {spec.name for spec in field_specs(kind)}
    seen = 0
    for values in drafts(provider, operation):
        whole = {**{name: value for name, value in NEEDED.items() if name in names}, **values}
        found = idle(kind, whole)
        for warning in check(kind, whole).warnings:
            if warning.source != sources.KLING_MAP or warning.field in ABOUT_VALUES:
                continue
            seen += 1
            assert idle_fields(found, [warning.field]) or idle_choices(found, warning.field), warning
    assert seen or provider not in ("kling", "kling-relay") or "model_name" not in names


@pytest.mark.parametrize(
    ("provider", "operation", "values"),
    [
        ("kling-relay", "text2video", {"model_name": "kling-v9"}),
        ("kling-relay", "image2video", {"model_name": "{{model}}"}),
        ("openai-video", "generate", {"model": "sora-2"}),
        ("kling", "v2-text2video", {"model": "kling-4.0"}),
    ],
)
def test_a_model_that_is_not_known_leaves_nothing_out(
    provider: str, operation: str, values: dict[str, Any]
) -> None:
    dependent = ("only with several shots", "only with camera movement simple", "only with sound on")
    found = left_out(provider, operation, values)
    assert {each.because for each in found.values()} <= set(dependent)


REASONS: list[tuple[str, str, dict[str, Any], str, str]] = [
    ("kling", "text2video", {}, "sound", "not for kling-v1"),
    ("kling", "text2video", {}, "voice_list", "not for kling-v1"),
    ("kling", "text2video", {}, "camera_control.config.pan", "only with camera movement simple"),
    ("kling", "text2video", {"mode": "pro"}, "camera_control.type", "only in mode std"),
    ("kling", "text2video", {"duration": "10"}, "camera_control.type", "only at 5 seconds"),
    ("kling", "text2video", {"model_name": "kling-v2-master"}, "mode", "not for kling-v2-master"),
    ("kling", "text2video", {"model_name": "kling-v2-6"}, "sound", "only in mode pro"),
    ("kling", "text2video", {"model_name": "kling-v3"}, "voice_list", "only with sound on"),
    ("kling", "text2video", {"model_name": "kling-v3"}, "shot_type", "only with several shots"),
    ("kling", "image2video", {"image_tail": URL}, "static_mask", "not with an end frame"),
    (
        "kling",
        "image2video",
        {"model_name": "kling-v2-6", "mode": "pro", "image": URL, "image_tail": URL},
        "sound",
        "not with an end frame",
    ),
    ("kling", "v2-text2video", {"model": "kling-2.6"}, "audio", "only at 1080p"),
    ("kling", "omni-video", {}, "sound", "not for kling-video-o1"),
    (
        "kling-relay",
        "text2video",
        {"model_name": "kling-v2-5-turbo"},
        "cfg_scale",
        "not for kling-v2-5-turbo",
    ),
    ("openai-video", "generate", {}, "motion_level", "only with scene motion_control"),
    ("openai-video", "generate", {"scene_type": "lip_sync"}, "last_frame_url", "not with scene lip_sync"),
    ("openai-video", "generate", {"model": "Kling-2.5"}, "multi_shot", "not for kling-2.5"),
    ("openai-video", "generate", {"seconds": "5"}, "metadata_seconds", "not used beside Duration"),
    ("chanjing", "kling2.5-turbo", {"start_frame": URL}, "aspect_ratio", "only without frames"),
]


@pytest.mark.parametrize(("provider", "operation", "values", "field", "because"), REASONS)
def test_a_field_is_left_out_for_a_reason_in_words(
    provider: str, operation: str, values: dict[str, Any], field: str, because: str
) -> None:
    assert left_out(provider, operation, values)[field].because == because


@pytest.mark.parametrize(
    ("provider", "operation", "values", "field"),
    [
        ("kling", "text2video", {"model_name": "kling-v2-6", "mode": "pro"}, "sound"),
        ("kling", "text2video", {"model_name": "kling-v2-6", "mode": "{{mode}}"}, "sound"),
        ("kling", "text2video", {"model_name": "kling-v3", "multi_shot": True}, "multi_prompt"),
        ("kling", "text2video", {"camera_control": {"type": "simple"}}, "camera_control.config.pan"),
        ("kling", "image2video", {"image": URL}, "static_mask"),
        ("openai-video", "generate", {"scene_type": "motion_control"}, "motion_level"),
        ("openai-video", "generate", {"model": "kling-3.0-omni"}, "video_url"),
        ("chanjing", "kling2.5-turbo", {}, "aspect_ratio"),
    ],
)
def test_a_field_of_use_stays(provider: str, operation: str, values: dict[str, Any], field: str) -> None:
    assert field not in left_out(provider, operation, values)


def test_choices_are_of_no_use_where_the_field_is() -> None:
    kind = model("kling", "text2video")
    assert set(idle_choices(idle(kind, {}), "mode")) == {"4k"}
    assert set(idle_choices(idle(kind, {}), "duration")) == {*map(str, range(3, 16))} - {"5", "10"}
    assert idle_choices(idle(kind, {"model_name": "kling-v3"}), "duration") == {}
    scenes = idle_choices(idle(model("openai-video", "generate"), {"model": "kling-3.0"}), "scene_type")
    assert set(scenes) == {"motion_control", "avatar_i2v"}


def test_a_doubt_is_told_once_and_by_the_first_reason() -> None:
    values = {"model_name": "kling-v1", "shot_type": "customize", "multi_prompt": SHOTS}
    found = list(doubts(idle(model("kling", "text2video"), values), values))
    assert [(issue.field, issue.message) for issue in found] == [
        ("shot_type", "kling-v1 is not known to support several shots")
    ]


def prepared(texts: dict[str, str], **settings: Any) -> Prepared:
    account = Account(
        name="main",
        provider=registry.provider("kling"),
        base_url="https://api.example.com",
        credentials={},
        limits=Limits(concurrency=1, min_spacing=0.0, poll_first=1.0, poll_max=1.0),
        **settings,
    )
    return prepare_texts(account, account.provider.operations["text2video"], texts, Costs().estimate)


def test_what_the_user_knows_better_is_not_left_out() -> None:
    texts = {"prompt": "p", "model_name": "kling-v2-6", "mode": "pro"}

    def hidden(**settings: Any) -> set[str]:
        return set(idle_fields(prepared(texts, **settings).idle, ["cfg_scale", "multi_shot", "shot_type"]))

    assert hidden() == {"cfg_scale", "multi_shot", "shot_type"}
    assert hidden(supports=frozenset({"kling-v2-6/cfg_scale"})) == {"multi_shot", "shot_type"}
    assert hidden(warnings=False) == {"shot_type"}, "what the page itself says holds in any case"


def test_what_is_set_to_no_use_is_told_before_all_is_right() -> None:
    found = prepared({"model_name": "kling-v1", "sound": "on", "duration": "soon"})
    assert [issue.field for issue in found.issues] == ["duration"]
    assert [warning.field for warning in found.warnings] == ["sound"]
    assert list(idle_fields(found.idle, ["sound", "voice_list"])) == ["sound"]
