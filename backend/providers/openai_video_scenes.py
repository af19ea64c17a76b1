"""Models and scenes of the OpenAI-style gateway, and what goes with them. Page: openai-style-v1-videos."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, get_args

from backend.errors import Issue
from backend.language import _
from backend.providers import sources
from backend.providers.idle import Idle, not_for
from backend.providers.kling_parts import idle_shots, shot_issues
from backend.providers.openai_video_order import SECONDS
from backend.providers.specs import extra

if TYPE_CHECKING:
    from backend.providers.openai_video_fields import GenerateVideo

_PAGE = sources.GATEWAY

Scene = Literal["motion_control", "avatar_i2v", "lip_sync"]

MODELS = (
    "kling-2.5",
    "kling-3.0",
    "kling-3.0-omni",
    "kling-o1",
    "kling-2.1",
    "kling-2.0",
    "kling-1.5",
    "kling-1.0",
    "kling-identify-face",
    "kling-avatar-720p",
    "kling-avatar-1080p",
)
"""The page's two tables; names are open and their case does not matter."""

ALSO_USED = frozenset({"kling-2.6"})
"""In the page's examples alone."""
_MOTION = frozenset({"kling-2.5", "kling-2.6"})
_AVATAR = frozenset({"kling-1.0", "kling-1.5", "kling-2.0", "kling-2.1", "kling-2.5"})
_SHOTS = frozenset({"kling-3.0", "kling-3.0-omni"})
_FILMS = frozenset({"kling-3.0-omni", "kling-o1"})
"""Take a film to work from in an ordinary scene, too."""
_SCENE_MODELS = {
    "kling-identify-face": "lip_sync",
    "kling-avatar-720p": "avatar_i2v",
    "kling-avatar-1080p": "avatar_i2v",
}
"""Models that are for one scene, whatever the scene is called."""
_SHOT_FIELDS = ("multi_shot", "shot_type", "multi_prompt")
_MOST_SHOTS = 6


def scene_rules(request: GenerateVideo) -> Iterator[Issue]:
    """Yield what breaks the page's rules across fields."""
    if request.scene_type == "motion_control" and not request.video_url:
        yield Issue("video_url", _("motion_control needs a reference film (metadata.video_url)"), _PAGE)
    yield from _file_rules(request)
    yield from _content_rules(request)
    if request.ext_info is not None and _tells_shots(request):
        said = _("holds the same text as the fields about shots: use one or the other")
        yield Issue("ext_info", said, _PAGE)
    if not _has_input(request):
        yield Issue("prompt", _("give a prompt, or a text item in content"), _PAGE)


def idle_scene(values: Mapping[str, Any]) -> Iterator[Idle]:
    """Yield what is of no use with a model and a scene, as far as the page tells."""
    model = str(values.get("model") or "").lower()
    scene = values.get("scene_type") or _SCENE_MODELS.get(model)
    is_known = model in ALSO_USED or model in MODELS
    if not is_known and not any(name.startswith(model) for name in MODELS):
        scene = scene or "any"  # a model that may be for any scene, not one that is being typed
    if scene in (None, "avatar_i2v", "lip_sync"):
        said = _("counts only with the scene motion_control")
        because = _("only with scene motion_control")
        yield _idle(("motion_level", "mode", "metadata_mode"), because, said)
    if scene == "avatar_i2v":
        yield _idle(("video_url",), _("not with scene {scene}").format(scene=scene))
    elif scene is None and model not in _FILMS:
        because = _("only with scene motion_control or lip_sync")
        yield _idle(("video_url",), because)
    if scene in get_args(Scene):
        because = _("not with scene {scene}").format(scene=scene)
        yield _idle(("last_frame_url", "last_frame_file_id"), because)
    if is_known:
        if model not in _SHOTS:
            said = _("meant for kling-3.0 and kling-3.0-omni")
            fields = _SHOT_FIELDS[:1] if values.get("multi_shot") else _SHOT_FIELDS
            yield _idle(("ext_info", *fields), not_for(model), said)
        if model not in _MOTION:
            said = _("motion_control is meant for kling-2.5")
            yield _idle(("scene_type",), not_for(model), said, ("motion_control",))
        if model not in _AVATAR:
            said = _("avatar_i2v is meant for kling-1.0 to kling-2.5")
            yield _idle(("scene_type",), not_for(model), said, ("avatar_i2v",))
    if values.get("ext_info"):
        yield _idle(_SHOT_FIELDS, _("not with extra settings"))
    if any(values.get(name) is not None for name in _SHOT_FIELDS):
        yield _idle(("ext_info",), _("not with fields about shots"))
    yield from idle_shots(values, sources.KLING_TEXT)


def _idle(fields: tuple[str, ...], because: str, doubt: str = "", choices: tuple[str, ...] = ()) -> Idle:
    return Idle(fields=fields, because=because, source=_PAGE, doubt=doubt, choices=choices)


def scene_warnings(request: GenerateVideo) -> Iterator[Issue]:
    """Yield what the page advises against or does not list."""
    yield from _model_warnings(request)
    yield from _scene_warnings(request)
    yield from _shot_warnings(request)


def _tells_shots(request: GenerateVideo) -> bool:
    return any(value is not None for value in (request.multi_shot, request.shot_type, request.multi_prompt))


def _has_input(request: GenerateVideo) -> bool:
    texts = any(item.text for item in request.content or ())
    pictures = (
        request.image or request.images or request.input_reference or request.file_infos or request.video_url
    )
    shots = request.multi_prompt or request.ext_info
    return bool(request.prompt or texts or pictures or shots or request.scene_type)


def _needs(type: str, field: str) -> str:
    return _("type {type} needs {field}").format(type=type, field=field)


def _file_rules(request: GenerateVideo) -> Iterator[Issue]:
    for index, info in enumerate(request.file_infos or ()):
        if info.type == "Url" and not info.url:
            yield Issue(f"file_infos.{index}.url", _needs("Url", "url"), _PAGE)
        if info.type == "File" and not info.file_id:
            yield Issue(f"file_infos.{index}.file_id", _needs("File", "file_id"), _PAGE)


def _content_rules(request: GenerateVideo) -> Iterator[Issue]:
    for index, item in enumerate(request.content or ()):
        if item.type in ("text", "image_url", "video_url") and getattr(item, item.type) is None:
            yield Issue(f"content.{index}.{item.type}", _needs(item.type, item.type), _PAGE)


def _model_warnings(request: GenerateVideo) -> Iterator[Issue]:
    model = request.model.lower()
    if model not in ALSO_USED and model not in map(str.lower, known_models(type(request))):
        yield Issue("model", _("not in the page's list of models"), _PAGE)
    if model == "kling-3.0-omni" and request.image and not request.images:
        yield Issue("image", _("kling-3.0-omni bills a reference only from images (a list)"), _PAGE)


def _scene_warnings(request: GenerateVideo) -> Iterator[Issue]:
    pictured = request.image or request.images or request.input_reference or request.file_infos
    if request.scene_type == "avatar_i2v" and not pictured:
        yield Issue("image", _("the page's avatar example has a picture of the face"), _PAGE)
    if request.scene_type == "lip_sync":
        if not pictured and not request.video_url:
            yield Issue("image", _("the page's lip_sync example has a picture of the face"), _PAGE)
        if request.made().seconds < 5:
            name = next(name for name in SECONDS if getattr(request, name) is not None)
            yield Issue(name, _("lip_sync of less than 5 seconds is billed as 5"), _PAGE)


def _shot_warnings(request: GenerateVideo) -> Iterator[Issue]:
    """What Kling itself demands of shots; what the gateway checks of it, its page does not say."""
    seconds = str(int(request.made().seconds))
    yield from shot_issues(
        request.multi_shot,
        request.shot_type,
        request.prompt,
        request.multi_prompt,
        seconds,
        sources.KLING_TEXT,
    )
    if len(request.multi_prompt or ()) > _MOST_SHOTS:
        said = _("Kling takes up to {limit} shots").format(limit=_MOST_SHOTS)
        yield Issue("multi_prompt", said, sources.KLING_TEXT)


def known_models(kind: type[GenerateVideo]) -> tuple[str, ...]:
    """Return the page's models, and those that an account's options add."""
    return tuple(extra(kind.model_fields["model"])["choices"])
