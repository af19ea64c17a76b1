"""Request models of Kling's legacy standard: ``/v1/videos/text2video`` and ``/v1/videos/image2video``.

Pages: kling-official-image2video; FACTS 2.3 and 2.4 for text2video and what came after the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal, Self, get_args

from pydantic import ModelWrapValidatorHandler, PrivateAttr, model_validator

from backend.errors import Issue
from backend.language import N_, _
from backend.providers import sources
from backend.providers.complaints import together
from backend.providers.fields import Group, Kind, RequestModel, Role, field
from backend.providers.idle import Idle, not_for
from backend.providers.kling_models import CAPABILITIES, lacking, unsupported
from backend.providers.kling_parts import (
    CameraControl,
    DynamicMask,
    Element,
    Shot,
    Voice,
    WatermarkInfo,
    camera_issues,
    idle_movements,
    idle_shots,
    shot_issues,
)
from backend.providers.values import (
    Number,
    OptionalAddress,
    OptionalPicture,
    OptionalText,
    other_image_type,
)

TextModel = Literal[
    "kling-v1",
    "kling-v1-6",
    "kling-v2-master",
    "kling-v2-1-master",
    "kling-v2-5-turbo",
    "kling-v2-6",
    "kling-v3",
]
ImageModel = Literal[
    "kling-v1",
    "kling-v1-5",
    "kling-v1-6",
    "kling-v2-master",
    "kling-v2-1",
    "kling-v2-1-master",
    "kling-v2-5-turbo",
    "kling-v2-6",
    "kling-v3",
]
Duration = Literal["5", "10", "3", "4", "6", "7", "8", "9", "11", "12", "13", "14", "15"]
_USUAL = ("5", "10")
_VOICE_MARK = re.compile(r"<<<voice_(\d{1,4})>>>")


def _is_v3(model: str) -> bool:
    """Whether a model takes all lengths; nothing is known against one that is not listed."""
    return model == "kling-v3" or model not in CAPABILITIES


class KlingRequest(RequestModel):
    """What both operations of the legacy standard take."""

    OPERATION: ClassVar[str]
    # Kling's own default is its oldest model: naming it keeps that visible in task and bill (FACTS 2.3).
    ALWAYS_SENT = frozenset({"model_name"})

    model_name: str = field(
        "kling-v1",
        title=N_("Model"),
        help=N_("The model; the default is Kling's oldest one."),
        role=Role.MODEL,
        default_note="kling-v1, always sent",
    )
    prompt: OptionalText = field(
        None,
        title=N_("Prompt"),
        help=N_("What the film shows, up to 2500 characters."),
        role=Role.PROMPT,
        kind=Kind.PROSE,
        max_length=2500,
    )
    negative_prompt: str | None = field(
        None,
        title=N_("Negative prompt"),
        help=N_("What the film must not show, up to 2500 characters."),
        role=Role.NEGATIVE_PROMPT,
        kind=Kind.PROSE,
        max_length=2500,
    )
    duration: Duration | None = field(
        None,
        title=N_("Duration"),
        help=N_("5 or 10 seconds; kling-v3 takes 3 to 15."),
        role=Role.DURATION,
        unit=N_("s"),
        default_note="5 if not sent",
    )
    mode: Literal["std", "pro", "4k"] | None = field(
        None,
        title=N_("Mode"),
        help=N_("std costs less, pro looks better, 4k is for kling-v3 only."),
        role=Role.QUALITY,
        default_note="std if not sent",
    )
    cfg_scale: Number | None = field(
        None,
        title=N_("Guidance"),
        help=N_("From 0 (free) to 1 (close to the prompt)."),
        role=Role.GUIDANCE,
        group=Group.ADVANCED,
        default_note="0.5 if not sent",
        ge=0,
        le=1,
    )
    camera_control: CameraControl | None = field(
        None,
        title=N_("Camera"),
        help=N_("How the camera moves; without it the model decides."),
        group=Group.CAMERA,
        default_note=N_("the model decides if not set"),
    )
    multi_shot: bool | None = field(
        None,
        title=N_("Several shots"),
        help=N_("Make a film of several shots (kling-v3)."),
        group=Group.MOTION,
        default_note="false if not sent",
    )
    shot_type: Literal["customize", "intelligence"] | None = field(
        None,
        title=N_("Shot type"),
        help=N_("customize follows the list of shots, intelligence cuts the prompt by itself."),
        group=Group.MOTION,
    )
    multi_prompt: list[Shot] | None = field(
        None,
        title=N_("Shots"),
        help=N_("1 to 6 shots, a line each: its seconds, then what happens; they add up to the duration."),
        group=Group.MOTION,
        min_length=1,
        max_length=6,
    )
    sound: Literal["on", "off"] | None = field(
        None,
        title=N_("Sound"),
        help=N_("Make the film with sound (kling-v2-6 in pro, kling-v3)."),
        role=Role.SOUND,
        group=Group.SOUND,
        default_note="off if not sent",
    )
    voice_list: list[Voice] | None = field(
        None,
        title=N_("Voices"),
        help=N_("Up to 2 voices, called in the prompt as <<<voice_1>>>; needs sound."),
        group=Group.SOUND,
        max_length=2,
    )
    watermark_info: WatermarkInfo | None = field(
        None, title=N_("Watermark"), help=N_("A second copy with the watermark."), group=Group.DELIVERY
    )
    callback_url: OptionalAddress = field(
        None,
        title=N_("Callback address"),
        help=N_("Kling posts every change of the task to this address."),
        role=Role.CALLBACK,
        group=Group.DELIVERY,
    )
    external_task_id: OptionalText = field(
        None,
        title=N_("Own task id"),
        help=N_("Must be unique in the account; reeltop makes one if you set none."),
        role=Role.EXTERNAL_ID,
        group=Group.DELIVERY,
        default_note=N_("made by reeltop"),
    )

    _old_model: str = PrivateAttr("")

    @classmethod
    def read_body(cls, body: Mapping[str, Any]) -> tuple[dict[str, Any], list[Issue]]:
        """Read a legacy body; its old field ``model`` has no effect at Kling and none here."""
        values, issues = super().read_body({key: body[key] for key in body if key != "model"})
        if body.get("model") is not None and "model_name" not in values:
            values["model"] = body["model"]
        return values, issues

    @model_validator(mode="wrap")
    @classmethod
    def _leave_out_old_model(cls, values: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        if not isinstance(values, Mapping) or "model" not in values:
            return handler(values)
        request = handler({key: values[key] for key in values if key != "model"})
        request._old_model = "" if "model_name" in values else str(values["model"])
        return request

    @classmethod
    def idle(cls, values: Mapping[str, Any]) -> Iterator[Idle]:
        """Yield what the capability map and the pages say to be of no use."""
        yield from lacking(cls.OPERATION, values)
        model = str(values.get("model_name"))
        if not _is_v3(model):
            others = tuple(choice for choice in get_args(Duration) if choice not in _USUAL)
            yield Idle(fields=("duration",), because=not_for(model), source=cls.RULES_FROM, choices=others)
        yield from idle_movements(values, cls.RULES_FROM)
        yield from idle_shots(values, sources.KLING_TEXT)
        if values.get("sound") in (None, "off"):
            yield Idle(fields=("voice_list",), because=_("only with sound on"), source=sources.KLING_TEXT)
        if values.get("multi_shot") is True and values.get("shot_type") == "customize":
            said = _("ignored with customize: each shot has its own prompt")
            because = _("not with customize")
            yield Idle(fields=("prompt",), because=because, source=sources.KLING_TEXT, doubt=said)

    def rules(self) -> Iterator[Issue]:
        """Yield what breaks the page's rules across fields."""
        source = self.RULES_FROM
        v3 = _is_v3(self.model_name)
        if self.duration not in (None, *_USUAL) and not v3:
            yield Issue("duration", _("must be 5 or 10; only kling-v3 takes 3 to 15"), source)
        if self.mode == "4k" and not v3:
            yield Issue("mode", _("4k is for kling-v3 only"), source)
        if self.camera_control is not None:
            config = self.camera_control.config
            yield from camera_issues(
                self.camera_control.type, config.model_dump() if config is not None else None, source
            )
        if self.voice_list and self.sound != "on":
            yield Issue("voice_list", _("voices need sound on"), sources.KLING_TEXT)
        yield from shot_issues(
            self.multi_shot,
            self.shot_type,
            self.prompt,
            self.multi_prompt,
            self.duration,
            sources.KLING_TEXT,
        )

    def warnings(self) -> Iterator[Issue]:
        """Yield what the capability map says against the request."""
        if self._old_model:
            message = _('Kling ignores the old field "model" ({model}): this makes kling-v1').format(
                model=self._old_model
            )
            yield Issue("model_name", message, sources.KLING_IMAGE)
        yield from unsupported(self.OPERATION, self.values())
        yield from super().warnings()
        for found in _VOICE_MARK.finditer(self.prompt or ""):
            if not 1 <= int(found[1]) <= len(self.voice_list or ()):
                said = _("{mark} names no voice of the list").format(mark=found[0])
                yield Issue("prompt", said, sources.KLING_TEXT)


class TextToVideo(KlingRequest):
    """``POST /v1/videos/text2video``."""

    OPERATION = "text2video"
    RULES_FROM = sources.KLING_TEXT

    model_name: TextModel = field(
        "kling-v1",
        title=N_("Model"),
        help=N_("The model; the default is Kling's oldest one."),
        role=Role.MODEL,
        default_note="kling-v1, always sent",
    )
    aspect_ratio: Literal["16:9", "9:16", "1:1"] | None = field(
        None,
        title=N_("Aspect ratio"),
        help=N_("Proportions of the film."),
        role=Role.ASPECT_RATIO,
        default_note="16:9 if not sent",
    )

    def rules(self) -> Iterator[Issue]:
        """Yield what breaks the page's rules across fields."""
        customized = self.multi_shot and self.shot_type == "customize"
        if not self.prompt and not self.multi_shot:
            said = _("required, unless there is a list of shots (customize)")
            yield Issue("prompt", said, self.RULES_FROM)
        elif not self.prompt and not customized and self.shot_type != "intelligence":
            yield Issue("prompt", _("required, unless the shot type is customize"), self.RULES_FROM)
        yield from super().rules()


class ImageToVideo(KlingRequest):
    """``POST /v1/videos/image2video``."""

    OPERATION = "image2video"
    RULES_FROM = sources.KLING_IMAGE

    model_name: ImageModel = field(
        "kling-v1",
        title=N_("Model"),
        help=N_("The model; the default is Kling's oldest one."),
        role=Role.MODEL,
        default_note="kling-v1, always sent",
    )
    image: OptionalPicture = field(
        None,
        title=N_("First frame"),
        help=N_("Address, file or bare Base64 of a .jpg or .png up to 10 MB, each side 300 px or more."),
        role=Role.FIRST_FRAME,
        group=Group.FRAMES,
    )
    image_tail: OptionalPicture = field(
        None,
        title=N_("Last frame"),
        help=N_("Address, file or bare Base64 of the picture that the film ends with."),
        role=Role.LAST_FRAME,
        group=Group.FRAMES,
    )
    static_mask: OptionalPicture = field(
        None,
        title=N_("Still area"),
        help=N_("Picture of the area that must not move, of the first frame's proportions."),
        group=Group.MOTION,
    )
    dynamic_masks: list[DynamicMask] | None = field(
        None,
        title=N_("Moving areas"),
        help=N_("Up to 6 areas, each a mask and a path of 2 to 77 points."),
        group=Group.MOTION,
        max_length=6,
    )
    element_list: list[Element] | None = field(
        None,
        title=N_("Elements"),
        help=N_("Up to 3 subjects from the account's library; not together with voices."),
        group=Group.FRAMES,
        max_length=3,
    )

    @classmethod
    def idle(cls, values: Mapping[str, Any]) -> Iterator[Idle]:
        """Yield what the map and the pages say to be of no use, and what excludes each other."""
        yield from super().idle(values)
        used = next((fields for fields in _THREE_WAY if any(values.get(name) for name in fields)), ())
        if used:
            others = tuple(name for fields in _THREE_WAY if fields != used for name in fields)
            because = _("not with {feature}").format(feature=_(_THREE_WAY[used]))
            yield Idle(fields=others, because=because, source=cls.RULES_FROM)
        for one, other, words in _TWO_WAY:
            if values.get(one):
                because = _("not with {feature}").format(feature=_(words))
                yield Idle(fields=(other,), because=because, source=sources.KLING_IMAGE)

    def rules(self) -> Iterator[Issue]:
        """Yield what breaks the page's rules across fields."""
        if not self.image and not self.image_tail:
            yield Issue("image", _("image and image_tail must not both be empty"), self.RULES_FROM)
        yield from self._three_way()
        if self.element_list and self.voice_list:
            yield Issue("element_list", _("elements and voices exclude each other"), sources.KLING_IMAGE)
        yield from super().rules()

    def warnings(self) -> Iterator[Issue]:
        """Yield what the capability map and the pictures' addresses say against the request."""
        yield from super().warnings()
        for name in ("image", "image_tail", "static_mask"):
            yield from other_image_type(name, getattr(self, name), sources.KLING_IMAGE)

    def _three_way(self) -> Iterator[Issue]:
        named = (next((name for name in fields if getattr(self, name)), "") for fields in _THREE_WAY)
        used = [name for name in named if name]
        if len(used) > 1:
            said = _(
                "use only one of end frame (image_tail), motion brush (masks) and camera_control; "
                "this has {fields}"
            ).format(fields=together(used))
            yield Issue(used[1], said, self.RULES_FROM)


_THREE_WAY: Mapping[tuple[str, ...], str] = {
    ("image_tail",): N_("an end frame"),
    ("dynamic_masks", "static_mask"): N_("the motion brush"),
    ("camera_control",): N_("camera control"),
}
"""Of these only one is used."""
_TWO_WAY = (("voice_list", "element_list", N_("voices")), ("element_list", "voice_list", N_("elements")))
