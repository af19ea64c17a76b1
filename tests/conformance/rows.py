"""Rows of the conformance tables, and what several tables share.

A body is written as it goes over the wire. Rows whose `field` is empty are taken by adapter and sandbox;
the others are refused by both, the adapter naming the field. Warnings never refuse.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from backend.models import FailureKind

K = FailureKind
URL = "https://example.com/a.png"
LAST = "https://example.com/b.png"
PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4"
    "//8/w38GIAXDIBKE0DHxgljNBAAO9TXL0Y4OHwAAAABJRU5ErkJggg=="
)
POINTS = [{"x": 1, "y": 2}, {"x": 3, "y": 4}]
MASK = {"mask": URL, "trajectories": POINTS}
VOICES = [{"voice_id": "v"}]
SHOTS: list[dict[str, Any]] = [
    {"index": 1, "prompt": "a", "duration": "2"},
    {"index": 2, "prompt": "b", "duration": "3"},
]
CUSTOM: dict[str, Any] = {"multi_shot": True, "shot_type": "customize", "multi_prompt": SHOTS}
V3: Any = {"model_name": "kling-v3"}


@dataclass(frozen=True, slots=True)
class Row:
    """One demand: a body that is taken, refused at a field, or taken with a warning at a field."""

    fact: str
    operation: tuple[str, str]
    body: dict[str, Any]
    field: str = ""
    """Where the adapter refuses it."""
    warned: str = ""
    """Where the adapter warns of it."""
    model: str = ""
    """Of API 2.0, where it stands in the path."""

    def __str__(self) -> str:
        return f"{self.operation[0]}-{self.operation[1]}-{self.fact}".replace(" ", "_")


TEXT, IMAGE, OMNI = ("kling", "text2video"), ("kling", "image2video"), ("kling", "omni-video")
TURBO_TEXT, TURBO_IMAGE = ("kling", "turbo-text2video"), ("kling", "turbo-image2video")
V2_TEXT, V2_IMAGE = ("kling", "v2-text2video"), ("kling", "v2-image2video")
RELAY_TEXT, RELAY_IMAGE = ("kling-relay", "text2video"), ("kling-relay", "image2video")
RELAY_TURBO_TEXT = ("kling-relay", "turbo-text2video")
RELAY_TURBO_IMAGE = ("kling-relay", "turbo-image2video")

PATHS = {
    TEXT: "/v1/videos/text2video",
    IMAGE: "/v1/videos/image2video",
    OMNI: "/v1/videos/omni-video",
    TURBO_TEXT: "/text-to-video/kling-3.0-turbo",
    TURBO_IMAGE: "/image-to-video/kling-3.0-turbo",
    V2_TEXT: "/text-to-video/{model}",
    V2_IMAGE: "/image-to-video/{model}",
    RELAY_TEXT: "/kling/v1/videos/text2video",
    RELAY_IMAGE: "/kling/v1/videos/image2video",
    RELAY_TURBO_TEXT: "/kling/text-to-video/kling-3.0-turbo",
    RELAY_TURBO_IMAGE: "/kling/image-to-video/kling-3.0-turbo",
}


def frames(*extra: Any, first: Any = URL) -> list[Any]:
    return [{"type": "first_frame", "url": first}, *extra]


def said(words: str) -> dict[str, str]:
    return {"type": "prompt", "text": words}


LAST_FRAME = {"type": "last_frame", "url": LAST}


def of(operation: tuple[str, str], fact: str, body: dict[str, Any], field: str = "", warned: str = "") -> Row:
    return Row(fact, operation, body, field, warned)


OPTIONS = {
    "external_task_id": "m",
    "callback_url": "https://example.com/hook",
    "watermark_info": {"enabled": True},
}
CAMERAS = ("down_back", "forward_up", "right_turn_forward", "left_turn_forward")
AXES = ("horizontal", "vertical", "pan", "tilt", "roll", "zoom")


def shared(operation: tuple[str, str]) -> list[Row]:
    """Return what an image may be sent with, at Kling and at a relay that takes the same body."""

    def row(fact: str, field: str = "", **body: Any) -> Row:
        return Row(fact, operation, {"model_name": "kling-v3", "image": URL, **body}, field)

    def v1(fact: str, field: str = "", **body: Any) -> Row:
        return row(fact, field, **{"model_name": "kling-v1", **body})

    return [
        *(row(f"{name} 2500", **{name: "x" * 2500}) for name in ("prompt", "negative_prompt")),
        *(row(f"{name} 2501", name, **{name: "x" * 2501}) for name in ("prompt", "negative_prompt")),
        *(row(f"duration {n} v3", duration=str(n)) for n in range(3, 16)),
        *(row(f"duration {n} v3", "duration", duration=str(n)) for n in (2, 16)),
        v1("duration 7 v1", "duration", duration="7"),
        *(row(f"mode {mode} v3", mode=mode) for mode in ("std", "pro", "4k")),
        row("mode other", "mode", mode="best"),
        *(v1(f"cfg_scale {n}", cfg_scale=n) for n in (0, 0.5, 1)),
        v1("cfg_scale 1.1", "cfg_scale", cfg_scale=1.1),
        row("image_tail v3", image_tail=LAST),
        row("shots", **CUSTOM),
        row("shots by Kling", multi_shot=True, shot_type="intelligence", prompt="a cat"),
        row("shot_type other", "shot_type", multi_shot=True, shot_type="auto"),
        row("shots 7", "multi_prompt", **{**CUSTOM, "multi_prompt": SHOTS * 4}),
        *(row(f"sound {word}", sound=word) for word in ("on", "off")),
        row("sound other", "sound", sound="yes"),
        row("voices 2", sound="on", voice_list=VOICES * 2, prompt="<<<voice_1>>> speaks"),
        row("voices 3", "voice_list", sound="on", voice_list=VOICES * 3),
        row("elements 3 again", element_list=[{"element_id": 1}] * 3),
        row("elements 4 again", "element_list", element_list=[{"element_id": 1}] * 4),
        v1("static_mask alone", static_mask=URL),
        v1("masks", dynamic_masks=[MASK]),
        v1("masks 7", "dynamic_masks", dynamic_masks=[MASK] * 7),
        *(v1(f"camera {kind} again", camera_control={"type": kind}) for kind in CAMERAS),
        *(v1(f"camera {axis}", camera_control={"type": "simple", "config": {axis: 3}}) for axis in AXES),
        row("watermark_info", watermark_info={"enabled": True}),
        row("callback_url", callback_url="https://example.com/hook"),
        row("external_task_id", external_task_id="mine-1"),
    ]
