"""What 3.0 Turbo has of its own, at Kling and through relays: shots in the prompt, a published price."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from backend.errors import Issue
from backend.language import N_, _
from backend.providers.vocabulary import PublishedPrice

MOST_SHOTS = 6
LONGEST_SHOT_PROMPT = 512
_DEFAULT_SECONDS = 5
_UNITS_A_SECOND = {"720p": Decimal("0.8"), "1080p": Decimal("1.0")}
_SHOT = re.compile(r"\s*shot\s+(\d{1,4})\s*,\s*(\d{1,4})\s*,([^;]*);", re.IGNORECASE)


def shots_in(prompt: str) -> list[tuple[int, int, str]]:
    """Return number, seconds and words of each shot, if `prompt` is written in shots from end to end:
    ``shot 1, 2, a cat; shot 2, 3, a dog;``. Anything else is plain words."""
    text = prompt.strip()
    if text and not text.endswith(";"):
        text += ";"
    shots: list[tuple[int, int, str]] = []
    end = 0
    while end < len(text):
        found = _SHOT.match(text, end)
        if found is None:
            return []
        shots.append((int(found[1]), int(found[2]), found[3].strip()))
        end = found.end()
    return shots


def shot_syntax_issues(prompt: str, duration: int | None, source: str) -> Iterator[Issue]:
    """Yield what is wrong with a prompt that is written in shots."""
    shots = shots_in(prompt)
    if not shots:
        return
    if len(shots) > MOST_SHOTS:
        said = _("at most {limit} shots, this has {count}").format(limit=MOST_SHOTS, count=len(shots))
        yield Issue("prompt", said, source)
    for number, seconds, words in shots:
        if seconds < 1:
            yield Issue("prompt", _("shot {number} must last 1 s or more").format(number=number), source)
        if len(words) > LONGEST_SHOT_PROMPT:
            said = _("shot {number} may have {limit} characters, this has {count}").format(
                number=number, limit=LONGEST_SHOT_PROMPT, count=len(words)
            )
            yield Issue("prompt", said, source)
    total, wanted = sum(seconds for number, seconds, words in shots), duration or _DEFAULT_SECONDS
    if total != wanted:
        said = _("the shots last {total} s together, the duration is {wanted} s")
        yield Issue("prompt", said.format(total=total, wanted=wanted), source)


def turbo_price(duration: int | None, resolution: str | None, *, relayed: bool = False) -> PublishedPrice:
    """Return Kling's list price (FACTS 3.6); what a relay asks is its own affair."""
    units = (duration or _DEFAULT_SECONDS) * _UNITS_A_SECOND[resolution or "720p"]
    source = N_("by Kling's list price; the relay sets its own") if relayed else N_("by Kling's list price")
    return PublishedPrice(units, "unit", source)
