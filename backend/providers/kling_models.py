"""What each model of Kling's legacy standard supports, as far as known (FACTS 2.12).

The cells come from the vendor's change log and from third-party transcriptions of the vendor's map, so
they only ever make warnings, and fields that a form leaves out until they are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from backend.errors import Issue
from backend.language import N_, _
from backend.providers.complaints import either
from backend.providers.idle import Idle, idle_fields, is_used, not_for
from backend.providers.kling_parts import CameraType
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
    """Of those of `last_frame`."""
    silent_last_frame: bool = False
    """Whether an end frame is known to go without sound only."""
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
    "kling-v2-6": Capability(operations=_EITHER, last_frame=_PRO, silent_last_frame=True, sound=_PRO),
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


@dataclass(frozen=True, slots=True)
class _Feature:
    """What a model has or lacks, and the fields that are for it."""

    fields: tuple[str, ...]
    """If the first is used all the same, the others belong to it and are of use with it."""
    words: str
    modes: Callable[[Capability, str], frozenset[str]]
    """In which modes a model has it in an operation."""
    is_short: Callable[[Capability], bool] = lambda _capability: False
    """Whether a model is known to have it at 5 seconds only."""


_FEATURES = (
    _Feature(
        ("image_tail",),
        N_("an end frame"),
        lambda capability, _operation: capability.last_frame,
        lambda capability: capability.last_frame_short,
    ),
    _Feature(
        ("camera_control.type", "camera_control.config"),
        N_("camera control"),
        lambda capability, operation: capability.camera_modes if operation in capability.camera else _NO,
        lambda _capability: True,
    ),
    _Feature(
        ("dynamic_masks", "static_mask"),
        N_("the motion brush"),
        lambda capability, _operation: capability.brush,
        lambda _capability: True,
    ),
    _Feature(("sound", "voice_list"), N_("sound"), lambda capability, _operation: capability.sound),
    _Feature(
        ("multi_shot", "shot_type", "multi_prompt"),
        N_("several shots"),
        lambda capability, _operation: _ALL if capability.multi_shot else _NO,
    ),
    _Feature(
        ("cfg_scale",), N_("guidance"), lambda capability, _operation: _ALL if capability.guidance else _NO
    ),
)


def unsupported(operation: str, request: Mapping[str, Any]) -> Iterator[Issue]:
    """Yield what the map says against the values of `request`, the fields of a legacy body that are set.

    Fields that are of no use at all are told by :func:`lacking`.
    """
    model = request.get("model_name") or "kling-v1"
    capability = CAPABILITIES.get(model)
    if capability is None:
        yield _issue("model_name", _("{model} is not on the list of known models").format(model=model))
        return
    if operation not in capability.operations:
        said = _("{model} is not known to do {operation}").format(model=model, operation=operation)
        yield _issue("model_name", said)
    if request.get("image_tail") and not request.get("image"):
        known = idle_fields([*lacking(operation, request)], ("image_tail",))
        mode = request.get("mode") or _default_mode(operation)
        if not known and mode not in capability.last_frame_alone:
            words = _in_modes(model, N_("an end frame alone"), capability.last_frame_alone)
            yield _issue("image_tail", words)


def lacking(operation: str, values: Mapping[str, Any]) -> Iterator[Idle]:
    """Yield the fields and choices that are of no use with a model, as the map has it; none for others."""
    model = str(values.get("model_name"))
    capability = CAPABILITIES.get(model)
    if capability is None:
        return
    yield from _modes(model, capability)
    for feature in _FEATURES:
        yield from _missing(feature, operation, model, capability, values)
    if capability.silent_last_frame and values.get("image") and values.get("image_tail"):
        said = _("{model} is known to take an end frame only without sound").format(model=model)
        yield _idle(("sound", "voice_list"), _("not with an end frame"), said)
    if capability.simple_camera_only:
        said = _("{model} is known to take simple only").format(model=model)
        ready_made = tuple(name for name in get_args(CameraType) if name != "simple")
        yield _idle(("camera_control.type",), not_for(model), said, ready_made)


def _modes(model: str, capability: Capability) -> Iterator[Idle]:
    if not capability.modes:
        said = _("{model} is known to take no mode at all").format(model=model)
        yield _idle(("mode",), not_for(model), said)
    elif others := sorted(_ALL - capability.modes):
        modes = either(sorted(capability.modes))
        said = _("{model} is known to take only {modes}").format(model=model, modes=modes)
        yield _idle(("mode",), not_for(model), said, tuple(others))


def _missing(
    feature: _Feature, operation: str, model: str, capability: Capability, values: Mapping[str, Any]
) -> Iterator[Idle]:
    modes = feature.modes(capability, operation)
    mode = values.get("mode") or _default_mode(operation)
    said = _in_modes(model, feature.words, modes)
    fields = feature.fields[:1] if is_used(values, feature.fields[0]) else feature.fields
    if not modes:
        yield _idle(fields, not_for(model), said)
    elif mode in _ALL and mode not in modes:
        because = _("only in mode {modes}").format(modes=either(sorted(modes)))
        yield _idle(fields, because, said)
    elif feature.is_short(capability) and _seconds(values) not in ("5", ""):
        said = _("{model} is known to take {feature} only at 5 seconds")
        said = said.format(model=model, feature=_(feature.words))
        yield _idle(fields, _("only at 5 seconds"), said)


def _default_mode(operation: str) -> str:
    return "pro" if operation == "omni-video" else "std"


def _seconds(values: Mapping[str, Any]) -> str:
    """Return the whole seconds that are asked for; empty if they are a blank or no number."""
    text = str(values.get("duration") or "5")
    return text if text.isdecimal() else ""


def _in_modes(model: str, what: str, modes: frozenset[str]) -> str:
    if not modes:
        said = _("{model} is not known to support {feature}")
        return said.format(model=model, feature=_(what))
    said = _("{model} is known to take {feature} only in mode {modes}")
    return said.format(model=model, feature=_(what), modes=either(sorted(modes)))


def _idle(fields: tuple[str, ...], because: str, doubt: str, choices: tuple[str, ...] = ()) -> Idle:
    return Idle(fields=fields, because=because, source=KLING_MAP, doubt=doubt, choices=choices)


def _issue(field: str, message: str) -> Issue:
    return Issue(field, message, KLING_MAP)
