"""Request models of the relay: ``/kling/v1/videos/{text2video,image2video}``.

Pages: kling-relay-text2video; FACTS 4.3 and 4.4 for the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, get_args

from backend.errors import Issue
from backend.language import N_, _
from backend.providers import sources
from backend.providers.fields import FormModel, Group, Kind, RequestModel, Role, field
from backend.providers.idle import Idle
from backend.providers.kling_fields import ImageModel, ImageToVideo
from backend.providers.kling_models import lacking, unsupported
from backend.providers.kling_parts import CameraType, axis, camera_issues, idle_movements
from backend.providers.values import Number, OptionalAddress, OptionalText


class RelayCameraConfig(FormModel):
    """How far the camera moves: one of six, from -10 to 10, in whole steps; all six are sent."""

    ALWAYS_SENT = frozenset({"horizontal", "vertical", "pan", "tilt", "roll", "zoom"})

    horizontal: int = axis("horizontal", 0)
    vertical: int = axis("vertical", 0)
    pan: int = axis("pan", 0)
    tilt: int = axis("tilt", 0)
    roll: int = axis("roll", 0)
    zoom: int = axis("zoom", 0)


class RelayCameraControl(FormModel):
    """A camera movement, ready-made or simple."""

    type: CameraType = field(
        title=N_("Camera movement"), help=N_("A ready-made movement, or simple to choose one of six below.")
    )
    config: RelayCameraConfig | None = field(
        None, title=N_("Simple movement"), help=N_("Only for simple: set exactly one of the six.")
    )


class RelayTextToVideo(RequestModel):
    """``POST /kling/v1/videos/text2video``.

    The page marks every field required; its own example sends three, as do clients (FACTS 4.4).
    """

    RULES_FROM = sources.RELAY_TEXT

    model_name: str = field(
        title=N_("Model"),
        help=N_("The model; the relay may sell others than those suggested."),
        role=Role.MODEL,
        choices=("kling-v1", "kling-v1-5", "kling-v1-6", "kling-v2-5-turbo"),
        min_length=1,
    )
    prompt: str = field(
        title=N_("Prompt"),
        help=N_("What the film shows, up to 500 characters."),
        role=Role.PROMPT,
        kind=Kind.PROSE,
        min_length=1,
        max_length=500,
    )
    negative_prompt: str | None = field(
        None,
        title=N_("Negative prompt"),
        help=N_("What the film must not show, up to 200 characters."),
        role=Role.NEGATIVE_PROMPT,
        kind=Kind.PROSE,
        max_length=200,
    )
    duration: Literal[5, 10] | None = field(
        None,
        title=N_("Duration"),
        help=N_("Length of the film, sent as a number."),
        role=Role.DURATION,
        unit=N_("s"),
        default_note="5 if not sent",
    )
    mode: Literal["std", "pro"] | None = field(
        None,
        title=N_("Mode"),
        help=N_("std is fast, pro looks better."),
        role=Role.QUALITY,
        default_note="std if not sent",
    )
    aspect_ratio: Literal["16:9", "9:16", "1:1"] | None = field(
        None,
        title=N_("Aspect ratio"),
        help=N_("Proportions of the film; some relays make 1:1 if it is not sent."),
        role=Role.ASPECT_RATIO,
        default_note=N_("16:9 or 1:1 if not sent, as the relay likes"),
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
    camera_control: RelayCameraControl | None = field(
        None,
        title=N_("Camera"),
        help=N_("How the camera moves; without it the model decides."),
        group=Group.CAMERA,
        default_note=N_("the model decides if not set"),
    )
    callback_url: OptionalAddress = field(
        None,
        title=N_("Callback address"),
        help=N_("Changes of the task are posted to this address."),
        role=Role.CALLBACK,
        group=Group.DELIVERY,
    )
    # Not in the page's own list, but the page says that the official parameters are taken; a relay that
    # drops it does no harm.
    external_task_id: OptionalText = field(
        None,
        title=N_("Own task id"),
        help=N_("Passed on to Kling where the relay does so; reeltop makes one if you set none."),
        role=Role.EXTERNAL_ID,
        group=Group.DELIVERY,
        default_note=N_("made by reeltop"),
    )

    duration_as_text: bool | None = field(
        None,
        title=N_("Duration as text"),
        help=N_('Send the duration as "5" instead of 5, for relays that answer build_request_failed.'),
        group=Group.ADVANCED,
        default_note=N_("a number, as the page says"),
    )

    def to_body(self) -> dict[str, Any]:
        """Return the body; the duration is a JSON number unless a text is wanted."""
        body = super().to_body()
        if body.pop("duration_as_text", False) and "duration" in body:
            body["duration"] = str(body["duration"])
        return body

    @classmethod
    def read_body(cls, body: Mapping[str, Any]) -> tuple[dict[str, Any], list[Issue]]:
        """Return a body's values by field name, and what is wrong with its shape."""
        values, issues = super().read_body(body)
        if values.pop("duration_as_text", None) is not None:
            issues.append(Issue("duration_as_text", _("is a setting of reeltop, not part of the body")))
        if isinstance(values.get("duration"), str) and values["duration"] in ("5", "10"):
            values |= {"duration": int(values["duration"]), "duration_as_text": True}
        return values, issues

    @classmethod
    def idle(cls, values: Mapping[str, Any]) -> Iterator[Idle]:
        """Yield what the capability map and the page say to be of no use."""
        yield from lacking("text2video", values)
        yield from idle_movements(values, sources.RELAY_TEXT)

    def rules(self) -> Iterator[Issue]:
        """Yield what breaks the page's rules across fields."""
        if self.camera_control is not None:
            config = self.camera_control.config
            yield from camera_issues(
                self.camera_control.type,
                config.model_dump() if config is not None else None,
                sources.RELAY_TEXT,
            )

    def warnings(self) -> Iterator[Issue]:
        """Yield what the capability map and the traps of such relays say against the request."""
        yield from unsupported("text2video", self.values())
        yield from super().warnings()
        if self.aspect_ratio is None:
            yield Issue("aspect_ratio", _("some relays make 1:1 if it is not set"), sources.RELAY_REPORTS)


class RelayImageToVideo(ImageToVideo):
    """``POST /kling/v1/videos/image2video``: the body is the official one, the models are the relay's."""

    RULES_FROM = sources.RELAY_IMAGE

    model_name: str = field(  # type: ignore[assignment]  # an open list instead of a closed one
        "kling-v1",
        title=N_("Model"),
        help=N_("The model; the relay may sell others than those suggested."),
        role=Role.MODEL,
        choices=get_args(ImageModel),
        default_note="kling-v1, always sent",
        min_length=1,
    )

    def warnings(self) -> Iterator[Issue]:
        """Yield what the capability map and the traps of such relays say against the request."""
        yield from super().warnings()
        for name in _DROPPED:
            if getattr(self, name):
                yield Issue(name, _("some relays leave it out without a word"), sources.RELAY_REPORTS)


_DROPPED = ("multi_shot", "multi_prompt", "element_list", "voice_list")
"""What relays do not know that rebuild the body."""
