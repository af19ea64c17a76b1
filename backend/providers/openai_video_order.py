"""What an OpenAI-style gateway makes when a value is given in several places, by the page's order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from backend.errors import Issue
from backend.language import _
from backend.providers import sources
from backend.providers.idle import Idle

SECONDS = ("seconds", "duration", "metadata_seconds", "metadata_duration", "metadata_video_duration")
"""The first that is set counts."""
RESOLUTIONS = ("resolution", "metadata_resolution", "size")
ASPECTS = ("aspect_ratio", "size")
_SOUNDS = ("audio_generation", "metadata_audio_generation", "audio")
_LEVELS = ("mode", "metadata_mode", "motion_level")
_DEFAULT_SECONDS, _DEFAULT_RESOLUTION, _DEFAULT_ASPECT = 5.0, "720P", "16:9"
_SIZE = re.compile(r"(\d{2,5})x(\d{2,5})", re.IGNORECASE)
_LINES = re.compile(r"\d{3,4}P", re.IGNORECASE)
_FULL_HD = 1080


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a request amounts to."""

    seconds: float
    resolution: str
    aspect_ratio: str
    sound: bool
    motion_level: str


def made(values: Mapping[str, Any]) -> Made:
    """Return what comes of a request's set fields."""
    seconds = _first(values, SECONDS)
    return Made(
        seconds=float(seconds[1]) if seconds else _DEFAULT_SECONDS,
        resolution=(_first(_with_size(values, 0), RESOLUTIONS) or ("", _DEFAULT_RESOLUTION))[1],
        aspect_ratio=(_first(_with_size(values, 1), ASPECTS) or ("", _DEFAULT_ASPECT))[1],
        sound=_is_loud((_first(values, _SOUNDS) or ("", False))[1]),
        motion_level="pro" if any(values.get(name) == "pro" for name in _LEVELS) else "std",
    )


def size_parts(size: str | None) -> tuple[str | None, str | None]:
    """Return resolution and proportions that a `size` stands for, as far as it can be read."""
    text = (size or "").strip()
    if _LINES.fullmatch(text):
        return text.upper(), None
    found = _SIZE.fullmatch(text)
    if not found:
        return None, None
    width, height = int(found[1]), int(found[2])
    aspect = "1:1" if width == height else "9:16" if width < height else "16:9"
    return ("1080P" if min(width, height) >= _FULL_HD else "720P"), aspect


def order_warnings(values: Mapping[str, Any]) -> Iterator[Issue]:
    """Yield the fields whose value is not what will be made, because another goes first."""
    yield from _overruled(values, SECONDS, float, lambda value: _("{seconds:g} s").format(seconds=value))
    yield from _overruled(_with_size(values, 0), RESOLUTIONS, str)
    yield from _overruled(_with_size(values, 1), ASPECTS, str)
    yield from _overruled(values, _SOUNDS, _is_loud, lambda loud: _("sound") if loud else _("no sound"))
    level = made(values).motion_level
    for name in _LEVELS:
        if values.get(name) not in (None, level):
            yield _not_used(name, level, _("pro in any place"))
    output = values.get("output_duration")
    if output is not None and float(output) != made(values).seconds:
        message = _("better equal to the duration that counts, {seconds:g} s")
        message = message.format(seconds=made(values).seconds)
        yield Issue("output_duration", message, sources.GATEWAY)
    if values.get("size") and size_parts(values["size"]) == (None, None):
        said = _("only sizes such as 720x1280, 720P and 1080P are documented")
        yield Issue("size", said, sources.GATEWAY)


def idle_order(values: Mapping[str, Any], titles: Mapping[str, str]) -> Iterator[Idle]:
    """Yield the fields that another goes before, so that they have nothing to say any more."""
    for names in (SECONDS, RESOLUTIONS[:2], _SOUNDS):
        winner = _first(values, names)
        if winner is not None:
            after = names[names.index(winner[0]) + 1 :]
            because = _("not used beside {field}").format(field=_(titles[winner[0]]))
            if after:
                yield Idle(fields=after, because=because, source=sources.GATEWAY)


def _overruled(
    values: Mapping[str, Any],
    names: tuple[str, ...],
    same: Callable[[Any], Any],
    words: Callable[[Any], str] = str,
) -> Iterator[Issue]:
    """`same` makes values comparable that mean the same, `words` tells one of them."""
    winner = _first(values, names)
    for name in names:
        value = values.get(name)
        if winner and value is not None and same(value) != same(winner[1]):
            yield _not_used(name, words(same(winner[1])), winner[0])


def _not_used(name: str, what: str, why: str) -> Issue:
    said = _("not used: {what} will be made, because {why} goes first").format(what=what, why=why)
    return Issue(name, said, sources.GATEWAY)


def _first(values: Mapping[str, Any], names: tuple[str, ...]) -> tuple[str, Any] | None:
    return next(((name, values[name]) for name in names if values.get(name) is not None), None)


def _with_size(values: Mapping[str, Any], part: int) -> dict[str, Any]:
    return {**values, "size": size_parts(values.get("size"))[part]}


def _is_loud(value: Any) -> bool:
    return value is True or value == "Enabled"
