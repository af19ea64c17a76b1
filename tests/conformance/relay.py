"""What the relay's pages and FACTS 4 demand, a row each; see :mod:`.rows`."""

from __future__ import annotations

from typing import Any

from backend.models import FailureKind, Status

from .kling import WORDS as OFFICIAL_WORDS
from .rows import (
    CAMERAS,
    LAST,
    LAST_FRAME,
    OPTIONS,
    PNG,
    RELAY_IMAGE,
    RELAY_TEXT,
    RELAY_TURBO_IMAGE,
    RELAY_TURBO_TEXT,
    URL,
    Row,
    frames,
    of,
    said,
    shared,
)

K = FailureKind


def relay(fact: str, field: str = "", warned: str = "", **body: Any) -> Row:
    whole = {"model_name": "kling-v1-6", "prompt": "a cat", "aspect_ratio": "16:9", **body}
    return Row(
        fact, RELAY_TEXT, {key: value for key, value in whole.items() if value is not None}, field, warned
    )


ROWS = [
    # -- the page text2video, FACTS 4.4 and 4.5
    relay("as the example", mode="pro", duration=5, warned="aspect_ratio", aspect_ratio=None),
    relay("prompt 500", prompt="x" * 500),
    relay("prompt 501", "prompt", prompt="x" * 501),
    relay("prompt required", "prompt", prompt=None),
    relay("negative_prompt 200", negative_prompt="x" * 200),
    relay("negative_prompt 201", "negative_prompt", negative_prompt="x" * 201),
    *(relay(f"cfg_scale {n}", cfg_scale=n) for n in (0, 1)),
    relay("cfg_scale 1.1", "cfg_scale", cfg_scale=1.1),
    *(relay(f"mode {mode}", mode=mode) for mode in ("std", "pro")),
    relay("mode 4k", "mode", mode="4k"),
    *(relay(f"aspect_ratio {ratio}", aspect_ratio=ratio) for ratio in ("16:9", "9:16", "1:1")),
    *(relay(f"duration {n}", duration=n) for n in (5, 10)),
    relay("duration 7", "duration", duration=7),
    relay("model v1-5", warned="model_name", model_name="kling-v1-5"),
    relay("model of the relay's own", warned="model_name", model_name="kling-v9"),
    relay("model required", "model_name", model_name=None),
    relay(
        "camera",
        model_name="kling-v1",
        camera_control={
            "type": "simple",
            "config": {"horizontal": 0, "vertical": 0, "pan": 3, "tilt": 0, "roll": 0, "zoom": 0},
        },
    ),
    relay(
        "camera of a fraction",
        "camera_control.config.pan",
        model_name="kling-v1",
        camera_control={"type": "simple", "config": {"pan": 0.5}},
    ),
    *(relay(f"camera {kind}", model_name="kling-v1", camera_control={"type": kind}) for kind in CAMERAS),
    relay("aspect_ratio other", "aspect_ratio", aspect_ratio="4:3"),
    *(relay(f"duration {n} as text", duration=n) for n in ("5", "10")),
    relay("external_task_id", external_task_id="mine-1"),
    relay("callback_url", callback_url="https://example.com/hook"),
    # -- FACTS 4.3: image2video, body as official
    of(RELAY_IMAGE, "image", {"model_name": "kling-v1", "image": URL, "duration": "5"}),
    of(RELAY_IMAGE, "image Base64", {"model_name": "kling-v1", "image": PNG}),
    of(RELAY_IMAGE, "no image", {"model_name": "kling-v1"}, "image"),
    of(
        RELAY_IMAGE,
        "dropped fields",
        {"model_name": "kling-v3", "image": URL, "element_list": [{"element_id": 1}]},
        "",
        "element_list",
    ),
    *shared(RELAY_IMAGE),
    # -- FACTS 4.3 and 4.4: Turbo from a prompt
    *(
        of(RELAY_TURBO_TEXT, f"{key} {value}", {"prompt": "a", "settings": {key: value}})
        for key, value in (
            ("duration", 3),
            ("duration", 15),
            ("resolution", "720p"),
            ("resolution", "1080p"),
            ("aspect_ratio", "9:16"),
        )
    ),
    of(RELAY_TURBO_TEXT, "options", {"prompt": "a", "options": OPTIONS}),
    of(
        RELAY_TURBO_TEXT,
        "aspect_ratio other",
        {"prompt": "a", "settings": {"aspect_ratio": "4:3"}},
        "aspect_ratio",
    ),
    of(RELAY_TURBO_TEXT, "prompt", {"prompt": "x" * 3072, "settings": {"aspect_ratio": "16:9"}}),
    of(RELAY_TURBO_TEXT, "prompt 3073", {"prompt": "x" * 3073}, "prompt"),
    of(RELAY_TURBO_TEXT, "prompt required", {}, "prompt"),
    of(RELAY_TURBO_TEXT, "contents", {"contents": [said("x")], "settings": {"aspect_ratio": "1:1"}}),
    of(RELAY_TURBO_TEXT, "contents beside prompt", {"prompt": "a", "contents": [said("b")]}),
    of(RELAY_TURBO_TEXT, "first frame", {"prompt": "a", "contents": frames()}, "contents.0"),
    *(
        of(RELAY_TURBO_TEXT, f"duration {n}", {"prompt": "a", "settings": {"duration": n}}, "duration")
        for n in (2, 16)
    ),
    of(RELAY_TURBO_TEXT, "resolution 4k", {"prompt": "a", "settings": {"resolution": "4k"}}, "resolution"),
    # -- the page Turbo from an image
    of(
        RELAY_TURBO_IMAGE,
        "whole",
        {
            "contents": frames(said("x" * 2500)),
            "settings": {"resolution": "1080p", "aspect_ratio": "9:16", "duration": 10},
            "options": {"callback_url": URL, "external_task_id": "m", "watermark_info": {"enabled": True}},
        },
    ),
    of(
        RELAY_TURBO_IMAGE,
        "settings advised",
        {"contents": frames(), "settings": {"resolution": "720p"}},
        "",
        "duration",
    ),
    of(RELAY_TURBO_IMAGE, "first frame required", {"contents": [said("x")]}, "first_frame"),
    of(RELAY_TURBO_IMAGE, "no Base64", {"contents": frames(first=PNG)}, "first_frame"),
    of(RELAY_TURBO_IMAGE, "other type", {"contents": frames(LAST_FRAME)}, "contents.1"),
    of(RELAY_TURBO_IMAGE, "prompts 2", {"contents": frames(said("a"), said("b"))}, "prompt"),
    of(RELAY_TURBO_IMAGE, "prompt 2501", {"contents": frames(said("x" * 2501))}, "prompt"),
    *(
        of(
            RELAY_TURBO_IMAGE,
            f"duration {n}",
            {"contents": frames(), "settings": {"duration": n}},
            "duration",
        )
        for n in (2, 16, 5.5)
    ),
    *(
        of(RELAY_TURBO_IMAGE, f"{key} {value}", {"contents": frames(), "settings": {key: value}})
        for key, value in (("aspect_ratio", "16:9"), ("aspect_ratio", "1:1"), ("resolution", "1080p"))
    ),
    *(
        of(RELAY_TURBO_IMAGE, f"{key} other", {"contents": frames(), "settings": {key: value}}, key)
        for key, value in (("aspect_ratio", "4:3"), ("resolution", "4k"))
    ),
    of(
        RELAY_TURBO_IMAGE,
        "first frames 2",
        {"contents": frames(*frames(first=LAST))},
        "",
        "more_first_frames",
    ),
    of(RELAY_TURBO_IMAGE, "watermark", {"contents": frames(), "options": {"watermark_info": {"x": 1}}}),
    of(RELAY_TURBO_IMAGE, "settings closed", {"contents": frames(), "settings": {"fps": 24}}, "settings.fps"),
]

WORDS = {
    **OFFICIAL_WORDS,
    **dict.fromkeys(("NOT_START", "SUBMITTED", "QUEUED", "queued"), Status.QUEUED),
    **dict.fromkeys(("IN_PROGRESS", "in_progress"), Status.RUNNING),
    **dict.fromkeys(("SUCCESS", "completed"), Status.SUCCEEDED),
    "FAILURE": Status.FAILED,
    **dict.fromkeys(("UNKNOWN", "unknown", ""), None),
}
"""FACTS 4.7."""

CODES = [
    (403, "insufficient_user_quota", K.QUOTA, False),
    (403, "pre_consume_token_quota_failed", K.QUOTA, False),
    (503, "model_not_found", K.FORBIDDEN, False),
    (400, "task_failed", K.INVALID, False),
    (500, "fail_to_fetch_task", K.TRANSIENT, True),
    (500, "do_request_failed", K.TRANSIENT, True),
    (500, "read_response_body_failed", K.TRANSIENT, True),
    (500, "unmarshal_response_failed", K.TRANSIENT, True),
    (500, "build_request_failed", K.INVALID, False),
    (400, "invalid_request", K.INVALID, False),
    (500, "model_price_error", K.FORBIDDEN, False),
    (500, "model_mapping_failed", K.FORBIDDEN, False),
    (400, "task_not_exist", K.NOT_FOUND, False),
    (500, "get_task_failed", K.TRANSIENT, True),
]
"""FACTS 4.6. `model_price_error` and its like are "invalid/config": only the relay can cure them."""
