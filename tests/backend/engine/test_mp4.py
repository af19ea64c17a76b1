"""An MP4 is whole when everything that its index names is there."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.engine.mp4 import mp4_problem
from backend.sandbox import media
from tests.backend.engine.toys import box, film, index, numbers
from tests.backend.media.conftest import job

FILM = film()
FTYP = box(b"ftyp", b"isom\0\0\2\0isom")
TWO_CHUNKS = box(b"stsz", numbers(0, 0, 3, 10, 20, 30)) + box(b"stsc", numbers(0, 1, 1, 2, 1))
LONG = box(b"stsz", numbers(0, 60, 1)) + box(b"stsc", numbers(0, 1, 1, 1, 1))


def moov(tables: bytes) -> bytes:
    for kind in (b"stbl", b"minf", b"mdia", b"trak", b"moov"):
        tables = box(kind, tables)
    return tables


def problem(path: Path, body: bytes) -> str:
    path.write_bytes(body)
    return mp4_problem(path)


CASES = {
    "whole": (FILM, ""),
    "a byte less": (FILM[:-1], "cut off"),
    "a byte more, after the last picture": (FILM + b"x", ""),
    "nothing": (b"", "empty"),
    "less than a header": (b"{}", "cut off"),
    "half a header": (FILM[:16], "cut off"),
    "no index": (FTYP + box(b"mdat", bytes(100)), "no index"),
    "an index cut off": (FTYP + index(0, 1, 10)[:-4], "cut off"),
    "a length beyond the end": (b"\0\0\0\x01ftyp" + b"\xff" * 8 + FILM, "cut off"),
    "a length below its header": (b"\0\0\0\x02ftyp" + FILM, "broken"),
    "boxes without end": (FTYP + box(b"free", b"") * 100_001, "broken"),
    "data to the end of the file, whole": (FTYP + index(0, 1, 300) + b"\0\0\0\0mdat" + bytes(300), ""),
    "data to the end of the file, cut off": (
        FTYP + index(0, 1, 999) + b"\0\0\0\0mdat" + bytes(300),
        "cut off",
    ),
    "index behind the data": (FTYP + box(b"mdat", bytes(300)) + index(30, 1, 290), ""),
    "no data at all": (FTYP + index(5000, 1, 300), "cut off"),
    "nothing in the index": (FTYP + box(b"moov", b"") + box(b"mdat", bytes(9)), "no pictures"),
    "no samples": (FTYP + index(0, 0, 0) + box(b"mdat", bytes(9)), "no pictures"),
    "a broken index": (
        FTYP + box(b"moov", box(b"trak", b"\0\0\xff\xffmdia")) + box(b"mdat", b""),
        "index is broken",
    ),
    "two chunks": (
        FTYP + moov(TWO_CHUNKS + box(b"stco", numbers(0, 2, 0, 200))) + box(b"mdat", bytes(230)),
        "",
    ),
    "the second chunk missing": (FTYP + moov(TWO_CHUNKS + box(b"stco", numbers(0, 2, 0, 2000))), "cut off"),
    "more samples than chunks hold": (
        FTYP + moov(TWO_CHUNKS + box(b"stco", numbers(0, 1, 0))) + box(b"mdat", b""),
        "index is broken",
    ),
    "long offsets": (FTYP + moov(LONG + box(b"co64", numbers(0, 1, 1, 0))), "cut off"),
    "a table that claims more than it has": (
        FTYP + moov(LONG + box(b"stco", numbers(0, 0xFFFFFFFF, 0))),
        "index is broken",
    ),
    "fragments": (FTYP + box(b"moov", b"") + box(b"moof", b"x") + box(b"mdat", b"y"), ""),
    "fragments cut off": (FTYP + box(b"moov", b"") + box(b"moof", b"x") + box(b"mdat", b"y")[:-1], "cut off"),
    "an index too large to be one": (FTYP + (40 * 1024**2).to_bytes(4) + b"moov", "cut off"),
    "a page": (b"<html><body>Sign in</body></html>", "not an MP4"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_structure(tmp_path: Path, name: str) -> None:
    body, wanted = CASES[name]
    found = problem(tmp_path / "film.mp4", body)
    assert wanted in found if wanted else not found


@pytest.mark.parametrize("share", [0.02, 0.5, 0.9, 0.999])
def test_a_real_film_cut_anywhere(tmp_path: Path, share: float) -> None:
    body = media.video(job("[ok] 一只猫"))
    assert problem(tmp_path / "film.mp4", body) == ""
    assert problem(tmp_path / "film.mp4", body[: int(len(body) * share)])


@given(st.data())
def test_broken_bytes_never_raise(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    head = bytearray(FTYP + moov(TWO_CHUNKS + box(b"stco", numbers(0, 2, 0, 200))))
    for _ in range(data.draw(st.integers(1, 8))):
        head[data.draw(st.integers(0, len(head) - 1))] = data.draw(st.integers(0, 255))
    problem(tmp_path_factory.getbasetemp() / "broken.mp4", bytes(head) + bytes(300))
