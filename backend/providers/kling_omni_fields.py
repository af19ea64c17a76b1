"""Request model of Kling's ``/v1/videos/omni-video``: pictures, films and elements that a prompt names.

FACTS 2.5, and 2.3 for the fields that all of the legacy standard shares.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal, get_args

from backend.errors import Issue
from backend.language import N_, _, ngettext
from backend.providers import sources
from backend.providers.fields import FormModel, Group, Kind, RequestModel, Role, field
from backend.providers.idle import Idle, not_for
from backend.providers.kling_models import lacking, unsupported
from backend.providers.kling_parts import Element, Shot, WatermarkInfo, idle_shots, shot_issues
from backend.providers.values import (
    OptionalAddress,
    OptionalText,
    Picture,
    WebAddress,
    other_image_type,
)

OmniModel = Literal["kling-video-o1", "kling-v3-omni"]
OmniDuration = Literal["5", "10", "3", "4", "6", "7", "8", "9", "11", "12", "13", "14", "15"]

MOST_IMAGES = 7
MOST_IMAGES_WITH_VIDEO = 4
_LONGEST_O1 = 10
_MARK = re.compile(r"<<<(image|video|element)_(\d{1,4})>>>")


class OmniImage(FormModel):
    """A picture, as a frame of the film or for reference."""

    image_url: Picture = field(
        title=N_("Picture"),
        help=N_("Address, file or bare Base64 of a .jpg or .png up to 10 MB, each side 300 px or more."),
    )
    type: Literal["first_frame", "end_frame"] | None = field(
        None, title=N_("Use as"), help=N_("The film's first or last frame; without it a plain reference.")
    )


class OmniVideoReference(FormModel):
    """A film to work from."""

    video_url: WebAddress = field(title=N_("Film"), help=N_("Address of the film."))
    refer_type: Literal["feature", "base"] | None = field(
        None, title=N_("Use as"), help=N_("feature takes its look or movement, base edits the film itself.")
    )
    keep_original_sound: Literal["yes", "no"] | None = field(
        None, title=N_("Keep its sound"), help=N_("Whether the film's own sound stays.")
    )


class OmniVideo(RequestModel):
    """``POST /v1/videos/omni-video``."""

    RULES_FROM = sources.KLING_OMNI
    ALWAYS_SENT = frozenset({"model_name"})

    model_name: OmniModel = field(
        "kling-video-o1",
        title=N_("Model"),
        help=N_("The model; kling-v3-omni also makes sound and several shots."),
        role=Role.MODEL,
        default_note="kling-video-o1, always sent",
    )
    prompt: OptionalText = field(
        None,
        title=N_("Prompt"),
        help=N_("What the film shows, up to 2500 characters; names inputs as <<<image_1>>>, <<<video_1>>>."),
        role=Role.PROMPT,
        kind=Kind.PROSE,
        max_length=2500,
    )
    duration: OmniDuration | None = field(
        None,
        title=N_("Duration"),
        help=N_("3 to 10 seconds; kling-v3-omni takes up to 15."),
        role=Role.DURATION,
        unit=N_("s"),
        default_note="5 if not sent",
    )
    mode: Literal["std", "pro", "4k"] | None = field(
        None,
        title=N_("Mode"),
        help=N_("std costs less, pro looks better, 4k is for kling-v3-omni only."),
        role=Role.QUALITY,
        default_note="pro if not sent",
    )
    aspect_ratio: Literal["16:9", "9:16", "1:1"] | None = field(
        None,
        title=N_("Aspect ratio"),
        help=N_("Proportions of the film; needed without a first frame and without a film to work from."),
        role=Role.ASPECT_RATIO,
    )
    image_list: list[OmniImage] | None = field(
        None,
        title=N_("Pictures"),
        help=N_("Up to 7, up to 4 together with a film."),
        group=Group.FRAMES,
        max_length=MOST_IMAGES,
    )
    video_list: list[OmniVideoReference] | None = field(
        None, title=N_("Films"), help=N_("One film to work from."), group=Group.FRAMES, max_length=1
    )
    element_list: list[Element] | None = field(
        None, title=N_("Elements"), help=N_("Subjects from the account's library."), group=Group.FRAMES
    )
    multi_shot: bool | None = field(
        None,
        title=N_("Several shots"),
        help=N_("Make a film of several shots (kling-v3-omni)."),
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
        help=N_("Make the film with sound (kling-v3-omni)."),
        role=Role.SOUND,
        group=Group.SOUND,
        default_note="off if not sent",
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

    @property
    def _frames(self) -> set[str]:
        return {image.type for image in self.image_list or () if image.type}

    @classmethod
    def idle(cls, values: Mapping[str, Any]) -> Iterator[Idle]:
        """Yield what the capability map and the page say to be of no use."""
        yield from lacking("omni-video", values)
        model = values.get("model_name")
        if model == "kling-video-o1":
            longer = tuple(choice for choice in get_args(OmniDuration) if int(choice) > _LONGEST_O1)
            yield Idle(fields=("duration",), because=not_for(model), source=cls.RULES_FROM, choices=longer)
        yield from idle_shots(values, cls.RULES_FROM)

    def rules(self) -> Iterator[Issue]:
        """Yield what breaks the page's rules across fields."""
        source = self.RULES_FROM
        if not self.prompt and not (self.multi_shot and self.shot_type):
            yield Issue("prompt", _("required, unless there is a list of shots (customize)"), source)
        if self.duration and int(self.duration) > _LONGEST_O1 and self.model_name == "kling-video-o1":
            said = _("kling-video-o1 takes 3 to 10; only kling-v3-omni takes more")
            yield Issue("duration", said, source)
        if self.mode == "4k" and self.model_name == "kling-video-o1":
            yield Issue("mode", _("4k is for kling-v3-omni only"), source)
        if self.video_list and len(self.image_list or ()) > MOST_IMAGES_WITH_VIDEO:
            said = _("at most {limit} pictures together with a film, this has {count}").format(
                limit=MOST_IMAGES_WITH_VIDEO, count=len(self.image_list or ())
            )
            yield Issue("image_list", said, source)
        if not self.aspect_ratio and not self.video_list and "first_frame" not in self._frames:
            said = _("required without a first frame and without a film to work from")
            yield Issue("aspect_ratio", said, source)
        yield from shot_issues(
            self.multi_shot, self.shot_type, self.prompt, self.multi_prompt, self.duration, source
        )

    def warnings(self) -> Iterator[Issue]:
        """Yield what the capability map says against the request, and names of inputs that are not there."""
        yield from unsupported("omni-video", self.values())
        yield from super().warnings()
        lone_frame = self._frames == {"first_frame"} and len(self.image_list or ()) == 1
        short = self.duration in (None, "5", "10")
        if self.model_name == "kling-video-o1" and lone_frame and not self.video_list and not short:
            said = _("kling-video-o1 is known to take 5 or 10 with nothing but a first frame")
            yield Issue("duration", said, sources.KLING_MAP)
        for index, image in enumerate(self.image_list or ()):
            yield from other_image_type(f"image_list.{index}.image_url", image.image_url, self.RULES_FROM)
        counts = {
            "image": len(self.image_list or ()),
            "video": len(self.video_list or ()),
            "element": len(self.element_list or ()),
        }
        for found in _MARK.finditer(self.prompt or ""):
            if not 1 <= int(found[2]) <= counts[found[1]]:
                yield Issue("prompt", _names_none(found[0], found[1], counts[found[1]]), self.RULES_FROM)


def _names_none(mark: str, kind: str, count: int) -> str:
    if kind == "image":
        said = ngettext(
            "{mark} names no picture: there is {count}", "{mark} names no picture: there are {count}", count
        )
    elif kind == "video":
        said = ngettext(
            "{mark} names no film: there is {count}", "{mark} names no film: there are {count}", count
        )
    else:
        said = ngettext(
            "{mark} names no element: there is {count}", "{mark} names no element: there are {count}", count
        )
    return said.format(mark=mark, count=count)
