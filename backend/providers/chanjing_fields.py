"""Request models of Chanjing's Kling models, one for each shape of body (FACTS 1.3).

All go to ``POST /open/v1/ai_creation/task/submit``. Where the body has ``ref_img_url``, an array of first and
last frame, the fields are the two frames all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from backend.errors import Issue
from backend.providers import sources
from backend.providers.fields import Group, Kind, RequestModel, Role, field
from backend.providers.values import (
    OptionalAddress,
    OptionalLinkedPicture,
    OptionalText,
    other_image_type,
)

PAGE = sources.CHANJING_KLING
TX_KLING_25, TX_KLING_21, KLING_25_TURBO = "tx_kling2.5", "tx_kling-v2-1-master", "kling-v2-5-turbo-normal"
_REFERENCES = "ref_img_url"


class _Basics(RequestModel):
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


class _Clarity(_Basics):
    clarity: int | None = field(
        None,
        title="Resolution",
        help="Lines of the picture, usually 720 or 1080.",
        role=Role.RESOLUTION,
        choices=(720, 1080),
        ge=1,
    )


class _Rest(_Basics):
    quality_mode: OptionalText = field(
        None,
        title="Quality",
        help="pro is made with preference for quality.",
        role=Role.QUALITY,
        choices=("std", "pro"),
    )
    start_frame: OptionalLinkedPicture = field(
        None,
        title="First frame",
        help="Address or local file of the picture that the film starts with.",
        role=Role.FIRST_FRAME,
        group=Group.FRAMES,
    )
    end_frame: OptionalLinkedPicture = field(
        None,
        title="Last frame",
        help="Address or local file of the picture that the film ends with.",
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

    def warnings(self) -> Iterator[Issue]:
        """Yield values that no page and no known client uses."""
        unusual = (
            ("video_duration", range(5, 11), "clients send 5 to 10; what is taken is not published"),
            ("aspect_ratio", ("16:9", "9:16", "1:1"), "only 16:9 is documented; clients send 9:16 and 1:1"),
            ("clarity", (720, 1080), "720 and 1080 are documented"),
            ("quality_mode", ("std", "pro"), "std and pro are known"),
        )
        for name, usual, message in unusual:
            value = getattr(self, name, None)
            if value is not None and value not in usual:
                yield Issue(name, message, sources.CHANJING_REPORTS)
        for name in ("start_frame", "end_frame"):
            yield from other_image_type(name, getattr(self, name), PAGE)


def _model(code: str) -> Any:
    return field(
        code,
        title="Model",
        help="Fixed for this operation, but for codes that the account's options add.",
        role=Role.MODEL,
        group=Group.ADVANCED,
        default_note=f"{code}, always sent",
    )


class TxKling25(_Rest, _Clarity):
    """``tx_kling2.5``: the frames by name."""

    RULES_FROM = PAGE
    ALWAYS_SENT = frozenset({"creation_type", "model_code"})

    model_code: Literal["tx_kling2.5"] = _model(TX_KLING_25)


class _ByReferences(_Rest):
    """A body whose frames are an array: the first is the start, the second the end."""

    def rules(self) -> Iterator[Issue]:
        """Yield what the array cannot say."""
        if self.end_frame and not self.start_frame:
            yield Issue("start_frame", "a last frame needs a first one: they are sent in this order", PAGE)

    def to_body(self) -> dict[str, Any]:
        """Return the JSON body."""
        body = super().to_body()
        frames = [body.pop(name) for name in ("start_frame", "end_frame") if name in body]
        return {**body, _REFERENCES: frames} if frames else body

    @classmethod
    def read_body(cls, body: Mapping[str, Any]) -> tuple[dict[str, Any], list[Issue]]:
        """Return a body's values by field name."""
        rest = {key: value for key, value in body.items() if key != _REFERENCES}
        values, issues = super().read_body(rest)
        for name in ("start_frame", "end_frame"):
            if values.pop(name, None) is not None:
                issues.append(Issue(name, f"this model takes its frames in {_REFERENCES}", cls.RULES_FROM))
        frames = body.get(_REFERENCES)
        if frames is None:
            return values, issues
        if not isinstance(frames, list) or len(frames) > 2:
            return values, [
                *issues,
                Issue(_REFERENCES, "must be a list of up to 2 addresses", cls.RULES_FROM),
            ]
        return values | dict(zip(("start_frame", "end_frame"), frames, strict=False)), issues


class TxKling21Master(_ByReferences, _Clarity):
    """``tx_kling-v2-1-master``: the frames in ``ref_img_url``."""

    RULES_FROM = PAGE
    ALWAYS_SENT = frozenset({"creation_type", "model_code"})

    model_code: Literal["tx_kling-v2-1-master"] = _model(TX_KLING_21)


class Kling25Turbo(_ByReferences):
    """``kling-v2-5-turbo-normal``: the frames in ``ref_img_url``, no ``clarity``."""

    RULES_FROM = PAGE
    ALWAYS_SENT = frozenset({"creation_type", "model_code"})

    model_code: Literal["kling-v2-5-turbo-normal"] = _model(KLING_25_TURBO)

    def warnings(self) -> Iterator[Issue]:
        """Yield what has no effect or is unusual."""
        if self.aspect_ratio and self.start_frame:
            yield Issue("aspect_ratio", "counts only for films without frames", PAGE)
        yield from super().warnings()
