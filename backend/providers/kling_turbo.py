"""What 3.0 Turbo has of its own, at Kling and through relays: shots in the prompt, a published price."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from backend.errors import Issue
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
        yield Issue("prompt", f"at most {MOST_SHOTS} shots, this has {len(shots)}", source)
    for number, seconds, words in shots:
        if seconds < 1:
            yield Issue("prompt", f"shot {number} must last 1 s or more", source)
        if len(words) > LONGEST_SHOT_PROMPT:
            said = f"shot {number} may have {LONGEST_SHOT_PROMPT} characters, this has {len(words)}"
            yield Issue("prompt", said, source)
    total, wanted = sum(seconds for _, seconds, _ in shots), duration or _DEFAULT_SECONDS
    if total != wanted:
        yield Issue("prompt", f"the shots last {total} s together, the duration is {wanted} s", source)


def turbo_price(duration: int | None, resolution: str | None, *, relayed: bool = False) -> PublishedPrice:
    """Return Kling's list price (FACTS 3.6); what a relay asks is its own affair."""
    units = (duration or _DEFAULT_SECONDS) * _UNITS_A_SECOND[resolution or "720p"]
    source = "by Kling's list price; the relay sets its own" if relayed else "by Kling's list price"
    return PublishedPrice(units, "unit", source)
