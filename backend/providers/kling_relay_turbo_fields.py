"""Request models of the relay's 3.0 Turbo: ``/kling/{text,image}-to-video/kling-3.0-turbo``.

Pages: kling-3.0-turbo-image-to-video; FACTS 4.3 and 4.4 for the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from backend.errors import Issue
from backend.language import N_, _
from backend.providers import sources
from backend.providers.fields import Group, Kind, PublishedPrice, RequestModel, Role, field
from backend.providers.kling_contents import item, read_contents
from backend.providers.kling_turbo import shot_syntax_issues, turbo_price
from backend.providers.values import (
    ImageAddress,
    OptionalAddress,
    OptionalText,
    PlainObject,
    other_image_type,
)


def _turbo_watermark() -> Any:
    return field(
        None,
        title=N_("Watermark"),
        help=N_('Passed on to Kling as it is, for example {"enabled": true}.'),
        group=Group.DELIVERY,
        path="options.watermark_info",
    )


def _turbo_callback() -> Any:
    return field(
        None,
        title=N_("Callback address"),
        help=N_("Kling posts the finished task to this address."),
        role=Role.CALLBACK,
        group=Group.DELIVERY,
        path="options.callback_url",
    )


def _turbo_external_id() -> Any:
    return field(
        None,
        title=N_("Own task id"),
        help=N_("Passed on to Kling; reeltop makes one if you set none."),
        role=Role.EXTERNAL_ID,
        group=Group.DELIVERY,
        default_note=N_("made by reeltop"),
        path="options.external_task_id",
    )


class RelayTurboTextToVideo(RequestModel):
    """``POST /kling/text-to-video/kling-3.0-turbo``; a prompt in `contents` is read as well."""

    RULES_FROM = sources.RELAY_TURBO_TEXT

    prompt: str = field(
        title=N_("Prompt"),
        help=N_("What the film shows, up to 3072 characters."),
        role=Role.PROMPT,
        kind=Kind.PROSE,
        min_length=1,
        max_length=3072,
    )
    duration: int | None = field(
        None,
        title=N_("Duration"),
        help=N_("3 to 15 seconds; the price grows with it."),
        role=Role.DURATION,
        unit=N_("s"),
        default_note=N_("the relay fills one in if not set"),
        path="settings.duration",
        ge=3,
        le=15,
    )
    resolution: Literal["720p", "1080p"] | None = field(
        None,
        title=N_("Resolution"),
        help=N_("1080p costs about 1.25 times as much by Kling's list price."),
        role=Role.RESOLUTION,
        default_note=N_("the relay fills one in if not set"),
        path="settings.resolution",
    )
    aspect_ratio: Literal["16:9", "9:16", "1:1"] | None = field(
        None,
        title=N_("Aspect ratio"),
        help=N_("Proportions of the film."),
        role=Role.ASPECT_RATIO,
        default_note=N_("the relay fills one in if not set"),
        path="settings.aspect_ratio",
    )
    watermark_info: PlainObject | None = _turbo_watermark()
    callback_url: OptionalAddress = _turbo_callback()
    external_task_id: OptionalText = _turbo_external_id()

    @classmethod
    def read_body(cls, body: Mapping[str, Any]) -> tuple[dict[str, Any], list[Issue]]:
        """Read a body; of a prompt at the top and one in `contents`, that at the top counts."""
        values, issues = super().read_body({key: body[key] for key in body if key != "contents"})
        if body.get("contents") is not None:
            found, broken = read_contents(body["contents"], ("prompt",), cls.RULES_FROM)
            issues += broken
            if found["prompt"]:
                values.setdefault("prompt", found["prompt"][0])
        return values, issues

    def rules(self) -> Iterator[Issue]:
        """Yield what is wrong with shots written into the prompt."""
        yield from shot_syntax_issues(self.prompt, self.duration, self.RULES_FROM)

    def warnings(self) -> Iterator[Issue]:
        """Yield what relays are reported to do."""
        if self.aspect_ratio is None:
            yield Issue("aspect_ratio", _("some relays make 1:1 if it is not set"), sources.RELAY_REPORTS)

    def published_price(self) -> PublishedPrice:
        """Return Kling's list price; what the relay asks is its own affair."""
        return turbo_price(self.duration, self.resolution, relayed=True)


class TurboImageToVideo(RequestModel):
    """``POST /kling/image-to-video/kling-3.0-turbo``; the page's `contents` are flat fields here."""

    RULES_FROM = sources.RELAY_TURBO_IMAGE

    first_frame: ImageAddress = field(
        title=N_("First frame"),
        help=N_("Address of a .jpg or .png up to 50 MB, each side 300 px or more."),
        role=Role.FIRST_FRAME,
        group=Group.FRAMES,
        path="contents.first_frame",
    )
    more_first_frames: list[ImageAddress] | None = field(
        None,
        title=N_("More first frames"),
        help=N_("The page allows several; what a second one does is not documented."),
        group=Group.ADVANCED,
        path="contents.more_first_frames",
        min_length=1,
    )
    prompt: str | None = field(
        None,
        title=N_("Prompt"),
        help=N_("What happens in the film, up to 2500 characters."),
        role=Role.PROMPT,
        kind=Kind.PROSE,
        path="contents.prompt",
        min_length=1,
        max_length=2500,
    )
    duration: int | None = field(
        None,
        title=N_("Duration"),
        help=N_("3 to 15 seconds; the price grows with it."),
        role=Role.DURATION,
        unit=N_("s"),
        default_note=N_("Kling assumes 5 if not sent; set it"),
        path="settings.duration",
        ge=3,
        le=15,
    )
    resolution: Literal["720p", "1080p"] | None = field(
        None,
        title=N_("Resolution"),
        help=N_("1080p costs about 1.5 times as much."),
        role=Role.RESOLUTION,
        default_note=N_("Kling assumes 720p if not sent; set it"),
        path="settings.resolution",
    )
    aspect_ratio: Literal["16:9", "9:16", "1:1"] | None = field(
        None,
        title=N_("Aspect ratio"),
        help=N_("Used for the price only: the film takes the first frame's proportions."),
        role=Role.ASPECT_RATIO,
        default_note=N_("the first frame decides"),
        path="settings.aspect_ratio",
    )
    watermark_info: PlainObject | None = _turbo_watermark()
    callback_url: OptionalAddress = _turbo_callback()
    external_task_id: OptionalText = _turbo_external_id()

    def to_body(self) -> dict[str, Any]:
        """Return the body with its `contents` array: first frames, then the prompt."""
        body = super().to_body()
        contents = body.pop("contents")
        frames = [contents["first_frame"], *contents.get("more_first_frames", ())]
        items = [item("first_frame", url) for url in frames]
        if "prompt" in contents:
            items.append(item("prompt", contents["prompt"]))
        return {"contents": items, **body}

    @classmethod
    def read_body(cls, body: Mapping[str, Any]) -> tuple[dict[str, Any], list[Issue]]:
        """Return a body's values by field name, and what is wrong with its shape."""
        contents, broken = _read_frames(body.get("contents"))
        rest = {key: value for key, value in body.items() if key != "contents"}
        values, issues = super().read_body({**rest, "contents": contents})
        return values, [*broken, *issues]

    def warnings(self) -> Iterator[Issue]:
        """Yield what the page advises against."""
        for name in ("duration", "resolution"):
            if getattr(self, name) is None:
                yield Issue(name, _("set it: the relay fills in no default here"), sources.RELAY_TURBO_IMAGE)
        yield from other_image_type("first_frame", self.first_frame, sources.RELAY_TURBO_IMAGE)
        if self.more_first_frames:
            yield Issue("more_first_frames", _("Kling uses one first frame"), sources.KLING_TURBO_IMAGE)

    def rules(self) -> Iterator[Issue]:
        """Yield what is wrong with shots written into the prompt."""
        yield from shot_syntax_issues(self.prompt or "", self.duration, self.RULES_FROM)

    def published_price(self) -> PublishedPrice:
        """Return Kling's list price; what the relay asks is its own affair."""
        return turbo_price(self.duration, self.resolution, relayed=True)


def _read_frames(contents: Any) -> tuple[dict[str, Any], list[Issue]]:
    """Return the flat fields in a body's `contents`, and what is wrong with the array."""
    source = sources.RELAY_TURBO_IMAGE
    found, issues = read_contents(contents, ("prompt", "first_frame"), source)
    frames, prompts = found["first_frame"], found["prompt"]
    if not frames:
        said = _("contents must include at least one first_frame item")
        issues.append(Issue("first_frame", said, source))
    flat: dict[str, Any] = {}
    if frames:
        flat["first_frame"] = frames[0]
    if frames[1:]:
        flat["more_first_frames"] = frames[1:]
    if prompts:
        flat["prompt"] = prompts[0]
    return flat, issues
