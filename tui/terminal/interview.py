"""Asks the terminal what pictures it can draw. Pure but for the clock.

First for its name, the size of its cells and what it is; any terminal answers the last, so that ends the
waiting. Only one whose name promises pictures in the way of ``kitty.py`` is then asked whether it really
draws them, here and now, and only one that says it has Sixel how large and colourful: others may show these
questions as text, or scroll.

The answers come among the keys that are typed. They are taken out before Textual sees them: its parser would
take them for keys, and has lost keys that were typed beside them.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

_QUESTIONS = "\x1b[>0q\x1b[16t\x1b[c"
_PROBE = 31
_KITTY_QUESTIONS = f"\x1b_Gi={_PROBE},s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b[c"
_SIXEL_QUESTIONS = "\x1b[?1;1;0S\x1b[?2;1;0S\x1b[c"
_ANSWER = re.compile(
    r"\x1b(?:P>\|(?P<name>[^\x1b]{0,200})\x1b\\"
    r"|\[6;(?P<height>\d{1,4});(?P<width>\d{1,4})t"
    r"|_Gi=(?P<image>\d{1,9})[^\x1b;]{0,50};(?P<said>[^\x1b]{0,200})\x1b\\"
    r"|\[\?1;0;(?P<colours>\d{1,6})S"
    r"|\[\?2;0;(?P<across>\d{1,5});(?P<down>\d{1,5})S"
    r"|\[\?[\d;]{0,100}S"  # it does not know, and says so in one way or another
    r"|\[\?(?P<attributes>[\d;]{0,100})c)"
)
_BEGUN = re.compile(
    r"\x1b(?:P(?:>(?:\|[^\x1b]{0,200}\x1b?)?)?"
    r"|_(?:G[^\x1b]{0,260}\x1b?)?"
    r"|\[(?:\?[\d;]{0,100}|6(?:;[\d;]{0,9})?)?)?\Z"
)
_ATTENTIVE_SECONDS = 10.0
"""After a question, in which a lone escape character may be the beginning of an answer."""
_PATIENCE = 0.1
"""Seconds in which the rest of an answer comes; so long an escape key waits in any case."""
_SIXEL = "4"
_PLACEHOLDERS = {"kitty": (0, 28), "ghostty": (1, 0)}
"""By name: the first version that draws a picture where its placeholders stand. WezTerm, Konsole, iTerm2 and
others have the protocol without them."""
_SMEARING = ("konsole",)
"""Terminals whose Sixel pictures are not wiped away by what is written over them: Konsole 22.12 at least."""
_UNASKED_TERMS = frozenset({"", "dumb", "linux", "screen", "tmux", "vt100", "vt102", "vt220", "cons25"})
_UNASKED_PROGRAMS = frozenset({"Apple_Terminal", "tmux"})


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a terminal has said of itself."""

    kitty: bool = False
    """It draws pictures by the Kitty graphics protocol, where their placeholders stand."""
    sixel: bool = False
    cell: tuple[int, int] | None = None
    """Pixels across and down."""
    colours: int = 256
    """That a Sixel picture may have."""
    largest: tuple[int, int] | None = None
    """Pixels across and down of the largest Sixel picture."""


def is_worth_asking(environment: Mapping[str, str]) -> bool:
    """Whether a terminal may draw pictures, by the environment it set; within tmux and screen none can."""
    return (
        not environment.keys() & {"TMUX", "STY"}
        and environment.get("TERM", "").split("-")[0] not in _UNASKED_TERMS
        and environment.get("TERM_PROGRAM") not in _UNASKED_PROGRAMS
    )


class Interview:
    """Questions and answers. :meth:`take` belongs to the thread that reads, the rest to any."""

    def __init__(self, write: Callable[[str], object], now: Callable[[], float] = time.monotonic) -> None:
        self._write, self._now = write, now
        self._ended: Callable[[Abilities], object] | None = None
        self._found = Abilities()
        self._more = ""
        self._smears = False
        self._asked_at = self._held_at = float("-inf")
        self._held = ""

    def begin(self, ended: Callable[[Abilities], object]) -> None:
        """Ask; `ended` is called in the thread that reads, once all is answered."""
        self._ended = ended
        self._asked_at = self._now()
        self._write(_QUESTIONS)

    def take(self, data: str) -> str:
        """Return what was typed of what was read, without the answers in it."""
        data, self._held = self._held + data, ""
        if "\x1b" not in data:
            return data
        typed, place = [], 0
        for found in _ANSWER.finditer(data):
            typed.append(data[place : found.start()])
            place = found.end()
            self._hear(found)
        rest = data[place:]
        if self._is_attentive and (begun := _BEGUN.search(rest)):
            rest, self._held = rest[: begun.start()], begun[0]
            self._held_at = self._now()
        typed.append(rest)
        return "".join(typed)

    def let_go(self) -> str:
        """Return what was held back as the beginning of an answer, if the rest does not come."""
        if self._now() - self._held_at < _PATIENCE:
            return ""
        held, self._held = self._held, ""
        return held

    @property
    def _is_attentive(self) -> bool:
        return self._ended is not None and self._now() - self._asked_at < _ATTENTIVE_SECONDS

    def _hear(self, answer: re.Match[str]) -> None:
        if self._ended is None:
            return  # nothing was asked, or all is known
        said = answer.groupdict()
        if said["name"] is not None:
            self._smears = said["name"].lower().startswith(_SMEARING)
            self._more = _KITTY_QUESTIONS if _has_placeholders(said["name"]) else ""
        elif said["width"] is not None:
            self._found = replace(self._found, cell=_size(said["width"], said["height"]))
        elif said["across"] is not None:
            self._found = replace(self._found, largest=_size(said["across"], said["down"]))
        elif said["colours"] is not None:
            self._found = replace(self._found, colours=min(256, int(said["colours"])))
        elif said["image"] is not None:
            if int(said["image"]) == _PROBE and said["said"] == "OK":
                self._found = replace(self._found, kitty=True)
        elif said["attributes"] is not None:
            # The first number is the family of the terminal.
            self._hear_all_of(said["attributes"].split(";")[1:])

    def _hear_all_of(self, attributes: Sequence[str]) -> None:
        """Go on after the answer that every terminal gives, to the last question of a round."""
        assert self._ended is not None  # noqa: S101 - for the type checker
        if _SIXEL in attributes and not (self._found.sixel or self._smears):
            self._found = replace(self._found, sixel=True)
            self._more = self._more or _SIXEL_QUESTIONS
        if self._more:
            more, self._more = self._more, ""
            self._asked_at = self._now()
            self._write(more)
        else:
            ended, self._ended = self._ended, None
            ended(self._found)


def _size(width: str, height: str) -> tuple[int, int] | None:
    return (int(width), int(height)) if int(width) and int(height) else None


def _has_placeholders(name: str) -> bool:
    found = re.match(r"(\w+)[ (]+(\d+)\.(\d+)", name)
    if found is None:
        return False
    least = _PLACEHOLDERS.get(found[1].lower())
    return least is not None and (int(found[2]), int(found[3])) >= least
