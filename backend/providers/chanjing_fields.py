"""Request models of Chanjing's Kling models, one for each shape of body (FACTS 1.3).

All go to ``POST /open/v1/ai_creation/task/submit``. Where the body has ``ref_img_url``, an array of first and
last frame, the fields are the two frames all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from backend.errors import Issue
from backend.language import N_, _
from backend.providers import sources
from backend.providers.fields import Group, Kind, RequestModel, Role, field
from backend.providers.idle import Idle
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
        title=N_("Prompt"),
        help=N_("What the film shows; without it Chanjing uses a prompt of its own."),
        role=Role.PROMPT,
        kind=Kind.PROSE,
        default_note=N_("Chanjing's own prompt if not set"),
    )
    video_duration: int | None = field(
        None,
        title=N_("Duration"),
        help=N_("Length of the film; which lengths are taken is not published."),
        role=Role.DURATION,
        unit=N_("s"),
        choices=(5, 10),
        ge=1,
    )
    aspect_ratio: OptionalText = field(
        None,
        title=N_("Aspect ratio"),
        help=N_("Proportions of the film."),
        role=Role.ASPECT_RATIO,
        choices=("16:9", "9:16", "1:1"),
    )


class _Clarity(_Basics):
    clarity: int | None = field(
        None,
        title=N_("Resolution"),
        help=N_("Lines of the picture, usually 720 or 1080."),
        role=Role.RESOLUTION,
        choices=(720, 1080),
        ge=1,
    )


class _Rest(_Basics):
    quality_mode: OptionalText = field(
        None,
        title=N_("Quality"),
        help=N_("pro is made with preference for quality."),
        role=Role.QUALITY,
        choices=("std", "pro"),
    )
    start_frame: OptionalLinkedPicture = field(
        None,
        title=N_("First frame"),
        help=N_("Address or local file of the picture that the film starts with."),
        role=Role.FIRST_FRAME,
        group=Group.FRAMES,
    )
    end_frame: OptionalLinkedPicture = field(
        None,
        title=N_("Last frame"),
        help=N_("Address or local file of the picture that the film ends with."),
        role=Role.LAST_FRAME,
        group=Group.FRAMES,
    )
    callback: OptionalAddress = field(
        None,
        title=N_("Callback address"),
        help=N_("Chanjing posts the finished task to this address."),
        role=Role.CALLBACK,
        group=Group.DELIVERY,
    )
    creation_type: Literal[4] = field(
        4,
        title=N_("Creation type"),
        help=N_("4 is video; nothing else is taken here."),
        group=Group.ADVANCED,
        default_note="4, always sent",
    )

    def warnings(self) -> Iterator[Issue]:
        """Yield values that no page and no known client uses."""
        yield from super().warnings()
        unusual = (
            ("video_duration", range(5, 11), _("clients send 5 to 10; what is taken is not published")),
            (
                "aspect_ratio",
                ("16:9", "9:16", "1:1"),
                _("only 16:9 is documented; clients send 9:16 and 1:1"),
            ),
            ("clarity", (720, 1080), _("720 and 1080 are documented")),
            ("quality_mode", ("std", "pro"), _("std and pro are known")),
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
        title=N_("Model"),
        help=N_("Fixed for this operation, but for codes that the account's options add."),
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
            said = _("a last frame needs a first one: they are sent in this order")
            yield Issue("start_frame", said, PAGE)

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
                said = _("this model takes its frames in {field}").format(field=_REFERENCES)
                issues.append(Issue(name, said, cls.RULES_FROM))
        frames = body.get(_REFERENCES)
        if frames is None:
            return values, issues
        if not isinstance(frames, list) or len(frames) > 2:
            said = _("must be a list of up to 2 addresses")
            return values, [*issues, Issue(_REFERENCES, said, cls.RULES_FROM)]
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

    @classmethod
    def idle(cls, values: Mapping[str, Any]) -> Iterator[Idle]:
        """Yield what has no effect on a film with frames."""
        if values.get("start_frame"):
            said = _("counts only for films without frames")
            yield Idle(fields=("aspect_ratio",), because=_("only without frames"), source=PAGE, doubt=said)
