"""The lines of the journal."""

from __future__ import annotations

import json

import pytest

from backend.ledger.lines import Gap, Line, Setting, change_line, header_line, read_lines

CALLS: list[list[Setting]] = [
    [("tasks", "1", b'{"a":1}')],
    [("tasks", "2", '{"b":"中文 [red]"}'.encode()), ("tasks", "1", None)],
    [("other", "3", b"{}")],
]
LINES = [change_line(number, call) for number, call in enumerate(CALLS, 1)]
DATA = header_line(ledger="reeltop") + b"".join(LINES)


def test_a_line_is_plain_json() -> None:
    checksum, head, *documents = json.loads(LINES[1])
    assert len(checksum) == 17
    assert head["n"] == 2
    assert [place[:2] for place in head["set"]] == [["tasks", "2"], ["tasks", "1"]]
    assert documents == [{"b": "中文 [red]"}, None]


def test_lines_are_read_as_written() -> None:
    header, *lines = read_lines(DATA)
    assert isinstance(header, Line)
    assert header.head == {"ledger": "reeltop"}
    assert [list(line.settings) for line in lines if isinstance(line, Line)] == CALLS
    assert lines[-1].stop == len(DATA) - 1


@pytest.mark.parametrize("cut", range(1, len(LINES[-1]) + 1))
def test_a_line_cut_anywhere_is_torn(cut: int) -> None:
    *whole, last = read_lines(DATA[:-cut])
    if cut == len(LINES[-1]):
        whole.append(last)
    else:
        assert last == Gap(len(DATA) - len(LINES[-1]), len(DATA) - cut, torn=True)
    assert [line.settings for line in whole[1:] if isinstance(line, Line)] == [
        tuple(call) for call in CALLS[:2]
    ]


@pytest.mark.parametrize("place", range(len(LINES[1])))
def test_a_flipped_bit_is_found_and_costs_one_line_at_most(place: int) -> None:
    data = bytearray(DATA)
    at = DATA.index(LINES[1]) + place
    for bit in range(8):
        data[at] = DATA[at] ^ 1 << bit
        pieces = list(read_lines(bytes(data)))
        read = [list(piece.settings) for piece in pieces[1:] if isinstance(piece, Line)]
        assert read in ([CALLS[0], CALLS[2]], CALLS)
        assert any(isinstance(piece, Gap) or not piece.ended for piece in pieces)
        assert not any(isinstance(piece, Gap) and piece.torn for piece in pieces)


def test_noise_is_one_gap_a_line() -> None:
    assert [type(piece) for piece in read_lines(b"noise\n\n" + LINES[0] + b"\x00\x00")] == [
        Gap,
        Gap,
        Line,
        Gap,
    ]
