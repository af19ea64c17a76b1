"""Limits and rules of every request model, and what is only a warning."""

from __future__ import annotations

import base64
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from backend.errors import RequestError
from backend.providers.fields import PublishedPrice, check, leaf_specs

from .helpers import model, page

PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4"
    "//8/w38GIAXDIBKE0DHxgljNBAAO9TXL0Y4OHwAAAABJRU5ErkJggg=="
)
URL = "https://example.com/a.png"
POINTS = [{"x": 1, "y": 2}, {"x": 3, "y": 4}]
MASK = {"mask": URL, "trajectories": POINTS}

Make = Callable[..., dict[str, Any]]


def issues(provider: str, operation: str, values: dict[str, Any]) -> dict[str, str]:
    return {issue.field: issue.message for issue in check(model(provider, operation), values).issues}


def warned(provider: str, operation: str, values: dict[str, Any]) -> dict[str, str]:
    checked = check(model(provider, operation), values)
    assert checked.issues == ()
    assert all(warning.source for warning in checked.warnings)
    return {warning.field: warning.message for warning in checked.warnings}


def image(**values: Any) -> dict[str, str]:
    return issues("kling", "image2video", {"image": URL, **values})


def text(**values: Any) -> dict[str, str]:
    return issues("kling", "text2video", {"prompt": "a cat", **values})


def relay(**values: Any) -> dict[str, str]:
    return issues("kling-relay", "text2video", {"model_name": "kling-v1", "prompt": "a cat", **values})


def turbo(**values: Any) -> dict[str, str]:
    return issues("kling-relay", "turbo-image2video", {"first_frame": URL, **values})


def gateway(**values: Any) -> dict[str, str]:
    return issues("openai-video", "generate", {"model": "kling-2.5", "prompt": "a cat", **values})


def chanjing(**values: Any) -> dict[str, str]:
    return issues("chanjing", "tx-kling2.5", values)


ACCEPTED = [
    (image, {}),
    (image, {"image": PNG}),
    (image, {"image": "{{first_frame_url}}"}),
    (image, {"image": None, "image_tail": URL}),
    (image, {"image": "", "image_tail": URL}),
    (image, {"image_tail": URL}),
    (image, {"dynamic_masks": [MASK] * 6, "static_mask": URL}),
    (image, {"dynamic_masks": [{"mask": PNG, "trajectories": POINTS[:1] * 77}]}),
    (image, {"camera_control": {"type": "down_back"}}),
    (image, {"camera_control": {"type": "simple", "config": {"pan": -10, "zoom": 0}}}),
    (image, {"camera_control": {"type": "simple", "config": {"pan": 0.5}}}),
    (image, {"prompt": "x" * 2500, "negative_prompt": "x" * 2500, "cfg_scale": 1}),
    (image, {"model_name": "kling-v3", "duration": "15", "mode": "4k"}),
    (image, {"callback_url": "", "external_task_id": ""}),
    (image, {"voice_list": [{"voice_id": "v"}] * 2, "sound": "on"}),
    (text, {}),
    (text, {"model_name": "kling-v3", "duration": "3"}),
    (
        text,
        {
            "prompt": None,
            "multi_shot": True,
            "shot_type": "customize",
            "multi_prompt": [
                {"index": 1, "prompt": "a", "duration": "2"},
                {"index": 2, "prompt": "b", "duration": "3"},
            ],
        },
    ),
    (relay, {"prompt": "x" * 500, "negative_prompt": "x" * 200, "duration": 10}),
    (relay, {"model_name": "something-new"}),
    (turbo, {"prompt": "x" * 2500, "duration": 3, "resolution": "1080p", "aspect_ratio": "1:1"}),
    (turbo, {"duration": 15, "watermark_info": {"enabled": True, "deep": {"er": []}}}),
    (gateway, {"model": "KLING-2.6", "seconds": "8", "images": [URL] * 3}),
    (gateway, {"prompt": None, "content": [{"type": "text", "text": "a cat"}]}),
    (gateway, {"prompt": None, "ext_info": '{"AdditionalParameters":"{}"}'}),
    (gateway, {"scene_type": "motion_control", "video_url": URL}),
    (gateway, {"file_infos": [{"type": "File", "file_id": "f"}, {"type": "Url", "url": URL}]}),
    (gateway, {"duration": 7.5, "metadata_seconds": "3", "media_name": "x" * 64}),
    (gateway, {"expire_time": "2026-12-31T23:59:59Z"}),
    (chanjing, {}),
    (chanjing, {"clarity": 720, "quality_mode": "std", "creation_type": 4, "model_code": "tx_kling2.5"}),
]


@pytest.mark.parametrize(("make", "values"), ACCEPTED)
def test_what_the_pages_allow_is_accepted(make: Make, values: dict[str, Any]) -> None:
    assert make(**values) == {}


REFUSED: list[tuple[Make, dict[str, Any], str, str]] = [
    (image, {"image": None}, "image", "image and image_tail must not both be empty"),
    (image, {"image": "data:image/png;base64," + PNG}, "image", "leave out the prefix"),
    (image, {"image": "ftp://example.com/a.png"}, "image", "http(s) address, a file, or an image as Base64"),
    (image, {"image": "photo"}, "image", "http(s) address, a file, or an image as Base64"),
    (image, {"image": "https://"}, "image", "http(s) address"),
    (image, {"image": base64.b64encode(b"GIF89a........").decode()}, "image", "no JPEG or PNG"),
    (image, {"image_tail": URL, "dynamic_masks": [MASK]}, "dynamic_masks", "use only one of"),
    (
        image,
        {"image_tail": URL, "camera_control": {"type": "forward_up"}},
        "camera_control",
        "use only one of",
    ),
    (
        image,
        {"static_mask": URL, "camera_control": {"type": "forward_up"}},
        "camera_control",
        "use only one of",
    ),
    (image, {"dynamic_masks": [MASK] * 7}, "dynamic_masks", "at most 6 items, this has 7"),
    (
        image,
        {"dynamic_masks": [{"mask": URL, "trajectories": POINTS[:1]}]},
        "dynamic_masks.0.trajectories",
        "at least 2 items, this has 1",
    ),
    (
        image,
        {"dynamic_masks": [{"mask": URL, "trajectories": POINTS[:1] * 78}]},
        "dynamic_masks.0.trajectories",
        "at most 77 items, this has 78",
    ),
    (image, {"camera_control": {"type": "simple"}}, "camera_control.config", "exactly one of the six"),
    (
        image,
        {"camera_control": {"type": "simple", "config": {"pan": 1, "zoom": 2}}},
        "camera_control.config",
        "pan, zoom",
    ),
    (
        image,
        {"camera_control": {"type": "simple", "config": {"pan": 0}}},
        "camera_control.config",
        "all are zero",
    ),
    (
        image,
        {"camera_control": {"type": "down_back", "config": {"pan": 1}}},
        "camera_control.config",
        "only simple takes a config",
    ),
    (
        image,
        {"camera_control": {"type": "simple", "config": {"pan": 10.5}}},
        "camera_control.config.pan",
        "must be 10 or less",
    ),
    (image, {"prompt": "x" * 2501}, "prompt", "at most 2500 characters, this has 2501"),
    (image, {"negative_prompt": "x" * 2501}, "negative_prompt", "at most 2500"),
    (image, {"cfg_scale": 1.1}, "cfg_scale", "must be 1 or less"),
    (image, {"cfg_scale": float("nan")}, "cfg_scale", "must be a finite number"),
    (image, {"duration": 5}, "duration", 'must be a text in quotes: "5"'),
    (image, {"duration": "7"}, "duration", "only kling-v3"),
    (image, {"mode": "4k"}, "mode", "kling-v3 only"),
    (image, {"mode": "fast"}, "mode", "must be std, pro or 4k"),
    (image, {"model_name": "kling-v9"}, "model_name", "must be kling-v1"),
    (image, {"voice_list": [{"voice_id": "v"}]}, "voice_list", "need sound on"),
    (
        image,
        {"voice_list": [{"voice_id": "v"}], "sound": "on", "element_list": [{"element_id": 1}]},
        "element_list",
        "exclude each other",
    ),
    (image, {"callback_url": "nowhere"}, "callback_url", "http:// or https://"),
    (image, {"surprise": 1}, "surprise", "unknown field"),
    (text, {"prompt": None}, "prompt", "required"),
    (text, {"model_name": "kling-v1-5"}, "model_name", "must be kling-v1"),
    (text, {"multi_shot": True}, "shot_type", "need a shot type"),
    (text, {"multi_shot": True, "shot_type": "customize"}, "multi_prompt", "list of shots"),
    (text, {"prompt": "", "multi_shot": True, "shot_type": "intelligence"}, "prompt", "needs a prompt"),
    (
        text,
        {
            "multi_shot": True,
            "shot_type": "customize",
            "multi_prompt": [{"index": 1, "prompt": "a", "duration": "2"}],
        },
        "multi_prompt",
        "2 s together, the duration is 5 s",
    ),
    (relay, {"prompt": "x" * 501}, "prompt", "at most 500 characters, this has 501"),
    (relay, {"negative_prompt": "x" * 201}, "negative_prompt", "at most 200"),
    (relay, {"duration": 7}, "duration", "must be 5 or 10"),
    (relay, {"prompt": ""}, "prompt", "must not be empty"),
    (turbo, {"first_frame": PNG}, "first_frame", "starts with http:// or https://"),
    (turbo, {"first_frame": "data:image/png;base64,xx"}, "first_frame", "data:"),
    (turbo, {"duration": 2}, "duration", "must be 3 or more"),
    (turbo, {"duration": 16}, "duration", "must be 15 or less"),
    (turbo, {"duration": "soon"}, "duration", "must be a whole number"),
    (turbo, {"resolution": "4k"}, "resolution", "must be 720p or 1080p"),
    (turbo, {"prompt": "x" * 2501}, "prompt", "at most 2500"),
    (turbo, {"prompt": ""}, "prompt", "must not be empty"),
    (gateway, {"model": None}, "model", "must be a text"),
    (gateway, {"prompt": None}, "prompt", "give a prompt"),
    (gateway, {"image": "data:image/png;base64,xx"}, "image", "embedded images (data:)"),
    (gateway, {"images": [URL] * 4}, "images", "at most 3 items, this has 4"),
    (gateway, {"images": URL}, "images", "must be a list"),
    (gateway, {"file_infos": [{"type": "Url", "url": URL}] * 4}, "file_infos", "at most 3 items"),
    (gateway, {"file_infos": [{"type": "Url"}]}, "file_infos.0.url", "type Url needs url"),
    (gateway, {"file_infos": [{"type": "File"}]}, "file_infos.0.file_id", "type File needs file_id"),
    (gateway, {"file_infos": ["x"]}, "file_infos.0", "must be an object"),
    (gateway, {"scene_type": "motion_control"}, "video_url", "motion_control needs"),
    (gateway, {"scene_type": "dance"}, "scene_type", "must be motion_control, avatar_i2v or lip_sync"),
    (gateway, {"seconds": 5}, "seconds", "must be a text"),
    (gateway, {"seconds": "soon"}, "seconds", "must be seconds"),
    (gateway, {"duration": "soon"}, "duration", "must be a number of seconds"),
    (gateway, {"media_name": "x" * 65}, "media_name", "at most 64"),
    (gateway, {"ext_info": "[1]"}, "ext_info", "JSON object"),
    (gateway, {"expire_time": "tomorrow"}, "expire_time", "2026-12-31T23:59:59Z"),
    (gateway, {"content": [{"type": "image_url"}]}, "content.0.image_url", "needs image_url"),
    (chanjing, {"creation_type": 3}, "creation_type", "must be 4"),
    (chanjing, {"creation_type": "4"}, "creation_type", "without quotes"),
    (chanjing, {"model_code": "kling-v2-5-turbo-normal"}, "model_code", "must be tx_kling2.5"),
    (chanjing, {"start_frame": "data:image/png;base64,xx"}, "start_frame", "http(s)"),
    (chanjing, {"clarity": "HD"}, "clarity", "must be a whole number"),
    (chanjing, {"video_duration": 0}, "video_duration", "must be 1 or more"),
]


@pytest.mark.parametrize(("make", "values", "field", "words"), REFUSED)
def test_what_breaks_a_rule_is_refused_beside_its_field(
    make: Make, values: dict[str, Any], field: str, words: str
) -> None:
    found = make(**values)
    assert list(found) == [field]
    assert words in found[field]


def test_messages_are_free_of_jargon() -> None:
    for make, values, field, _ in REFUSED:
        words = make(**values)[field].lower()
        assert not any(
            term in words for term in ("input", "valid string", "pydantic", "dictionary", "literal")
        )


WARNED: list[tuple[str, str, dict[str, Any], str, str]] = [
    (
        "kling",
        "image2video",
        {"image": URL, "image_tail": URL, "mode": "pro"},
        "image_tail",
        "only in mode std",
    ),
    (
        "kling",
        "image2video",
        {"image": URL, "model_name": "kling-v2-master", "mode": "std"},
        "mode",
        "no mode",
    ),
    (
        "kling",
        "image2video",
        {"image": URL, "model_name": "kling-v2-1", "dynamic_masks": [MASK]},
        "dynamic_masks",
        "motion brush",
    ),
    ("kling", "image2video", {"image_tail": URL}, "image_tail", "end frame alone"),
    ("kling", "image2video", {"image": "https://example.com/a.webp"}, "image", ".webp"),
    (
        "kling",
        "text2video",
        {"prompt": "p", "duration": "10", "camera_control": {"type": "forward_up"}},
        "camera_control.type",
        "only at 5 seconds",
    ),
    (
        "kling",
        "text2video",
        {"prompt": "p", "model_name": "kling-v2-6", "cfg_scale": 0.1},
        "cfg_scale",
        "support",
    ),
    ("kling", "text2video", {"prompt": "p", "sound": "on"}, "sound", "not known to support sound"),
    (
        "kling-relay",
        "text2video",
        {"prompt": "p", "model_name": "kling-v1-5", "aspect_ratio": "1:1"},
        "model_name",
        "not known to do text2video",
    ),
    ("kling-relay", "text2video", {"prompt": "p", "model_name": "kling-v1"}, "aspect_ratio", "1:1"),
    ("openai-video", "generate", {"prompt": "p", "model": "sora"}, "model", "not in the page's list"),
    (
        "openai-video",
        "generate",
        {"prompt": "p", "model": "kling-3.0-omni", "image": URL},
        "image",
        "only from images",
    ),
    (
        "openai-video",
        "generate",
        {"model": "kling-2.5", "scene_type": "lip_sync", "image": URL, "seconds": "4"},
        "seconds",
        "billed as 5",
    ),
    (
        "openai-video",
        "generate",
        {"prompt": "p", "model": "kling-2.5", "seconds": "5", "output_duration": 10},
        "output_duration",
        "5 s",
    ),
    ("chanjing", "tx-kling2.5", {"clarity": 480}, "clarity", "720"),
    ("chanjing", "tx-kling2.5", {"video_duration": 30}, "video_duration", "not published"),
]


@pytest.mark.parametrize(("provider", "operation", "values", "field", "words"), WARNED)
def test_reports_of_third_parties_only_warn(
    provider: str, operation: str, values: dict[str, Any], field: str, words: str
) -> None:
    found = warned(provider, operation, values)
    assert list(found) == [field]
    assert words in found[field]


def test_turbo_advises_to_set_what_the_relay_does_not_fill_in() -> None:
    found = warned("kling-relay", "turbo-image2video", {"first_frame": URL})
    assert set(found) == {"duration", "resolution"}


@pytest.mark.parametrize(
    ("provider", "operation", "values"),
    [
        (
            "kling",
            "image2video",
            {"image": URL, "model_name": "kling-v1-6", "mode": "pro", "image_tail": URL},
        ),
        ("kling", "image2video", {"image": URL, "dynamic_masks": [MASK]}),
        ("kling", "text2video", {"prompt": "p", "model_name": "kling-v3", "sound": "on", "mode": "4k"}),
        ("openai-video", "generate", {"prompt": "p", "model": "kling-2.6", "seconds": "8"}),
        ("chanjing", "tx-kling2.5", {"clarity": 1080, "video_duration": 10}),
    ],
)
def test_usual_requests_make_no_warning(provider: str, operation: str, values: dict[str, Any]) -> None:
    assert warned(provider, operation, values) == {}


def test_kling_always_names_the_model_and_nothing_else() -> None:
    assert model("kling", "image2video").parse({"image": URL}).to_body() == {
        "model_name": "kling-v1",
        "image": URL,
    }


def test_chanjing_always_sends_what_is_fixed() -> None:
    assert model("chanjing", "tx-kling2.5").parse({"ref_prompt": "p"}).to_body() == {
        "ref_prompt": "p",
        "creation_type": 4,
        "model_code": "tx_kling2.5",
    }


def test_the_old_model_field_counts_as_absent_and_is_warned_of() -> None:
    request = model("kling", "image2video").from_body({"model": "kling-v2-6", "image": URL})
    assert request.to_body() == {"model_name": "kling-v1", "image": URL}
    assert any("kling-v2-6" in warning.message for warning in request.warnings())


def test_the_old_model_field_is_harmless_beside_the_new_one() -> None:
    body = {"model": "kling-v1", "model_name": "kling-v2-1", "image": URL}
    request = model("kling", "image2video").from_body(body)
    assert request.to_body() == {"model_name": "kling-v2-1", "image": URL}
    assert list(request.warnings()) == []


def test_the_relays_camera_sends_all_six_movements() -> None:
    request = model("kling-relay", "text2video").parse(
        {"model_name": "kling-v1", "prompt": "p", "camera_control": {"type": "simple", "config": {"pan": 3}}}
    )
    assert request.to_body()["camera_control"] == {
        "type": "simple",
        "config": {"horizontal": 0, "vertical": 0, "pan": 3, "tilt": 0, "roll": 0, "zoom": 0},
    }


def test_the_relays_duration_is_a_number_unless_a_text_is_wanted() -> None:
    kind = model("kling-relay", "text2video")
    body = {"model_name": "kling-v1", "prompt": "p", "duration": "5"}
    as_text = kind.from_body(body)
    assert as_text.values()["duration"] == 5
    assert as_text.to_body() == body
    assert kind.parse({"model_name": "kling-v1", "prompt": "p", "duration": 5}).to_body()["duration"] == 5


def turbo_issues(body: Any) -> dict[str, str]:
    with pytest.raises(RequestError) as caught:
        model("kling-relay", "turbo-image2video").from_body(body)
    return {issue.field: issue.message for issue in caught.value.issues}


FRAME = {"type": "first_frame", "url": URL}
NO_FRAME = "contents must include at least one first_frame item"


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({}, "first_frame", NO_FRAME),
        ({"contents": []}, "first_frame", NO_FRAME),
        ({"contents": [{"type": "prompt", "text": "p"}]}, "first_frame", NO_FRAME),
        (
            {"contents": [FRAME, {"type": "last_frame", "url": URL}]},
            "contents.1",
            "must be prompt or first_frame",
        ),
        ({"contents": [FRAME, 7]}, "contents.1", "must be an object"),
        ({"contents": [FRAME, {"type": []}]}, "contents.1", "must be prompt or first_frame"),
        ({"contents": [{"type": "first_frame"}]}, "contents.0.url", "required"),
        ({"contents": [FRAME, *[{"type": "prompt", "text": "p"}] * 2]}, "prompt", "at most one prompt"),
        ({"contents": [{**FRAME, "text": "p"}]}, "contents.0.text", "unknown field"),
        ({"contents": [FRAME], "settings": 5}, "settings", "must be an object"),
        ({"contents": [FRAME], "settings": {"audio": "off"}}, "settings.audio", "unknown field"),
        ({"contents": [FRAME], "settings": {"duration": 2}}, "duration", "must be 3 or more"),
        ([], "", "must be a JSON object"),
    ],
)
def test_turbos_contents_are_checked_as_documented(body: Any, field: str, words: str) -> None:
    assert words in turbo_issues(body)[field]


def test_turbo_keeps_several_first_frames_and_any_order() -> None:
    other = {"type": "first_frame", "url": "https://example.com/b.png"}
    body = {"contents": [{"type": "prompt", "text": "p"}, FRAME, other]}
    request = model("kling-relay", "turbo-image2video").from_body(body)
    assert request.to_body() == {"contents": [FRAME, other, {"type": "prompt", "text": "p"}]}


def test_unknown_keys_are_dropped_if_asked_for() -> None:
    body = page("openai-style-v1-videos")["requests"][0]
    extended = {
        **body,
        "n": 1,
        "file": {},
        "metadata": {**body["metadata"], "x": 1, "file_infos": [{"type": "Url", "url": URL, "y": 2}]},
    }
    kind = model("openai-video", "generate")
    with pytest.raises(RequestError) as caught:
        kind.from_body(extended)
    assert {issue.field for issue in caught.value.issues} == {"n", "file", "metadata.x", "file_infos.0.y"}
    read = kind.from_body(extended, unknown="ignore").to_body()
    assert read.pop("metadata") == {**body["metadata"], "file_infos": [{"type": "Url", "url": URL}]}
    assert read == {key: body[key] for key in body if key != "metadata"}


def test_lenient_reading_still_obeys_the_rules() -> None:
    with pytest.raises(RequestError):
        model("kling", "image2video").from_body({"n": 1}, unknown="ignore")


def test_the_price_of_turbo_is_an_estimate_by_a_named_rule() -> None:
    kind = model("kling-relay", "turbo-image2video")
    price = kind.parse({"first_frame": URL, "duration": 10, "resolution": "1080p"}).published_price()
    assert price == PublishedPrice(Decimal(10), "unit", "by Kling's list price; the relay sets its own")
    price = kind.parse({"first_frame": URL}).published_price()
    assert price is not None
    assert price.amount == 4


@pytest.mark.parametrize(
    ("provider", "operation"),
    [
        ("kling", "text2video"),
        ("kling", "image2video"),
        ("kling", "omni-video"),
        ("kling", "turbo-text2video"),
        ("kling", "turbo-image2video"),
        ("kling", "v2-text2video"),
        ("kling", "v2-image2video"),
        ("kling-relay", "text2video"),
        ("kling-relay", "image2video"),
        ("kling-relay", "turbo-text2video"),
        ("kling-relay", "turbo-image2video"),
        ("openai-video", "generate"),
        ("chanjing", "tx-kling2.5"),
    ],
)
def test_every_field_tells_a_person_what_it_is(provider: str, operation: str) -> None:
    for spec in leaf_specs(model(provider, operation)):
        assert spec.title, spec.name
        assert spec.help.endswith("."), spec.name
        assert len(spec.help) <= 100, spec.name


def test_many_numbers_to_choose_from_are_said_as_a_span() -> None:
    with pytest.raises(RequestError) as caught:
        model("kling", "text2video").from_body({"model_name": "kling-v3", "prompt": "x", "duration": "16"})
    assert [issue.message for issue in caught.value.issues] == ["must be 3 to 15"]
