"""What the page of the OpenAI-style gateway and FACTS 5 demand, a row each; see :mod:`.rows`."""

from __future__ import annotations

from typing import Any

from backend.models import FailureKind, Status

from .relay import CODES as RELAY_CODES
from .rows import LAST, URL, Row

K = FailureKind
GENERATE = ("openai-video", "generate")
FILM = "https://example.com/a.mp4"
SHOTS = (
    '{"AdditionalParameters":"{\\"multi_prompt\\":[{\\"index\\":1,\\"prompt\\":\\"雪\\",\\"duration\\":\\"2\\"},'
    '{\\"index\\":2,\\"prompt\\":\\"山\\",\\"duration\\":\\"3\\"}],\\"shot_type\\":\\"customize\\",\\"multi_shot\\":true}"}'
)


SHOTS_BY_KLING = '{"AdditionalParameters":"{\\"shot_type\\":\\"intelligence\\",\\"multi_shot\\":true}"}'


def top(fact: str, field: str = "", warned: str = "", **body: Any) -> Row:
    whole = {"model": "kling-2.5", "prompt": "a cat", **body}
    return Row(fact, GENERATE, {k: v for k, v in whole.items() if v is not None}, field, warned)


def meta(fact: str, field: str = "", warned: str = "", **metadata: Any) -> Row:
    return top(fact, field, warned, metadata=metadata)


def output(fact: str, field: str = "", warned: str = "", **config: Any) -> Row:
    return meta(fact, field, warned, output_config=config)


def info(fact: str, field: str = "", **entry: Any) -> Row:
    return meta(fact, field, file_infos=[entry])


def scene(fact: str, field: str = "", warned: str = "", model: str = "kling-2.5", **metadata: Any) -> Row:
    return top(fact, field, warned, model=model, image=URL, metadata=metadata)


NAMES = (
    "1.0",
    "1.5",
    "2.0",
    "2.1",
    "2.5",
    "3.0",
    "3.0-omni",
    "o1",
    "identify-face",
    "avatar-720p",
    "avatar-1080p",
)

ROWS = [
    # -- models
    *(top(f"model {name}", model=f"kling-{name}") for name in NAMES),
    top("model in capitals", model="KLING-2.5"),
    top("model mixed case", model="Kling-3.0-Omni"),
    top("model of an example alone", model="kling-2.6"),
    top("model required", "model", model=None),
    top("model empty", "model", model=""),
    # -- fields at the top
    top("prompt required", "prompt", prompt=None),
    top("prompt empty", "prompt", prompt=""),
    top("prompt not with content", prompt=None, content=[{"type": "text", "text": "a cat"}]),
    top("prompt beside content", content=[{"type": "text", "text": "a dog"}]),
    *(top(f"seconds {n}", seconds=n) for n in ("4", "5", "8", "10", "15")),
    top("seconds number", "seconds", seconds=5),
    top("seconds word", "seconds", seconds="soon"),
    *(top(f"duration {n!r}", duration=n) for n in (5, 7.5, "10")),
    top("duration word", "duration", duration="soon"),
    *(top(f"size {size}", size=size) for size in ("720x1280", "1280x720", "720P", "1080P", "1080p")),
    top("size other", warned="size", size="large"),
    top("image", image=URL),
    top("image data", "image", image="data:image/png;base64,AAAA"),
    top("image ftp", "image", image="ftp://example.com/a.png"),
    top("images 3", images=[URL] * 3),
    top("images 4", "images", images=[URL] * 4),
    top("images text", "images", images=URL),
    top("images data", "images.0", images=["data:image/png;base64,AAAA"]),
    top("input_reference", input_reference=URL),
    top("input_reference data", "input_reference", input_reference="data:image/png;base64,AAAA"),
    top("mode pro", mode="pro"),
    top("mode std", mode="std"),
    top("mode other", "mode", mode="best"),
    # -- content
    top("content image", content=[{"type": "image_url", "image_url": {"url": URL}}]),
    top("content video", content=[{"type": "video_url", "video_url": {"url": FILM}}]),
    top("content other type", content=[{"type": "audio_url"}]),
    top("content without text", "content.0.text", content=[{"type": "text"}]),
    top("content without image", "content.0.image_url", content=[{"type": "image_url"}]),
    top("content without type", "content.0.type", content=[{"text": "x"}]),
    # -- metadata
    top("metadata text", "metadata", metadata="x"),
    *(meta(f"{name}", **{name: URL}) for name in ("video_url", "last_frame_url")),
    meta("last_frame_file_id", last_frame_file_id="f"),
    *(meta(f"resolution {n}", resolution=n) for n in ("720P", "1080P")),
    meta("resolution 4K", "metadata_resolution", resolution="4K"),
    *(meta(f"audio_generation {n}", audio_generation=n) for n in ("Enabled", "Disabled")),
    meta("audio", audio=True),
    meta("audio text", "audio", audio="loud"),
    *(
        top(f"metadata.{name} {n!r}", metadata={name: n})
        for name in ("seconds", "duration", "video_duration")
        for n in (5, "5")
    ),
    *(meta(f"mode {n}", mode=n) for n in ("pro", "std")),
    meta("mode other", "metadata_mode", mode="best"),
    meta("audio_generation other", "metadata_audio_generation", audio_generation="on"),
    # -- metadata.output_config
    *(output(f"resolution {n}", resolution=n) for n in ("720P", "1080P")),
    output("resolution 4K", "resolution", resolution="4K"),
    *(output(f"aspect_ratio {n}", aspect_ratio=n) for n in ("16:9", "9:16", "1:1")),
    output("aspect_ratio 4:3", "aspect_ratio", aspect_ratio="4:3"),
    *(output(f"audio_generation {n}", audio_generation=n) for n in ("Enabled", "Disabled")),
    output("audio_generation true", "audio_generation", audio_generation=True),
    *(output(f"storage_mode {n}", storage_mode=n) for n in ("Permanent", "Temporary")),
    output("storage_mode other", "storage_mode", storage_mode="Forever"),
    output("media_name 64", media_name="x" * 64),
    output("media_name 65", "media_name", media_name="x" * 65),
    output("class_id", class_id=7),
    output("class_id text", "class_id", class_id="first"),
    output("expire_time", expire_time="2026-12-31T23:59:59Z"),
    output("expire_time other", "expire_time", expire_time="tomorrow"),
    *(output(f"person_generation {n}", person_generation=n) for n in ("AllowAdult", "Disallowed")),
    output("person_generation other", "person_generation", person_generation="AllowAll"),
    *(
        output(f"{name} {word}", **{name: word})
        for name in ("input_compliance_check", "output_compliance_check", "enhance_switch")
        for word in ("Enabled", "Disabled")
    ),
    *(
        output(f"{name} other", name, **{name: "on"})
        for name in ("input_compliance_check", "output_compliance_check", "enhance_switch")
    ),
    output("duration 5", duration=5),
    output("duration not the one that counts", warned="output_duration", duration=10),
    # -- metadata.file_infos
    meta("file_infos 3", file_infos=[{"type": "Url", "url": URL}] * 3),
    meta("file_infos 4", "file_infos", file_infos=[{"type": "Url", "url": URL}] * 4),
    info("file of Url", type="Url", category="Image", url=URL, usage="FirstFrame"),
    info("file of File", type="File", category="Video", file_id="f", reference_type="base"),
    info(
        "file of a film", type="Url", category="Video", url=FILM, reference_type="feature", usage="Reference"
    ),
    info("file of Url without url", "file_infos.0.url", type="Url"),
    info("file of File without id", "file_infos.0.file_id", type="File"),
    info("file of no type", "file_infos.0.type", url=URL),
    info("file category other", "file_infos.0.category", type="Url", url=URL, category="Sound"),
    info("file reference other", "file_infos.0.reference_type", type="Url", url=URL, reference_type="x"),
    # -- metadata.ext_info
    top("shots", model="kling-3.0", prompt=None, metadata={"ext_info": SHOTS}),
    top("shots with omni", model="kling-3.0-omni", metadata={"ext_info": SHOTS}),
    top("shots of another model", warned="multi_shot", metadata={"ext_info": SHOTS}),
    top(
        "shots of another length",
        warned="multi_prompt",
        model="kling-3.0",
        seconds="10",
        metadata={"ext_info": SHOTS},
    ),
    top("shots by Kling", model="kling-3.0", metadata={"ext_info": SHOTS_BY_KLING}),
    top("shot_type other", model="kling-3.0", metadata={"ext_info": SHOTS.replace("customize", "auto")}),
    top("ext_info else", model="kling-3.0", metadata={"ext_info": '{"Other": 1}'}),
    meta("ext_info list", "ext_info", ext_info="[1]"),
    meta("ext_info object", "ext_info", ext_info={"AdditionalParameters": {"multi_shot": True}}),
    # -- scenes
    scene("motion", scene_type="motion_control", video_url=FILM),
    scene("motion without film", "video_url", scene_type="motion_control"),
    *(
        scene(f"motion {n}", scene_type="motion_control", motion_level=n, video_url=FILM)
        for n in ("std", "pro")
    ),
    scene("motion best", "motion_level", scene_type="motion_control", motion_level="best", video_url=FILM),
    scene("motion elsewhere", "", "scene_type", "kling-2.0", scene_type="motion_control", video_url=FILM),
    *(scene(f"avatar {n}", model=f"kling-{n}", scene_type="avatar_i2v") for n in ("1.0", "2.5")),
    scene("avatar elsewhere", "", "scene_type", "kling-3.0", scene_type="avatar_i2v"),
    scene("lip_sync", model="kling-o1", scene_type="lip_sync"),
    top("lip_sync 4 s", warned="seconds", image=URL, seconds="4", metadata={"scene_type": "lip_sync"}),
    top(
        "lip_sync 4 s elsewhere",
        warned="duration",
        image=URL,
        duration=4,
        metadata={"scene_type": "lip_sync"},
    ),
    scene("scene other", "scene_type", scene_type="dance"),
    top("first and last", image=URL, metadata={"last_frame_url": LAST}),
    top("omni reference", warned="image", model="kling-3.0-omni", image=URL),
    top("omni references", model="kling-3.0-omni", images=[URL, LAST]),
]

WORDS = {
    **dict.fromkeys(("queued", "pending", "submitted"), Status.QUEUED),
    **dict.fromkeys(("in_progress", "processing", "running"), Status.RUNNING),
    **dict.fromkeys(("completed", "succeeded", "success"), Status.SUCCEEDED),
    **dict.fromkeys(("failed", "error"), Status.FAILED),
    **dict.fromkeys(("cancelled", "canceled"), Status.CANCELLED),
    **dict.fromkeys(("unknown", "reviewing", ""), None),
}
"""FACTS 5.6."""

CODES = [
    *RELAY_CODES,  # one program is behind both
    (429, "rate_limit_exceeded", K.RATE_LIMIT, False),
]
"""FACTS 4.6, E2 and E3: HTTP status, code, class, whether a create may have made a task."""

REASONS = [
    ("task_failed", "参数错误:参考视频 URL 无法访问", K.INVALID),
    ("task_failed", "image url is not reachable", K.INVALID),
    ("tencent_vod_task_failed", "input compliance check failed", K.POLICY),
    ("1301", "内容敏感", K.POLICY),
    ("task_failed", "审核未通过", K.POLICY),
    ("task_failed", "余额不足", K.QUOTA),
    ("task_failed", "额度已用完", K.QUOTA),
    ("task_failed", "quota exceeded", K.QUOTA),
    ("task_failed", "tencent_vod: task ABORTED", K.FAILED_TASK),
]
"""FACTS 5.7: code and words of a failed task."""

ORDERS: list[tuple[str, dict[str, Any], tuple[float, str, str], set[str]]] = [
    ("nothing", {}, (5, "720P", "16:9"), set()),
    ("seconds", {"seconds": "8"}, (8, "720P", "16:9"), set()),
    ("seconds before duration", {"seconds": "8", "duration": 10}, (8, "720P", "16:9"), {"duration"}),
    ("the same twice", {"seconds": "8", "duration": 8.0}, (8, "720P", "16:9"), set()),
    (
        "duration before metadata",
        {"duration": "10", "metadata": {"seconds": 6}},
        (10, "720P", "16:9"),
        {"metadata_seconds"},
    ),
    (
        "within metadata",
        {"metadata": {"video_duration": 9, "duration": 7, "seconds": "6"}},
        (6, "720P", "16:9"),
        {"metadata_duration", "metadata_video_duration"},
    ),
    ("metadata.duration", {"metadata": {"duration": 7, "video_duration": 7}}, (7, "720P", "16:9"), set()),
    ("metadata.video_duration", {"metadata": {"video_duration": "9"}}, (9, "720P", "16:9"), set()),
    (
        "output_config.duration does not count",
        {"metadata": {"output_config": {"duration": 10}}},
        (5, "720P", "16:9"),
        {"output_duration"},
    ),
    (
        "output_config before metadata",
        {"metadata": {"resolution": "720P", "output_config": {"resolution": "1080P"}}},
        (5, "1080P", "16:9"),
        {"metadata_resolution"},
    ),
    (
        "metadata before size",
        {"size": "720P", "metadata": {"resolution": "1080P"}},
        (5, "1080P", "16:9"),
        {"size"},
    ),
    ("size stands for both", {"size": "720x1280"}, (5, "720P", "9:16"), set()),
    ("size of full HD", {"size": "1920x1080"}, (5, "1080P", "16:9"), set()),
    ("size square", {"size": "720x720"}, (5, "720P", "1:1"), set()),
    ("size lines", {"size": "1080p"}, (5, "1080P", "16:9"), set()),
    (
        "aspect_ratio before size",
        {"size": "720x1280", "metadata": {"output_config": {"aspect_ratio": "16:9"}}},
        (5, "720P", "16:9"),
        {"size"},
    ),
    (
        "agreeing",
        {"size": "720x1280", "metadata": {"output_config": {"aspect_ratio": "9:16", "resolution": "720P"}}},
        (5, "720P", "9:16"),
        set(),
    ),
]
"""The page's orders of precedence: what is given, what is made, which fields do not count."""
