"""Request model of Chanjing's ``tx_kling2.5``. Page: chanjing-tx-kling2.5."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from backend.errors import Issue
from backend.providers.fields import Group, Kind, RequestModel, Role, field
from backend.providers.sources import CHANJING
from backend.providers.values import OptionalAddress, OptionalImage, OptionalText, other_image_type

PAGE = CHANJING


class TxKling25(RequestModel):
    """``POST /open/v1/ai_creation/task/submit`` with ``model_code`` ``tx_kling2.5``."""

    RULES_FROM = PAGE
    ALWAYS_SENT = frozenset({"creation_type", "model_code"})

    ref_prompt: OptionalText = field(
        None,
        title="Prompt",
        help="What the film shows; without it Chanjing uses a prompt of its own.",
        role=Role.PROMPT,
        kind=Kind.PROSE,
        default_note="Chanjing's own prompt if not sent",
    )
    video_duration: int | None = field(
        None,
        title="Duration",
        help="Length of the film; which lengths are taken is not published.",
        role=Role.DURATION,
        unit="s",
        choices=(5, 10),
        ge=1,
    )
    aspect_ratio: OptionalText = field(
        None,
        title="Aspect ratio",
        help="Proportions of the film.",
        role=Role.ASPECT_RATIO,
        choices=("16:9", "9:16", "1:1"),
    )
    clarity: int | None = field(
        None,
        title="Resolution",
        help="Lines of the picture, usually 720 or 1080.",
        role=Role.RESOLUTION,
        choices=(720, 1080),
        ge=1,
    )
    quality_mode: OptionalText = field(
        None,
        title="Quality",
        help="pro is made with preference for quality.",
        role=Role.QUALITY,
        choices=("std", "pro"),
    )
    start_frame: OptionalImage = field(
        None,
        title="First frame",
        help="Address of the picture that the film starts with.",
        role=Role.FIRST_FRAME,
        group=Group.FRAMES,
    )
    end_frame: OptionalImage = field(
        None,
        title="Last frame",
        help="Address of the picture that the film ends with.",
        role=Role.LAST_FRAME,
        group=Group.FRAMES,
    )
    callback: OptionalAddress = field(
        None,
        title="Callback address",
        help="Chanjing posts the finished task to this address.",
        role=Role.CALLBACK,
        group=Group.DELIVERY,
    )
    creation_type: Literal[4] = field(
        4,
        title="Creation type",
        help="4 is video; nothing else is taken here.",
        group=Group.ADVANCED,
        default_note="4, always sent",
    )
    model_code: Literal["tx_kling2.5"] = field(
        "tx_kling2.5",
        title="Model",
        help="Fixed for this operation.",
        role=Role.MODEL,
        group=Group.ADVANCED,
        default_note="tx_kling2.5, always sent",
    )

    def warnings(self) -> Iterator[Issue]:
        """Yield values that no page and no known client uses."""
        unusual = (
            ("video_duration", range(5, 11), "clients send 5 to 10; what is taken is not published"),
            ("aspect_ratio", ("16:9", "9:16", "1:1"), "only 16:9 is documented; clients send 9:16 and 1:1"),
            ("clarity", (720, 1080), "720 and 1080 are documented"),
            ("quality_mode", ("std", "pro"), "std and pro are known"),
        )
        for name, usual, message in unusual:
            value = getattr(self, name)
            if value is not None and value not in usual:
                yield Issue(name, message, "FACTS 1.3")
        for name in ("start_frame", "end_frame"):
            yield from other_image_type(name, getattr(self, name), PAGE)
