"""Request models of Kling's API 2.0, where the model stands in the path (FACTS 3).

The bodies are nested (``settings``, ``options``, ``contents``); the fields here are flat.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

from backend.errors import Issue
from backend.language import N_, _
from backend.providers import sources
from backend.providers.fields import Group, Kind, PublishedPrice, RequestModel, Role, field
from backend.providers.idle import Idle, not_for
from backend.providers.kling_contents import item, read_contents, too_many
from backend.providers.kling_parts import WatermarkInfo
from backend.providers.kling_turbo import shot_syntax_issues, turbo_price
from backend.providers.values import (
    LargePicture,
    OptionalAddress,
    OptionalLargePicture,
    OptionalText,
    other_image_type,
)

TURBO = "kling-3.0-turbo"
V2Model = Literal["kling-3.0", "kling-2.6", "kling-2.5-turbo"]

_OLDER = ("kling-2.6", "kling-2.5-turbo")
_ADVISED_PROMPT = 2500


_LONG_PROMPT = N_("What happens in the film, up to 3072 characters.")
_SHORT_PROMPT = N_("What happens in the film, up to 2500 characters.")


def _prompt(most: int, help: str, *, required: bool, path: str = "") -> Any:
    return field(
        *(() if required else (None,)),
        title=N_("Prompt"),
        help=help,
        role=Role.PROMPT,
        kind=Kind.PROSE,
        path=path,
        min_length=1,
        max_length=most,
    )


def _duration(help: str) -> Any:
    return field(
        None,
        title=N_("Duration"),
        help=help,
        role=Role.DURATION,
        unit=N_("s"),
        default_note="5 if not sent",
        path="settings.duration",
        ge=3,
        le=15,
    )


def _resolution(help: str, note: str) -> Any:
    return field(
        None,
        title=N_("Resolution"),
        help=help,
        role=Role.RESOLUTION,
        default_note=note,
        path="settings.resolution",
    )


def _aspect_ratio() -> Any:
    return field(
        None,
        title=N_("Aspect ratio"),
        help=N_("Proportions of the film."),
        role=Role.ASPECT_RATIO,
        default_note="16:9 if not sent",
        path="settings.aspect_ratio",
    )


def _watermark() -> Any:
    return field(
        None,
        title=N_("Watermark"),
        help=N_("A second copy with the watermark."),
        group=Group.DELIVERY,
        path="options.watermark_info",
    )


def _callback() -> Any:
    return field(
        None,
        title=N_("Callback address"),
        help=N_("Kling posts every change of the task to this address."),
        role=Role.CALLBACK,
        group=Group.DELIVERY,
        path="options.callback_url",
    )


def _external_id() -> Any:
    return field(
        None,
        title=N_("Own task id"),
        help=N_("Must be unique in the account; reeltop makes one if you set none."),
        role=Role.EXTERNAL_ID,
        group=Group.DELIVERY,
        default_note=N_("made by reeltop"),
        path="options.external_task_id",
    )


def _model() -> Any:
    return field(
        title=N_("Model"), help=N_("The model; it stands in the address, not in the body."), role=Role.MODEL
    )


class V2Request(RequestModel):
    """What all operations of API 2.0 have in common; operations differ in `CONTENTS`."""

    CONTENTS: ClassVar[tuple[str, ...]] = ()
    """Types of items in the body's ``contents``; none where the prompt stands at the top."""

    def model_in_path(self) -> str:
        """Return the model as the address names it."""
        return str(getattr(self, "model", TURBO))

    def to_body(self) -> dict[str, Any]:
        """Return the body; `contents` holds the prompt, then the frames."""
        body = super().to_body()
        body.pop("model", None)
        contents = body.pop("contents", None)
        if contents is None:
            return body
        return {
            "contents": [item(kind, contents[kind]) for kind in self.CONTENTS if kind in contents],
            **body,
        }

    @classmethod
    def read_body(cls, body: Mapping[str, Any]) -> tuple[dict[str, Any], list[Issue]]:
        """Return a body's values by field name, and what is wrong with its shape."""
        if not cls.CONTENTS:
            return super().read_body(body)
        found, broken = read_contents(body.get("contents"), cls.CONTENTS, cls.RULES_FROM)
        for kind, entries in found.items():
            if kind != "prompt" and len(entries) > 1:
                broken.append(too_many(kind, cls.RULES_FROM))
        rest = {key: value for key, value in body.items() if key != "contents"}
        flat = {kind: entries[0] for kind, entries in found.items() if entries}
        values, issues = super().read_body({**rest, "contents": flat})
        return values, [*broken, *issues]

    def rules(self) -> Iterator[Issue]:
        """Yield what keeps the task from being asked for by its own id."""
        if "," in (getattr(self, "external_task_id", None) or ""):
            said = _("must have no comma: ids are asked for in a list")
            yield Issue("external_task_id", said, self.RULES_FROM)


class TurboTextToVideo(V2Request):
    """``POST /text-to-video/kling-3.0-turbo``."""

    RULES_FROM = sources.KLING_TURBO_TEXT

    prompt: str = _prompt(3072, _LONG_PROMPT, required=True)
    duration: int | None = _duration(N_("3 to 15 seconds; the price grows with it."))
    resolution: Literal["720p", "1080p"] | None = _resolution(
        N_("1080p costs 1.25 times as much."), "720p if not sent"
    )
    aspect_ratio: Literal["16:9", "9:16", "1:1"] | None = _aspect_ratio()
    watermark_info: WatermarkInfo | None = _watermark()
    callback_url: OptionalAddress = _callback()
    external_task_id: OptionalText = _external_id()

    def rules(self) -> Iterator[Issue]:
        """Yield what is wrong with shots written into the prompt."""
        yield from shot_syntax_issues(self.prompt, self.duration, self.RULES_FROM)
        yield from super().rules()

    def warnings(self) -> Iterator[Issue]:
        """Yield what the page advises against."""
        if len(self.prompt) > _ADVISED_PROMPT:
            said = _("{limit} characters or fewer are advised, this has {count}").format(
                limit=_ADVISED_PROMPT, count=len(self.prompt)
            )
            yield Issue("prompt", said, self.RULES_FROM)

    def published_price(self) -> PublishedPrice:
        """Return Kling's list price."""
        return turbo_price(self.duration, self.resolution)


class TurboImageToVideo(V2Request):
    """``POST /image-to-video/kling-3.0-turbo``; the film has the first frame's proportions."""

    RULES_FROM = sources.KLING_TURBO_IMAGE
    CONTENTS = ("prompt", "first_frame")

    first_frame: LargePicture = field(
        title=N_("First frame"),
        help=N_("Address, file or bare Base64 of a .jpg or .png up to 50 MB, each side 300 px or more."),
        role=Role.FIRST_FRAME,
        group=Group.FRAMES,
        path="contents.first_frame",
    )
    prompt: str | None = _prompt(2500, _SHORT_PROMPT, required=False, path="contents.prompt")
    duration: int | None = _duration(N_("3 to 15 seconds; the price grows with it."))
    resolution: Literal["720p", "1080p"] | None = _resolution(
        N_("1080p costs 1.25 times as much."), "720p if not sent"
    )
    watermark_info: WatermarkInfo | None = _watermark()
    callback_url: OptionalAddress = _callback()
    external_task_id: OptionalText = _external_id()

    def rules(self) -> Iterator[Issue]:
        """Yield what is wrong with shots written into the prompt."""
        yield from shot_syntax_issues(self.prompt or "", self.duration, self.RULES_FROM)
        yield from super().rules()

    def warnings(self) -> Iterator[Issue]:
        """Yield what the picture's address says against it."""
        yield from other_image_type("first_frame", self.first_frame, self.RULES_FROM)

    def published_price(self) -> PublishedPrice:
        """Return Kling's list price."""
        return turbo_price(self.duration, self.resolution)


class V2Siblings(V2Request):
    """What the models beside 3.0 Turbo take, from a prompt or from frames."""

    RULES_FROM = sources.KLING_V2

    model: V2Model = _model()
    duration: int | None = _duration(N_("kling-3.0 takes 3 to 15 seconds, the others 5 or 10."))
    resolution: Literal["720p", "1080p", "4k"] | None = _resolution(
        N_("4k is for kling-3.0 only."), N_("the model decides if not set")
    )
    audio: Literal["native", "off"] | None = field(
        None,
        title=N_("Sound"),
        help=N_("native makes the film with sound (kling-3.0; kling-2.6 at 1080p)."),
        role=Role.SOUND,
        group=Group.SOUND,
        path="settings.audio",
    )
    multi_shot: bool | None = field(
        None,
        title=N_("Several shots"),
        help=N_("Whether kling-3.0 may cut the film into several shots."),
        group=Group.MOTION,
        default_note="true if not sent",
        path="settings.multi_shot",
    )
    watermark_info: WatermarkInfo | None = _watermark()
    callback_url: OptionalAddress = _callback()
    external_task_id: OptionalText = _external_id()

    @classmethod
    def idle(cls, values: Mapping[str, Any]) -> Iterator[Idle]:
        """Yield what the chosen model does not take; the rules refuse it, too."""
        model, source = str(values.get("model")), cls.RULES_FROM
        if model in _OLDER:
            yield Idle(fields=("multi_shot",), because=not_for(model), source=source)
            yield Idle(fields=("resolution",), because=not_for(model), source=source, choices=("4k",))
        if model == "kling-2.5-turbo":
            yield Idle(fields=("audio",), because=not_for(model), source=source)
        if model == "kling-2.6" and values.get("resolution") in (None, "720p"):
            yield Idle(fields=("audio",), because=_("only at 1080p"), source=source)

    def rules(self) -> Iterator[Issue]:
        """Yield what the chosen model does not take; nothing is known against one that is not listed."""
        source = self.RULES_FROM
        if self.model in _OLDER:
            if self.duration not in (None, 5, 10):
                yield Issue("duration", _("must be 5 or 10 with {model}").format(model=self.model), source)
            if self.resolution == "4k":
                yield Issue("resolution", _("4k is for kling-3.0 only"), source)
            if self.multi_shot is not None:
                yield Issue("multi_shot", _("is for kling-3.0 only"), source)
        if self.model == "kling-2.5-turbo" and self.audio is not None:
            yield Issue("audio", _("is for kling-3.0 and kling-2.6 only"), source)
        if self.model == "kling-2.6" and self.audio == "native" and self.resolution != "1080p":
            yield Issue("audio", _("native needs resolution 1080p with kling-2.6"), source)
        yield from super().rules()


class V2TextToVideo(V2Siblings):
    """``POST /text-to-video/{model}``."""

    prompt: str = _prompt(3072, _LONG_PROMPT, required=True)
    aspect_ratio: Literal["16:9", "9:16", "1:1"] | None = _aspect_ratio()


class V2ImageToVideo(V2Siblings):
    """``POST /image-to-video/{model}``."""

    CONTENTS = ("prompt", "first_frame", "last_frame")

    prompt: str | None = _prompt(2500, _SHORT_PROMPT, required=False, path="contents.prompt")
    first_frame: OptionalLargePicture = field(
        None,
        title=N_("First frame"),
        help=N_("Address, file or bare Base64 of a .jpg or .png up to 50 MB, each side 300 px or more."),
        role=Role.FIRST_FRAME,
        group=Group.FRAMES,
        path="contents.first_frame",
    )
    last_frame: OptionalLargePicture = field(
        None,
        title=N_("Last frame"),
        help=N_("Address, file or bare Base64 of the picture that the film ends with."),
        role=Role.LAST_FRAME,
        group=Group.FRAMES,
        path="contents.last_frame",
    )

    def rules(self) -> Iterator[Issue]:
        """Yield what breaks the rules about frames."""
        if not self.first_frame and not self.last_frame:
            yield Issue("first_frame", _("contents must include at least one frame"), self.RULES_FROM)
        if self.first_frame and self.last_frame and self.model in _OLDER and self.resolution != "1080p":
            said = _("first and last frame need resolution 1080p with {model}").format(model=self.model)
            yield Issue("last_frame", said, self.RULES_FROM)
        yield from super().rules()

    def warnings(self) -> Iterator[Issue]:
        """Yield what the pictures' addresses say against them."""
        for name in ("first_frame", "last_frame"):
            yield from other_image_type(name, getattr(self, name), self.RULES_FROM)
