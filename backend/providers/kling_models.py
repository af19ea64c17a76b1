"""What each model of Kling's legacy standard supports, as far as known (FACTS 2.12).

The cells come from the vendor's change log and from third-party transcriptions of the vendor's map, so
they only ever make warnings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from backend.errors import Issue
from backend.language import N_, _
from backend.providers.complaints import either
from backend.providers.sources import KLING_MAP

_NO: frozenset[str] = frozenset()
_STD = frozenset({"std"})
_PRO = frozenset({"pro"})
_BOTH = frozenset({"std", "pro"})
_ALL = frozenset({"std", "pro", "4k"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """One row of the map; sets of modes say in which of them a feature works."""

    operations: frozenset[str]
    modes: frozenset[str] = _BOTH
    """Empty: takes no mode at all."""
    last_frame: frozenset[str] = _NO
    last_frame_short: bool = False
    """Whether an end frame is known to work at 5 seconds only."""
    last_frame_alone: frozenset[str] = _NO
    camera: frozenset[str] = _NO
    """Operations in which the camera can be steered."""
    camera_modes: frozenset[str] = _NO
    simple_camera_only: bool = False
    brush: frozenset[str] = _NO
    sound: frozenset[str] = _NO
    multi_shot: bool = False
    guidance: bool = False


_T2V = frozenset({"text2video"})
_I2V = frozenset({"image2video"})
_EITHER = _T2V | _I2V
_OMNI = frozenset({"omni-video"})

CAPABILITIES: Mapping[str, Capability] = {
    "kling-v1": Capability(
        operations=_EITHER,
        last_frame=_STD,
        last_frame_short=True,
        camera=_EITHER,  # from an image: the sources disagree
        camera_modes=_STD,
        brush=_STD,
        guidance=True,
    ),
    "kling-v1-5": Capability(
        operations=_I2V,
        last_frame=_PRO,
        camera=_I2V,
        camera_modes=_PRO,
        simple_camera_only=True,
        brush=_PRO,
        guidance=True,
    ),
    "kling-v1-6": Capability(operations=_EITHER, last_frame=_PRO, last_frame_alone=_PRO, guidance=True),
    "kling-v2-master": Capability(operations=_EITHER, modes=_NO),
    "kling-v2-1": Capability(operations=_I2V, last_frame=_PRO),
    "kling-v2-1-master": Capability(operations=_EITHER),
    "kling-v2-5-turbo": Capability(operations=_EITHER, last_frame=_PRO),
    "kling-v2-6": Capability(operations=_EITHER, last_frame=_PRO, sound=_PRO),
    "kling-v3": Capability(
        operations=_EITHER,
        modes=_ALL,
        last_frame=_ALL,
        last_frame_alone=_ALL,
        sound=_ALL,
        multi_shot=True,
        guidance=True,  # not stated anywhere, so nothing to warn of
    ),
    "kling-video-o1": Capability(operations=_OMNI, last_frame=_BOTH),
    "kling-v3-omni": Capability(operations=_OMNI, modes=_ALL, last_frame=_ALL, sound=_ALL, multi_shot=True),
}


def unsupported(operation: str, request: Mapping[str, Any]) -> Iterator[Issue]:
    """Yield what the map says against `request`, the fields of a legacy body that are set."""
    model = request.get("model_name") or "kling-v1"
    capability = CAPABILITIES.get(model)
    if capability is None:
        yield _issue("model_name", _("{model} is not on the list of known models").format(model=model))
        return
    if operation not in capability.operations:
        said = _("{model} is not known to do {operation}").format(model=model, operation=operation)
        yield _issue("model_name", said)
    mode = request.get("mode") or ("pro" if operation == "omni-video" else "std")
    if "mode" in request and mode not in capability.modes:
        said = _("{model} is known to take no mode at all").format(model=model)
        if capability.modes:
            modes = either(sorted(capability.modes))
            said = _("{model} is known to take only {modes}").format(model=model, modes=modes)
        yield _issue("mode", said)
    yield from _frames(model, capability, mode, request)
    yield from _motion(operation, model, capability, mode, request)
    yield from _sound_and_shots(model, capability, mode, request)
    if "cfg_scale" in request and not capability.guidance:
        yield _issue("cfg_scale", _("{model} is not known to support it").format(model=model))


def _frames(model: str, capability: Capability, mode: str, request: Mapping[str, Any]) -> Iterator[Issue]:
    if not request.get("image_tail"):
        return
    if not request.get("image"):
        alone = N_("an end frame alone")
        yield from _in_modes("image_tail", alone, model, capability.last_frame_alone, mode)
        return
    short = not capability.last_frame_short or _is_short(request)
    yield from _in_modes("image_tail", N_("an end frame"), model, capability.last_frame, mode, short)
    if model == "kling-v2-6" and request.get("sound") == "on":
        said = _("{model} is known to take an end frame only without sound").format(model=model)
        yield _issue("sound", said)


def _motion(
    operation: str, model: str, capability: Capability, mode: str, request: Mapping[str, Any]
) -> Iterator[Issue]:
    short = _is_short(request)
    if request.get("camera_control"):
        modes = capability.camera_modes if operation in capability.camera else _NO
        yield from _in_modes("camera_control", N_("camera control"), model, modes, mode, short)
        if capability.simple_camera_only and request["camera_control"].get("type") != "simple":
            said = _("{model} is known to take simple only").format(model=model)
            yield _issue("camera_control.type", said)
    brush = next((name for name in ("dynamic_masks", "static_mask") if request.get(name)), None)
    if brush:
        yield from _in_modes(brush, N_("the motion brush"), model, capability.brush, mode, short)


def _sound_and_shots(
    model: str, capability: Capability, mode: str, request: Mapping[str, Any]
) -> Iterator[Issue]:
    if request.get("sound") == "on":
        yield from _in_modes("sound", N_("sound"), model, capability.sound, mode)
    if request.get("multi_shot") and not capability.multi_shot:
        said = _("{model} is not known to support {feature}")
        yield _issue("multi_shot", said.format(model=model, feature=_("several shots")))


def _is_short(request: Mapping[str, Any]) -> bool:
    return str(request.get("duration") or "5") == "5"


def _in_modes(
    field: str, what: str, model: str, modes: frozenset[str], mode: str, short: bool = True
) -> Iterator[Issue]:
    if not modes:
        said = _("{model} is not known to support {feature}")
    elif mode not in modes:
        said = _("{model} is known to take {feature} only in mode {modes}")
    elif not short:
        said = _("{model} is known to take {feature} only at 5 seconds")
    else:
        return
    known = either(sorted(modes)) if modes else ""
    yield _issue(field, said.format(model=model, feature=_(what), modes=known))


def _issue(field: str, message: str) -> Issue:
    return Issue(field, message, KLING_MAP)
