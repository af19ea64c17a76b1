"""OSC 52, plain and inside tmux."""

from __future__ import annotations

from base64 import b64encode

from tui.clipboard import MOST_ENCODED, Sent, sequences


def test_a_plain_terminal_gets_one_sequence() -> None:
    payload = b64encode("é".encode()).decode()
    assert sequences("é", in_tmux=False) == f"\x1b]52;c;{payload}\x07"


def test_tmux_gets_it_plain_and_wrapped_with_escapes_doubled() -> None:
    plain = sequences("x", in_tmux=False)
    both = sequences("x", in_tmux=True)
    assert both == plain + "\x1bPtmux;" + plain.replace("\x1b", "\x1b\x1b") + "\x1b\\"


def test_what_terminals_would_drop_is_not_sent() -> None:
    assert sequences("x" * (MOST_ENCODED // 4 * 3), in_tmux=False)
    assert sequences("x" * MOST_ENCODED, in_tmux=True) == ""


def test_what_is_said_claims_nothing() -> None:
    sent = Sent("Prompt", "y, then v", to_terminal=True)
    assert sent.words() == "Prompt sent to the terminal's clipboard; if it is not there: y, then v"
    sent.took.append("xclip")
    assert "clipboard and to xclip;" in sent.words()
    assert (
        "too long for the terminal, sent to xclip"
        in Sent("P", "v", to_terminal=False, took=["xclip"]).words()
    )
    refused = Sent("P", "v", to_terminal=False, refused=["tmux"]).words()
    assert refused == "P is too long for the terminal, and tmux did not take it; as text: v"
