"""Objects inside a request for an OpenAI-style gateway, and the text that several shots are written as."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ValidationError

from backend.language import N_, _
from backend.providers.fields import FormModel, Group, Kind, field
from backend.providers.kling_parts import Shot
from backend.providers.values import OptionalAddress, OptionalText, WebAddress

EXT_INFO = "ext_info"
_INSIDE = "AdditionalParameters"
_IN_ORDER = ("multi_prompt", "shot_type", "multi_shot")
"""As the page's example has them."""


Switch = Literal["Enabled", "Disabled"]


def _is_seconds(text: str) -> bool:
    whole, _point, part = text.partition(".")
    digits = whole + part
    return digits.isascii() and digits.isdigit() and len(digits) <= 9 and float(text) > 0


def _seconds_text(text: str) -> str:
    if not _is_seconds(text):
        raise ValueError(_('must be seconds as a text, such as "5"'))
    return text


def _seconds_either(value: Any) -> Any:
    given = str(value)
    if isinstance(value, bool) or not isinstance(value, int | float | str) or not _is_seconds(given):
        raise ValueError(_("must be a number of seconds, or one as a text"))
    return value


def json_object(text: str) -> str:
    try:
        is_object = isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        is_object = False
    if not is_object:
        raise ValueError(_("must be a text that holds a JSON object"))
    return text


SecondsText = Annotated[str, AfterValidator(_seconds_text)]
Seconds = Annotated[Any, AfterValidator(_seconds_either), Kind.NUMBER]


class Link(FormModel):
    """An address in an object of its own, as OpenAI writes it."""

    url: WebAddress = field(title=N_("Address"), help=N_("Public http(s) address."))


class ContentItem(FormModel):
    """One entry of the multimodal `content`."""

    type: str = field(
        title=N_("Type"),
        help=N_("text, image_url, video_url or another type that the gateway takes."),
        choices=("text", "image_url", "video_url"),
        min_length=1,
    )
    text: str | None = field(None, title=N_("Text"), help=N_("Part of the prompt, for type text."))
    image_url: Link | None = field(None, title=N_("Picture"), help=N_("For type image_url."))
    video_url: Link | None = field(None, title=N_("Film"), help=N_("For type video_url."))


class FileInfo(FormModel):
    """One file that the film is made from."""

    type: Literal["Url", "File"] = field(title=N_("Type"), help=N_("Url needs url, File needs file_id."))
    category: Literal["Image", "Video"] | None = field(
        None, title=N_("Category"), help=N_("Whether it is a picture or a film.")
    )
    url: OptionalAddress = field(None, title=N_("Address"), help=N_("Public address, for type Url."))
    file_id: OptionalText = field(
        None, title=N_("File id"), help=N_("Id of an uploaded file, for type File.")
    )
    usage: OptionalText = field(
        None,
        title=N_("Usage"),
        help=N_("What the file is for, such as FirstFrame or Reference."),
        choices=("FirstFrame", "Reference"),
    )
    reference_type: Literal["feature", "base"] | None = field(
        None, title=N_("Reference type"), help=N_("How a film is used: its features, or as the base.")
    )


class Shots(FormModel):
    """Several shots in one film, which travel as JSON within JSON in ``metadata.ext_info``."""

    multi_shot: bool | None = field(
        None,
        title=N_("Several shots"),
        help=N_("Make a film of several shots, with kling-3.0 and kling-3.0-omni."),
        group=Group.MOTION,
        path=f"metadata.{EXT_INFO}.multi_shot",
    )
    shot_type: Literal["customize", "intelligence"] | None = field(
        None,
        title=N_("Shot type"),
        help=N_("customize takes the list of shots, intelligence divides the prompt itself."),
        group=Group.MOTION,
        path=f"metadata.{EXT_INFO}.shot_type",
    )
    multi_prompt: list[Shot] | None = field(
        None,
        title=N_("Shots"),
        help=N_("A line for each shot: its seconds, then what happens; or JSON."),
        group=Group.MOTION,
        path=f"metadata.{EXT_INFO}.multi_prompt",
    )


def write_shots(values: Mapping[str, Any]) -> str:
    """Return the text of ``ext_info`` for set fields of :class:`Shots`."""
    inside = {name: values[name] for name in _IN_ORDER if name in values}
    return _compact({_INSIDE: _compact(inside)})


def read_shots(text: Any) -> dict[str, Any] | None:
    """Return the fields of :class:`Shots` that `text` holds; None if it says anything else, or the same in
    other letters: then it is kept as it is."""
    try:
        inside = json.loads(json.loads(text)[_INSIDE])
        if write_shots(inside) != text:
            return None
        shots = Shots.model_validate(inside, strict=True)
    except (ValueError, TypeError, KeyError, RecursionError, ValidationError):
        return None
    values = shots.model_dump(mode="json", exclude_unset=True, exclude_none=True)
    return values if values and write_shots(values) == text else None


def _compact(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
