"""Objects inside a request of Kling's legacy standard: camera, motion brush, shots, voices, elements."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator

from backend.errors import Issue
from backend.language import N_, _
from backend.providers.fields import FormModel, LineForm, field
from backend.providers.idle import Idle
from backend.providers.values import Number, Picture

CameraType = Literal["simple", "down_back", "forward_up", "right_turn_forward", "left_turn_forward"]

_AXES: Mapping[str, tuple[str, str]] = {
    "horizontal": (N_("Horizontal"), N_("Move along the x axis: negative is left, positive is right.")),
    "vertical": (N_("Vertical"), N_("Move along the y axis: negative is down, positive is up.")),
    "pan": (N_("Pan"), N_("Turn about the y axis: negative is left, positive is right.")),
    "tilt": (N_("Tilt"), N_("Turn about the x axis: negative is down, positive is up.")),
    "roll": (N_("Roll"), N_("Turn about the z axis: negative is counter-clockwise, positive is clockwise.")),
    "zoom": (N_("Zoom"), N_("Change the focal length: negative narrows the view, positive widens it.")),
}


def axis(name: str, default: Any = None) -> Any:
    """Declare one of the camera's six movements."""
    title, help = _AXES[name]
    return field(default, title=title, help=help, default_note="0 if not sent", ge=-10, le=10)


class CameraConfig(FormModel):
    """How far the camera moves: one of six, from -10 to 10."""

    horizontal: Number | None = axis("horizontal")
    vertical: Number | None = axis("vertical")
    pan: Number | None = axis("pan")
    tilt: Number | None = axis("tilt")
    roll: Number | None = axis("roll")
    zoom: Number | None = axis("zoom")


class CameraControl(FormModel):
    """A camera movement, ready-made or simple."""

    type: CameraType = field(
        title=N_("Camera movement"), help=N_("A ready-made movement, or simple to choose one of six below.")
    )
    config: CameraConfig | None = field(
        None, title=N_("Simple movement"), help=N_("Only for simple: set exactly one of the six.")
    )


def camera_issues(type: str, config: Mapping[str, Any] | None, source: str) -> Iterator[Issue]:
    """Yield what is wrong with a camera movement: `config` belongs to simple, and has one part not zero."""
    if type != "simple":
        if config is not None:
            message = _("leave it out with {type}: only simple takes a config").format(type=type)
            yield Issue("camera_control.config", message, source)
        return
    moving = [name for name, value in (config or {}).items() if value]
    if len(moving) != 1:
        said = _("exactly one of the six must not be 0; all are zero")
        if moving:
            said = _("exactly one of the six must not be 0; these are not: {names}")
            said = said.format(names=", ".join(moving))
        yield Issue("camera_control.config", said, source)


class Point(FormModel):
    """A point of a path, in pixels from the lower left corner of the first frame."""

    x: int = field(title=N_("x"), help=N_("Pixels from the left edge."), unit=N_("px"))
    y: int = field(title=N_("y"), help=N_("Pixels from the bottom edge."), unit=N_("px"))


class DynamicMask(FormModel):
    """An area that moves, and the path on which it does."""

    mask: Picture = field(title=N_("Mask"), help=N_("Picture of the area, of the first frame's proportions."))
    trajectories: list[Point] = field(
        title=N_("Path"), help=N_("2 to 77 points, the first is the start."), min_length=2, max_length=77
    )


def _seconds(text: str) -> str:
    if not (text.isascii() and text.isdigit() and int(text[:9]) >= 1):
        raise ValueError(_('must be whole seconds as a text, at least "1"'))
    return text


class Shot(FormModel):
    """One of several shots."""

    LINE = LineForm(
        pattern=re.compile(r"(?P<duration>\d{1,4})(?:\s*s\b)?[\s:,]+(?P<prompt>\S.*)"),
        example=N_("2 a cat wakes up"),
        numbered="index",
    )

    index: int = field(title=N_("Number"), help=N_("Place in the film, from 1."), ge=1)
    prompt: str = field(title=N_("Prompt"), help=N_("What happens in this shot."), max_length=512)
    duration: Annotated[str, AfterValidator(_seconds)] = field(
        title=N_("Seconds"), help=N_("Length of this shot; all together make up the duration."), unit=N_("s")
    )


_BLANK = r"\{\{\s*\w+\s*\}\}"


class Voice(FormModel):
    """A voice that the prompt calls as ``<<<voice_1>>>``."""

    LINE = LineForm(
        pattern=re.compile(rf"(?P<voice_id>{_BLANK}|[^\s{{}}\[\]\"',]+)"), example="829824295735410756"
    )

    voice_id: str = field(title=N_("Voice id"), help=N_("The id of a voice in the account."), min_length=1)


class Element(FormModel):
    """A subject from the account's library."""

    LINE = LineForm(pattern=re.compile(rf"(?P<element_id>{_BLANK}|\d{{1,19}})"), example="829836802793406551")

    element_id: int = field(title=N_("Element id"), help=N_("The id of an element in the account."))


class WatermarkInfo(FormModel):
    """Whether a watermarked copy is made as well."""

    enabled: bool = field(title=N_("Watermarked copy"), help=N_("Also make a copy with the watermark."))


def idle_shots(values: Mapping[str, Any], source: str) -> Iterator[Idle]:
    """Yield the fields about shots that count only with others."""
    if values.get("multi_shot") in (None, False):
        said = _("counts only with several shots switched on (multi_shot)")
        yield Idle(
            fields=("multi_prompt", "shot_type"),
            because=_("only with several shots"),
            source=source,
            doubt=said,
        )
    elif values.get("shot_type") == "intelligence":
        yield Idle(fields=("multi_prompt",), because=_("not with intelligence"), source=source)


def idle_movements(values: Mapping[str, Any], source: str) -> Iterator[Idle]:
    """Yield the six movements of the camera, but for the type that takes them."""
    control = values.get("camera_control")
    type = control.get("type") if isinstance(control, Mapping) else None
    if type is None or (type != "simple" and type in get_args(CameraType)):
        because = _("only with camera movement simple")
        yield Idle(fields=("camera_control.config",), because=because, source=source)


def shot_issues(
    multi_shot: bool | None,
    shot_type: str | None,
    prompt: str | None,
    shots: Sequence[Shot] | None,
    duration: str | None,
    source: str,
) -> Iterator[Issue]:
    """Yield what is wrong with a film of several shots."""
    if not multi_shot:
        return
    if shot_type is None:
        yield Issue("shot_type", _("several shots need a shot type"), source)
    elif shot_type == "intelligence":
        if not prompt:
            yield Issue("prompt", _("intelligence needs a prompt to cut into shots"), source)
    elif not shots:
        yield Issue("multi_prompt", _("customize needs the list of shots"), source)
    if shots:
        total, wanted = sum(int(shot.duration[:9]) for shot in shots), int(duration or "5")
        if total != wanted:
            said = _("the shots last {total} s together, the duration is {wanted} s")
            said = said.format(total=total, wanted=wanted)
            yield Issue("multi_prompt", said, source)
