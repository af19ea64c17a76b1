"""What FACTS 3 demands of Kling's API 2.0, a row each; see :mod:`.rows`."""

from __future__ import annotations

from typing import Any

from backend.models import FailureKind

from .rows import LAST_FRAME, OPTIONS, PNG, TURBO_IMAGE, TURBO_TEXT, V2_IMAGE, V2_TEXT, Row, frames, of, said

K = FailureKind


def turbo_text(fact: str, field: str = "", warned: str = "", prompt: Any = "a cat", **body: Any) -> Row:
    return Row(fact, TURBO_TEXT, {"prompt": prompt, **body}, field, warned)


def v2(fact: str, model: str, field: str = "", **settings: Any) -> Row:
    body: dict[str, Any] = {"prompt": "a cat", "settings": settings} if settings else {"prompt": "a cat"}
    return Row(fact, V2_TEXT, body, field, "", model)


def v2_image(fact: str, model: str, contents: list[Any], field: str = "", **settings: Any) -> Row:
    return Row(fact, V2_IMAGE, {"contents": contents, "settings": settings}, field, "", model)


ROWS = [
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
