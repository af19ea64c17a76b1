"""What Kling's pages and FACTS demand of the kling and kling-relay families, a row each.

A body is written as it goes over the wire. Rows whose `field` is empty are taken by adapter and sandbox;
the others are refused by both, the adapter naming the field. Warnings never refuse.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from backend.models import FailureKind, Status

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


def text(fact: str, field: str = "", warned: str = "", **body: Any) -> Row:
    return Row(fact, TEXT, {"model_name": "kling-v1-6", "prompt": "a cat", **body}, field, warned)


def image(fact: str, field: str = "", warned: str = "", **body: Any) -> Row:
    return Row(fact, IMAGE, {"model_name": "kling-v1", "image": URL, **body}, field, warned)


def omni(fact: str, field: str = "", warned: str = "", **body: Any) -> Row:
    whole = {"model_name": "kling-v3-omni", "prompt": "a cat", "aspect_ratio": "16:9", **body}
    return Row(fact, OMNI, {key: value for key, value in whole.items() if value is not None}, field, warned)


def relay(fact: str, field: str = "", warned: str = "", **body: Any) -> Row:
    whole = {"model_name": "kling-v1-6", "prompt": "a cat", "aspect_ratio": "16:9", **body}
    return Row(
        fact, RELAY_TEXT, {key: value for key, value in whole.items() if value is not None}, field, warned
    )


def turbo_text(fact: str, field: str = "", warned: str = "", prompt: Any = "a cat", **body: Any) -> Row:
    return Row(fact, TURBO_TEXT, {"prompt": prompt, **body}, field, warned)


def frames(*extra: Any, first: Any = URL) -> list[Any]:
    return [{"type": "first_frame", "url": first}, *extra]


def said(words: str) -> dict[str, str]:
    return {"type": "prompt", "text": words}


LAST_FRAME = {"type": "last_frame", "url": LAST}


def v2(fact: str, model: str, field: str = "", **settings: Any) -> Row:
    body: dict[str, Any] = {"prompt": "a cat", "settings": settings} if settings else {"prompt": "a cat"}
    return Row(fact, V2_TEXT, body, field, "", model)


def v2_image(fact: str, model: str, contents: list[Any], field: str = "", **settings: Any) -> Row:
    return Row(fact, V2_IMAGE, {"contents": contents, "settings": settings}, field, "", model)


def of(operation: tuple[str, str], fact: str, body: dict[str, Any], field: str = "", warned: str = "") -> Row:
    return Row(fact, operation, body, field, warned)


TEXT_MODELS = ("v1", "v1-6", "v2-master", "v2-1-master", "v2-5-turbo", "v2-6", "v3")
IMAGE_MODELS = ("v1", "v1-5", "v1-6", "v2-master", "v2-1", "v2-1-master", "v2-5-turbo", "v2-6", "v3")

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


LEGACY_ROWS = [
    # -- FACTS 2.3: text2video
    *(text(f"model {name}", model_name=f"kling-{name}") for name in TEXT_MODELS),
    text("model unknown", "model_name", model_name="kling-v9"),
    text("model of images only", "model_name", model_name="kling-v1-5"),
    text("prompt 2500", prompt="x" * 2500),
    text("prompt 2501", "prompt", prompt="x" * 2501),
    text("prompt required", "prompt", prompt=""),
    text("negative_prompt 2500", negative_prompt="x" * 2500),
    text("negative_prompt 2501", "negative_prompt", negative_prompt="x" * 2501),
    *(text(f"cfg_scale {n}", cfg_scale=n) for n in (0, 0.5, 1)),
    *(text(f"cfg_scale {n}", "cfg_scale", cfg_scale=n) for n in (-0.1, 1.1)),
    text("cfg_scale of v2", warned="cfg_scale", model_name="kling-v2-6", cfg_scale=0.5),
    *(text(f"mode {mode}", mode=mode) for mode in ("std", "pro")),
    text("mode 4k v3", **V3, mode="4k"),
    text("mode 4k others", "mode", mode="4k"),
    text("mode other word", "mode", mode="best"),
    text("mode of v2-master", warned="mode", model_name="kling-v2-master", mode="std"),
    text("sound v2-6 pro", model_name="kling-v2-6", mode="pro", sound="on"),
    text("sound v2-6 std", warned="sound", model_name="kling-v2-6", mode="std", sound="on"),
    text("sound v3", **V3, sound="on"),
    text("sound v1-6", warned="sound", sound="on"),
    text("sound off anywhere", sound="off"),
    text("sound other word", "sound", sound="yes"),
    text("camera v1", model_name="kling-v1", camera_control={"type": "down_back"}),
    *(text(f"camera {kind}", model_name="kling-v1", camera_control={"type": kind}) for kind in CAMERAS),
    *(
        text(f"camera {axis}", model_name="kling-v1", camera_control={"type": "simple", "config": {axis: -3}})
        for axis in AXES
    ),
    text("camera v1-6", warned="camera_control", camera_control={"type": "down_back"}),
    text(
        "camera v1 10 s",
        warned="camera_control",
        model_name="kling-v1",
        duration="10",
        camera_control={"type": "down_back"},
    ),
    *(text(f"aspect_ratio {ratio}", aspect_ratio=ratio) for ratio in ("16:9", "9:16", "1:1")),
    text("aspect_ratio other", "aspect_ratio", aspect_ratio="4:3"),
    *(text(f"duration {n}", duration=n) for n in ("5", "10")),
    text("duration number", "duration", duration=5),
    text("duration 7 others", "duration", duration="7"),
    *(text(f"duration {n} v3", **V3, duration=str(n)) for n in range(3, 16)),
    *(text(f"duration {n} v3", "duration", **V3, duration=str(n)) for n in (2, 16)),
    text("multi_shot needs shot_type", "shot_type", **V3, multi_shot=True),
    text("shot_type other word", "shot_type", **V3, multi_shot=True, shot_type="auto"),
    text("customize needs multi_prompt", "multi_prompt", **V3, multi_shot=True, shot_type="customize"),
    text("customize ignores prompt", warned="prompt", **V3, **CUSTOM),
    text("customize without prompt", **V3, **CUSTOM, prompt=""),
    text("intelligence", **V3, multi_shot=True, shot_type="intelligence"),
    text("intelligence needs prompt", "prompt", **V3, multi_shot=True, shot_type="intelligence", prompt=""),
    text("multi_shot of v1-6", warned="multi_shot", multi_shot=True, shot_type="intelligence"),
    text("shots sum", "multi_prompt", **V3, **{**CUSTOM, "multi_prompt": SHOTS[:1]}, prompt=""),
    text(
        "shots 6",
        **V3,
        duration="6",
        prompt="",
        **{**CUSTOM, "multi_prompt": [{"index": n, "prompt": "a", "duration": "1"} for n in range(1, 7)]},
    ),
    text(
        "shots 7",
        "multi_prompt",
        **V3,
        duration="7",
        **{**CUSTOM, "multi_prompt": [{"index": n, "prompt": "a", "duration": "1"} for n in range(1, 8)]},
    ),
    text(
        "shot prompt 513",
        "multi_prompt.0.prompt",
        **V3,
        **{**CUSTOM, "multi_prompt": [{"index": 1, "prompt": "x" * 513, "duration": "5"}]},
    ),
    text(
        "shot of 0 s",
        "multi_prompt.0.duration",
        **V3,
        **{**CUSTOM, "multi_prompt": [{"index": 1, "prompt": "x", "duration": "0"}]},
    ),
    text("voice needs sound", "voice_list", **V3, voice_list=VOICES),
    text("voices 2", **V3, sound="on", voice_list=VOICES * 2, prompt="<<<voice_1>>> speaks"),
    text("voices 3", "voice_list", **V3, sound="on", voice_list=VOICES * 3),
    text("voice mark without voice", warned="prompt", **V3, prompt="<<<voice_1>>> speaks"),
    text("watermark_info", watermark_info={"enabled": True}),
    text("watermark_info other type", "watermark_info", watermark_info="yes"),
    text("callback_url", callback_url="https://example.com/hook"),
    text("callback_url no address", "callback_url", callback_url="nowhere"),
    text("external_task_id", external_task_id="mine-1"),
    # -- the page, and FACTS 2.4: image2video
    *(image(f"model {name}", model_name=f"kling-{name}") for name in IMAGE_MODELS),
    image("image Base64", image=PNG),
    image("image with data prefix", "image", image=f"data:image/png;base64,{PNG}"),
    image("image no image", "image", image="R0lGODlhAQABAAAAACw="),
    image("image webp", warned="image", image="https://example.com/a.webp"),
    image("neither image nor image_tail", "image", image=""),
    image("image_tail alone", warned="image_tail", image="", image_tail=URL),
    image("image_tail alone v1-6 pro", model_name="kling-v1-6", mode="pro", image="", image_tail=URL),
    image("image and image_tail v1 std", image_tail=LAST),
    image("image and image_tail v1 10 s", warned="image_tail", image_tail=LAST, duration="10"),
    image("image_tail v2-1 std", warned="image_tail", model_name="kling-v2-1", mode="std", image_tail=LAST),
    image("image_tail v2-5-turbo pro", model_name="kling-v2-5-turbo", mode="pro", image_tail=LAST),
    image(
        "image_tail v2-6 pro sound",
        warned="sound",
        model_name="kling-v2-6",
        mode="pro",
        image_tail=LAST,
        sound="on",
    ),
    image("image_tail v2-master", warned="image_tail", model_name="kling-v2-master", image_tail=LAST),
    image("static_mask", static_mask=URL),
    image("dynamic_masks 6", dynamic_masks=[MASK] * 6),
    image("dynamic_masks 7", "dynamic_masks", dynamic_masks=[MASK] * 7),
    image("masks of v2-1", warned="dynamic_masks", model_name="kling-v2-1", dynamic_masks=[MASK]),
    image("points 2", dynamic_masks=[MASK]),
    image("points 77", dynamic_masks=[{"mask": URL, "trajectories": POINTS[:1] * 77}]),
    image(
        "points 1", "dynamic_masks.0.trajectories", dynamic_masks=[{"mask": URL, "trajectories": POINTS[:1]}]
    ),
    image(
        "points 78",
        "dynamic_masks.0.trajectories",
        dynamic_masks=[{"mask": URL, "trajectories": POINTS[:1] * 78}],
    ),
    image(
        "point of a fraction",
        "dynamic_masks.0.trajectories.0.x",
        dynamic_masks=[{"mask": URL, "trajectories": [{"x": 0.5, "y": 1}, {"x": 1, "y": 1}]}],
    ),
    image("tail or masks", "dynamic_masks", image_tail=LAST, dynamic_masks=[MASK]),
    image("tail or camera", "camera_control", image_tail=LAST, camera_control={"type": "forward_up"}),
    image("masks or camera", "camera_control", static_mask=URL, camera_control={"type": "forward_up"}),
    *(
        image(f"camera {kind}", camera_control={"type": kind})
        for kind in ("down_back", "forward_up", "right_turn_forward", "left_turn_forward")
    ),
    image("camera other word", "camera_control.type", camera_control={"type": "spin"}),
    *(
        image(f"camera {axis} {n}", camera_control={"type": "simple", "config": {axis: n}})
        for axis in ("horizontal", "vertical", "pan", "tilt", "roll", "zoom")
        for n in (-10, 10)
    ),
    image(
        "camera beyond 10",
        "camera_control.config.zoom",
        camera_control={"type": "simple", "config": {"zoom": 10.5}},
    ),
    image("camera simple needs config", "camera_control.config", camera_control={"type": "simple"}),
    image(
        "camera one of six",
        "camera_control.config",
        camera_control={"type": "simple", "config": {"pan": 1, "zoom": 2}},
    ),
    image(
        "camera all zero", "camera_control.config", camera_control={"type": "simple", "config": {"pan": 0}}
    ),
    image(
        "camera config with others",
        "camera_control.config",
        camera_control={"type": "down_back", "config": {"pan": 1}},
    ),
    image(
        "camera v1-5 not simple",
        warned="camera_control.type",
        model_name="kling-v1-5",
        mode="pro",
        camera_control={"type": "down_back"},
    ),
    image("elements 3", **V3, element_list=[{"element_id": 867000000000000001}] * 3),
    image("elements 4", "element_list", **V3, element_list=[{"element_id": 1}] * 4),
    image(
        "elements or voices",
        "element_list",
        **V3,
        sound="on",
        voice_list=VOICES,
        element_list=[{"element_id": 1}],
    ),
    image("multi_shot with both frames v3", **V3, image_tail=LAST, **CUSTOM),
    image("old key model", model="kling-v2-1"),
    image("model of another operation", "model_name", model_name="kling-video-o1"),
    *shared(IMAGE),
    # -- FACTS 2.5: omni-video
    omni("model v3-omni"),
    omni("model o1", model_name="kling-video-o1"),
    omni("model of another operation", "model_name", model_name="kling-v3"),
    omni("prompt 2501", "prompt", prompt="x" * 2501),
    omni("prompt required", "prompt", prompt=None),
    omni(
        "prompt marks",
        prompt="<<<image_1>>> meets <<<element_1>>>",
        image_list=[{"image_url": URL}],
        element_list=[{"element_id": 1}],
    ),
    omni(
        "prompt mark without input", warned="prompt", prompt="<<<image_2>>>", image_list=[{"image_url": URL}]
    ),
    *(
        omni(f"image type {kind}", image_list=[{"image_url": URL, "type": kind}])
        for kind in ("first_frame", "end_frame")
    ),
    omni("image type other", "image_list.0.type", image_list=[{"image_url": URL, "type": "last"}]),
    omni("image without address", "image_list.0.image_url", image_list=[{}]),
    omni("images 7", image_list=[{"image_url": URL}] * 7),
    omni("images 8", "image_list", image_list=[{"image_url": URL}] * 8),
    omni("images 4 with film", image_list=[{"image_url": URL}] * 4, video_list=[{"video_url": URL}]),
    omni(
        "images 5 with film",
        "image_list",
        image_list=[{"image_url": URL}] * 5,
        video_list=[{"video_url": URL}],
    ),
    *(
        omni(
            f"film {kind} {keep}",
            video_list=[{"video_url": URL, "refer_type": kind, "keep_original_sound": keep}],
        )
        for kind, keep in (("feature", "yes"), ("base", "no"))
    ),
    omni("film other use", "video_list.0.refer_type", video_list=[{"video_url": URL, "refer_type": "x"}]),
    omni("films 2", "video_list", video_list=[{"video_url": URL}] * 2),
    omni("aspect_ratio required", "aspect_ratio", aspect_ratio=None),
    omni(
        "aspect_ratio required with references",
        "aspect_ratio",
        aspect_ratio=None,
        image_list=[{"image_url": URL}],
    ),
    omni(
        "aspect_ratio not with first frame",
        aspect_ratio=None,
        image_list=[{"image_url": URL, "type": "first_frame"}],
    ),
    omni("aspect_ratio not with film", aspect_ratio=None, video_list=[{"video_url": URL}]),
    *(omni(f"duration {n}", duration=str(n)) for n in range(3, 16)),
    *(omni(f"mode {mode}", mode=mode) for mode in ("std", "pro")),
    *(omni(f"aspect_ratio {ratio}", aspect_ratio=ratio) for ratio in ("9:16", "1:1")),
    omni("sound off", sound="off"),
    omni("sound other", "sound", sound="yes"),
    omni("shot_type other", "shot_type", multi_shot=True, shot_type="auto"),
    omni("shots 7", "multi_prompt", **{**CUSTOM, "multi_prompt": SHOTS * 4}),
    omni("duration 2", "duration", duration="2"),
    omni("duration number", "duration", duration=5),
    omni("duration 10 o1", model_name="kling-video-o1", duration="10"),
    omni("duration 11 o1", "duration", model_name="kling-video-o1", duration="11"),
    omni(
        "duration 7 o1 first frame",
        warned="duration",
        model_name="kling-video-o1",
        duration="7",
        image_list=[{"image_url": URL, "type": "first_frame"}],
    ),
    omni("mode 4k v3-omni", mode="4k"),
    omni("mode 4k o1", "mode", model_name="kling-video-o1", mode="4k"),
    omni("sound", sound="on"),
    omni("sound o1", warned="sound", model_name="kling-video-o1", sound="on"),
    omni("multi_shot", **CUSTOM, prompt=None),
    omni(
        "multi_shot with frames",
        **CUSTOM,
        prompt=None,
        image_list=[{"image_url": URL, "type": "first_frame"}],
    ),
    omni(
        "multi_shot o1",
        warned="multi_shot",
        model_name="kling-video-o1",
        multi_shot=True,
        shot_type="intelligence",
    ),
    omni("watermark callback id", watermark_info={"enabled": False}, callback_url=URL, external_task_id="m"),
]

V2_ROWS = [
    # -- FACTS 3.2: 3.0 Turbo
    turbo_text("prompt 2500", prompt="x" * 2500),
    turbo_text("prompt 3072", prompt="x" * 3072, warned="prompt"),
    turbo_text("prompt 3073", "prompt", prompt="x" * 3073),
    turbo_text("prompt required", "prompt", prompt=""),
    *(turbo_text(f"duration {n}", settings={"duration": n}) for n in (3, 15)),
    *(turbo_text(f"duration {n}", "duration", settings={"duration": n}) for n in (2, 16, 5.5)),
    *(turbo_text(f"resolution {n}", settings={"resolution": n}) for n in ("720p", "1080p")),
    turbo_text("resolution 4k", "resolution", settings={"resolution": "4k"}),
    *(turbo_text(f"aspect_ratio {n}", settings={"aspect_ratio": n}) for n in ("16:9", "9:16", "1:1")),
    turbo_text("aspect_ratio other", "aspect_ratio", settings={"aspect_ratio": "4:3"}),
    turbo_text(
        "options", options={"external_task_id": "m", "callback_url": "", "watermark_info": {"enabled": False}}
    ),
    turbo_text("callback_url", options={"callback_url": "https://example.com/hook"}),
    turbo_text("settings no object", "settings", settings=5),
    turbo_text("shots", prompt="shot 1, 2, a cat; shot 2, 3, a dog;"),
    turbo_text("shots sum", "prompt", prompt="shot 1, 2, a cat; shot 2, 4, a dog;"),
    turbo_text(
        "shots 7",
        "prompt",
        settings={"duration": 7},
        prompt=" ".join(f"shot {n}, 1, x;" for n in range(1, 8)),
    ),
    turbo_text("shot of 0 s", "prompt", prompt="shot 1, 0, a; shot 2, 5, b;"),
    turbo_text("shot words 513", "prompt", prompt=f"shot 1, 5, {'x' * 513};"),
    of(TURBO_IMAGE, "first frame", {"contents": frames()}),
    of(TURBO_IMAGE, "first frame Base64", {"contents": frames(first=PNG)}),
    of(TURBO_IMAGE, "first frame required", {"contents": [said("x")]}, "first_frame"),
    of(TURBO_IMAGE, "contents required", {}, "contents"),
    of(TURBO_IMAGE, "prompt 2500", {"contents": [said("x" * 2500), *frames()]}),
    of(TURBO_IMAGE, "prompt 2501", {"contents": [said("x" * 2501), *frames()]}, "prompt"),
    of(TURBO_IMAGE, "no last frame", {"contents": frames(LAST_FRAME)}, "contents.1"),
    of(TURBO_IMAGE, "webp", {"contents": frames(first="https://example.com/a.webp")}, "", "first_frame"),
    of(TURBO_IMAGE, "settings", {"contents": frames(), "settings": {"resolution": "1080p", "duration": 10}}),
    *(
        of(TURBO_IMAGE, f"resolution {n}", {"contents": frames(), "settings": {"resolution": n}})
        for n in ("720p", "1080p")
    ),
    of(TURBO_IMAGE, "resolution 4k", {"contents": frames(), "settings": {"resolution": "4k"}}, "resolution"),
    of(TURBO_IMAGE, "duration 16", {"contents": frames(), "settings": {"duration": 16}}, "duration"),
    of(TURBO_IMAGE, "options", {"contents": frames(), "options": OPTIONS}),
    # -- FACTS 3.2: the siblings
    Row("options", V2_TEXT, {"prompt": "a cat", "options": OPTIONS}, "", "", "kling-3.0"),
    Row("prompt required", V2_TEXT, {}, "prompt", "", "kling-3.0"),
    *(v2(f"aspect_ratio {n}", "kling-3.0", aspect_ratio=n) for n in ("16:9", "9:16", "1:1")),
    v2("aspect_ratio other", "kling-3.0", "aspect_ratio", aspect_ratio="4:3"),
    *(v2(f"resolution {n}", "kling-2.6", resolution=n) for n in ("720p", "1080p")),
    Row("options", V2_IMAGE, {"contents": frames(), "options": OPTIONS}, "", "", "kling-3.0"),
    v2_image("model 2.5-turbo", "kling-2.5-turbo", frames(said("x" * 2500)), duration=10),
    v2_image("prompt too long", "kling-3.0", frames(said("x" * 3073)), "prompt"),
    v2_image("duration 7 2.6", "kling-2.6", frames(), "duration", duration=7),
    *(v2_image(f"resolution {n}", "kling-3.0", frames(), resolution=n) for n in ("720p", "1080p", "4k")),
    v2_image("resolution 4k 2.6", "kling-2.6", frames(), "resolution", resolution="4k"),
    *(v2_image(f"audio {word}", "kling-3.0", frames(), audio=word) for word in ("native", "off")),
    v2_image("audio 2.5-turbo", "kling-2.5-turbo", frames(), "audio", audio="native"),
    v2_image("multi_shot", "kling-3.0", frames(), multi_shot=False),
    *(v2(f"model {name}", name) for name in ("kling-3.0", "kling-2.6", "kling-2.5-turbo")),
    *(v2(f"duration {n} 3.0", "kling-3.0", duration=n) for n in (3, 15)),
    *(v2(f"duration {n} 2.6", "kling-2.6", duration=n) for n in (5, 10)),
    *(v2(f"duration 7 {name}", name, "duration", duration=7) for name in ("kling-2.6", "kling-2.5-turbo")),
    v2("resolution 4k 3.0", "kling-3.0", resolution="4k"),
    v2("resolution 4k 2.6", "kling-2.6", "resolution", resolution="4k"),
    *(v2(f"audio {word} 3.0", "kling-3.0", audio=word) for word in ("native", "off")),
    v2("audio other word", "kling-3.0", "audio", audio="on"),
    v2("audio native 2.6 1080p", "kling-2.6", audio="native", resolution="1080p"),
    v2("audio native 2.6 720p", "kling-2.6", "audio", audio="native", resolution="720p"),
    v2("audio 2.5-turbo", "kling-2.5-turbo", "audio", audio="native"),
    v2("multi_shot 3.0", "kling-3.0", multi_shot=False),
    v2("multi_shot 2.6", "kling-2.6", "multi_shot", multi_shot=True),
    v2_image("first and last 3.0", "kling-3.0", frames(LAST_FRAME)),
    v2_image("first and last 2.6 1080p", "kling-2.6", frames(LAST_FRAME), resolution="1080p"),
    v2_image("first and last 2.6 720p", "kling-2.6", frames(LAST_FRAME), "last_frame", resolution="720p"),
    v2_image("first and last 2.5-turbo", "kling-2.5-turbo", frames(LAST_FRAME), "last_frame"),
    v2_image("no frame", "kling-3.0", [said("x")], "first_frame"),
]

RELAY_ROWS = [
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

ROWS = [*LEGACY_ROWS, *V2_ROWS, *RELAY_ROWS]

OFFICIAL_WORDS = {
    "submitted": Status.QUEUED,
    "processing": Status.RUNNING,
    "succeed": Status.SUCCEEDED,
    "succeeded": Status.SUCCEEDED,
    "failed": Status.FAILED,
    "reviewing": None,
}
"""FACTS 2.7 and 3.5."""
RELAY_WORDS = {
    **OFFICIAL_WORDS,
    **dict.fromkeys(("NOT_START", "SUBMITTED", "QUEUED", "queued"), Status.QUEUED),
    **dict.fromkeys(("IN_PROGRESS", "in_progress"), Status.RUNNING),
    **dict.fromkeys(("SUCCESS", "completed"), Status.SUCCEEDED),
    "FAILURE": Status.FAILED,
    **dict.fromkeys(("UNKNOWN", "unknown", ""), None),
}
"""FACTS 4.7."""

OFFICIAL_CODES = [
    (401, 1000, K.AUTH, False),
    (401, 1001, K.AUTH, False),
    (401, 1002, K.AUTH, False),
    (401, 1003, K.AUTH, False),
    (401, 1004, K.AUTH, False),
    (429, 1100, K.QUOTA, False),
    (429, 1101, K.QUOTA, False),
    (429, 1102, K.QUOTA, False),
    (403, 1103, K.FORBIDDEN, False),
    (400, 1200, K.INVALID, False),
    (400, 1201, K.INVALID, False),
    (404, 1202, K.INVALID, False),
    (404, 1203, K.NOT_FOUND, False),
    (400, 1300, K.POLICY, False),
    (400, 1301, K.POLICY, False),
    (429, 1302, K.RATE_LIMIT, False),
    (429, 1303, K.RATE_LIMIT, False),
    (429, 1304, K.FORBIDDEN, False),
    (500, 5000, K.TRANSIENT, True),
    (503, 5001, K.TRANSIENT, True),
    (504, 5002, K.TRANSIENT, True),
]
"""FACTS 2.10: HTTP status, code, class, whether a create may have made a task."""
RELAY_CODES = [
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
