"""What the pages of Kling's legacy standard and FACTS 2 demand, a row each; see :mod:`.rows`."""

from __future__ import annotations

from typing import Any

from backend.models import FailureKind, Status

from .rows import (
    AXES,
    CAMERAS,
    CUSTOM,
    IMAGE,
    LAST,
    MASK,
    OMNI,
    PNG,
    POINTS,
    SHOTS,
    TEXT,
    URL,
    V3,
    VOICES,
    Row,
    shared,
)

K = FailureKind

TEXT_MODELS = ("v1", "v1-6", "v2-master", "v2-1-master", "v2-5-turbo", "v2-6", "v3")
IMAGE_MODELS = ("v1", "v1-5", "v1-6", "v2-master", "v2-1", "v2-1-master", "v2-5-turbo", "v2-6", "v3")


def text(fact: str, field: str = "", warned: str = "", **body: Any) -> Row:
    return Row(fact, TEXT, {"model_name": "kling-v1-6", "prompt": "a cat", **body}, field, warned)


def image(fact: str, field: str = "", warned: str = "", **body: Any) -> Row:
    return Row(fact, IMAGE, {"model_name": "kling-v1", "image": URL, **body}, field, warned)


def omni(fact: str, field: str = "", warned: str = "", **body: Any) -> Row:
    whole = {"model_name": "kling-v3-omni", "prompt": "a cat", "aspect_ratio": "16:9", **body}
    return Row(fact, OMNI, {key: value for key, value in whole.items() if value is not None}, field, warned)


ROWS = [
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
    text("camera v1-6", warned="camera_control.type", camera_control={"type": "down_back"}),
    text(
        "camera v1 10 s",
        warned="camera_control.type",
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


WORDS = {
    "submitted": Status.QUEUED,
    "processing": Status.RUNNING,
    "succeed": Status.SUCCEEDED,
    "succeeded": Status.SUCCEEDED,
    "failed": Status.FAILED,
    "reviewing": None,
}
"""FACTS 2.7 and 3.5."""
CODES = [
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
