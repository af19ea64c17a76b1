"""OSC 52, plain and inside tmux."""

from __future__ import annotations

from base64 import b64encode

from tests.tui.fakes import make_task
from tui.actions import BY_ID
from tui.clipboard import MOST_ENCODED, Sent, sequences
from tui.wording import copyables


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


def test_a_request_is_copied_as_curl_too() -> None:
    items = {item.letter: item for item in copyables(make_task(), None, "curl -X POST https://a.example")}
    assert items["u"].text == "curl -X POST https://a.example"
    assert set(items) <= set(BY_ID["letters"].keys.split(","))
    assert "u" not in {item.letter for item in copyables(make_task())}
