"""What a terminal answers is understood, and no key that is typed meanwhile is lost."""

from __future__ import annotations

import pytest
from textual.events import Key

from tests.tui.fakes import FakeClock
from tui.terminal.interview import Abilities, Interview, is_worth_asking
from tui.terminal.pasting import PastingParser

KITTY = "\x1bP>|kitty(0.41.1)\x1b\\\x1b[6;18;9t\x1b[?62;c"
KITTY_TOO = "\x1b_Gi=31;OK\x1b\\\x1b[?62;c"
XTERM = "\x1bP>|XTerm(379)\x1b\\\x1b[?63;1;2;4;6;9;15;16;22;28c"
XTERM_TOO = "\x1b[?1;0;256S\x1b[?2;0;990;646S\x1b[?63;1;2;4;6;9;15;16;22;28c"


class Asked:
    """An interview, and the parser that reads for it."""

    def __init__(self) -> None:
        self.questions: list[str] = []
        self.found: list[Abilities] = []
        self.clock = FakeClock()
        self.interview = Interview(self.questions.append, self.clock.monotonic)
        self.parser = PastingParser(lambda: self.interview)
        self.interview.begin(self.found.append)

    def read(self, *reads: str) -> str:
        """Return the keys in what is read, a piece at a time."""
        keys = ""
        for data in reads:
            for event in (*self.parser.feed(data), *self.parser.tick()):
                assert isinstance(event, Key), event
                keys += event.character or f"<{event.key}>"
        return keys


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ([KITTY, KITTY_TOO], Abilities(kitty=True, cell=(9, 18))),
        (["\x1bP>|ghostty 1.2.3\x1b\\\x1b[?62;22;52c", KITTY_TOO], Abilities(kitty=True)),
        ([KITTY, "\x1b_Gi=31;EINVAL:no\x1b\\\x1b[?62;c"], Abilities(cell=(9, 18))),
        ([KITTY, "\x1b[?62;c"], Abilities(cell=(9, 18))),
        (["\x1bP>|kitty(0.26.5)\x1b\\\x1b[?62;c"], Abilities()),
        ([XTERM, XTERM_TOO], Abilities(sixel=True, largest=(990, 646))),
        (["\x1b[6;20;10t\x1b[?61;4;6c", "\x1b[?1;0;16S\x1b[?61;4;6c"],
         Abilities(sixel=True, cell=(10, 20), colours=16)),
        (["\x1bP>|WezTerm 20240203\x1b\\\x1b[?65;4;6;18;22c", "\x1b[?65;4;6;18;22c"], Abilities(sixel=True)),
        (["\x1b[?63;4c", "\x1b[?1;0;1024S\x1b[?1;3;0S\x1b[?63;4c"], Abilities(sixel=True)),  # as mlterm does
        (["\x1bP>|Konsole 22.12.3\x1b\\\x1b[?62;1;4c"], Abilities()),
        (["\x1b[?4;6c"], Abilities()),  # a VT132, no Sixel
        (["\x1bP>|VTE(7002)\x1b\\\x1b[?65;1;9c"], Abilities()),
        (["\x1b[?1;2c"], Abilities()),
    ],
)  # fmt: skip
def test_what_a_terminal_says_of_itself(answers: list[str], found: Abilities) -> None:
    asked = Asked()
    assert asked.read(*answers) == ""
    assert asked.found == [found]
    assert len(asked.questions) == len(answers)
    assert not any("\x1b_G" in question for question in asked.questions[: 1 if found.kitty else None]) or (
        "kitty" in answers[0]
    )


@pytest.mark.parametrize("answers", [(KITTY, KITTY_TOO), (XTERM, XTERM_TOO)], ids=["kitty", "xterm"])
def test_no_key_is_lost_wherever_the_answers_are_torn(answers: tuple[str, str]) -> None:
    for cut in range(len(answers[0]) + 1):
        asked = Asked()
        typed = f"ab\x1b[B{answers[0]}c\x1bOP"
        place = cut + len("ab\x1b[B")
        keys = asked.read(typed[:place], typed[place:], f"d{answers[1][:cut]}", f"{answers[1][cut:]}e")
        assert keys == "ab<down>c<f1>de"
        assert len(asked.found) == 1


def test_keys_that_begin_as_answers_do_come_a_moment_later() -> None:
    asked = Asked()
    assert asked.read("\x1b") == ""
    asked.clock.advance(0.2)
    list(asked.parser.tick())
    assert asked.read("[B") == "<down>"
    assert asked.read("\x1b[", "A") == "<up>"
    asked.read(XTERM, XTERM_TOO)
    assert asked.interview.take("\x1b") == "\x1b"  # after the last answer nothing waits


def test_an_answer_that_comes_when_nobody_asks_is_no_key() -> None:
    asked = Asked()
    asked.read(XTERM, XTERM_TOO)
    assert asked.read(f"x{KITTY}{KITTY_TOO}y") == "xy"
    assert len(asked.found) == 1


def test_a_terminal_that_never_answers_delays_no_key_for_long() -> None:
    asked = Asked()
    assert asked.read("jk") == "jk"
    asked.clock.advance(11)
    assert asked.interview.take("\x1b") == "\x1b"
    assert not asked.found


@pytest.mark.parametrize(
    ("environment", "is_worth"),
    [
        ({"TERM": "xterm-kitty"}, True),
        ({"TERM": "xterm-256color"}, True),
        ({"TERM": "foot"}, True),
        ({"TERM": "tmux-256color"}, False),
        ({"TERM": "xterm-256color", "TMUX": "/tmp/tmux-0/default,1,0"}, False),
        ({"TERM": "screen.xterm-256color", "STY": "1.x"}, False),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, False),
        ({"TERM": "linux"}, False),
        ({"TERM": "dumb"}, False),
        ({}, False),
    ],
)
def test_who_is_asked(environment: dict[str, str], is_worth: bool) -> None:
    assert is_worth_asking(environment) is is_worth
