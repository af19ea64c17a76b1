"""The words in which request models tell a person about their fields."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from pydantic import Field
from pydantic_core import PydanticUndefined

from backend.language import N_


class Group(StrEnum):
    """Where a field stands in the form, in this order."""

    BASICS = "basics"
    FRAMES = "frames"
    MOTION = "motion"
    CAMERA = "camera"
    SOUND = "sound"
    DELIVERY = "delivery"
    ADVANCED = "advanced"

    @property
    def label(self) -> str:
        """What a person reads, to be translated."""
        return _GROUP_LABELS[self]


_GROUP_LABELS = {
    Group.BASICS: N_("Basics"),
    Group.FRAMES: N_("Frames"),
    Group.MOTION: N_("Motion"),
    Group.CAMERA: N_("Camera"),
    Group.SOUND: N_("Sound"),
    Group.DELIVERY: N_("Delivery"),
    Group.ADVANCED: N_("Advanced"),
}


class Role(StrEnum):
    """What a field means, so that a draft can move between operations."""

    MODEL = "model"
    SCENE = "scene"
    PROMPT = "prompt"
    NEGATIVE_PROMPT = "negative_prompt"
    FIRST_FRAME = "first_frame"
    LAST_FRAME = "last_frame"
    DURATION = "duration"
    ASPECT_RATIO = "aspect_ratio"
    RESOLUTION = "resolution"
    QUALITY = "quality"
    GUIDANCE = "guidance"
    SOUND = "sound"
    CALLBACK = "callback"
    EXTERNAL_ID = "external_id"


class Kind(StrEnum):
    """What sort of value a field takes."""

    TEXT = "text"
    PROSE = "prose"
    """Text of several lines."""
    URL = "url"
    IMAGE = "image"
    """An address, or a local file or Base64 where the operation takes them."""
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    LIST = "list"
    """A JSON array; entered as JSON, or a value a line for plain texts."""
    OBJECT = "object"
    """A nested model; its own fields are in :attr:`FieldSpec.fields`."""


@dataclass(frozen=True, slots=True)
class PictureLimit:
    """Marks a field that takes a picture from the user's disk, by its path."""

    largest: int
    """Bytes."""


@dataclass(frozen=True, slots=True)
class PublishedPrice:
    """What a request costs by a price list."""

    amount: Decimal
    unit: str
    source: str
    """Whose list, in words that stand behind the amount."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineForm:
    """How an object in a list may be written as a line of text."""

    pattern: re.Pattern[str]
    """Its groups are the fields."""
    example: str
    numbered: str = ""
    """The field that counts the lines from 1."""


VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
"""A blank to be filled in, as the pages print them: ``{{first_frame_url}}``."""


def field(
    default: Any = PydanticUndefined,
    *,
    title: str,
    help: str = "",
    group: Group | None = None,
    role: Role | None = None,
    kind: Kind | None = None,
    unit: str = "",
    choices: Sequence[str | int | float] = (),
    default_note: str = "",
    path: str = "",
    **limits: Any,
) -> Any:
    """Declare a field of a request model; its sentences are marked with :func:`~backend.language.N_`.

    Without a `group` a nested field stands where its parent does, any other in the basics. `choices` are
    suggestions for an open field (a closed one is a ``Literal``). `default_note` says what the provider
    assumes when the field is not sent, as ``VALUE if not sent`` or ``VALUE, always sent`` where that is known
    (see :attr:`~backend.providers.specs.FieldSpec.assumed`). `path` is where the value lies in the body,
    dotted, if not under the field's own name. `limits` go to :func:`pydantic.Field`.
    """
    extra: dict[str, Any] = {
        "help": help,
        "group": group,
        "role": role,
        "kind": kind,
        "unit": unit,
        "choices": list(choices),
        "default_note": default_note,
        "path": path,
    }
    return Field(default, title=title, json_schema_extra=extra, **limits)
