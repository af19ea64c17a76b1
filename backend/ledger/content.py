"""What a ledger's file says, and where its lines stand. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from backend.errors import StoreError
from backend.language import _
from backend.ledger.lines import Gap, Line, change_line, read_lines

FORMAT = 1
"""Of the lines, not of what the documents say."""
Documents = dict[str, dict[str, bytes]]
"""JSON text of each document, by table and id."""

_CHUNK = 256
"""Lines of a snapshot written at a time: a few ms of work between two chances for other threads."""


@dataclass(slots=True)
class Content:
    """What a file says."""

    documents: Documents = field(default_factory=dict)
    damage: int = 0
    """Places that could not be read."""


@dataclass(slots=True)
class Position:
    """How far a file has been read, and how to tell that it is still the same one."""

    generation: int = 0
    number: int = 0
    """Of the last line."""
    end: int = 0
    """Bytes."""
    snapshot_end: int = 0
    anchor_at: int = 0
    anchor: bytes = b""


def put(documents: Documents, table: str, document: str, text: bytes | None) -> bytes | None:
    """Set or remove one document; return what stood there before."""
    rows = documents.setdefault(table, {})
    before = rows.get(document)
    if text is not None:
        rows[document] = text
    elif before is not None:
        del rows[document]
    return before


def read_content(data: bytes) -> tuple[Content, Position]:
    """Read a whole file, whatever is left of it. Raises StoreError for one of a newer format."""
    content, at = Content(), Position()
    of_snapshot = 0
    expected: int | None = None
    for piece in read_lines(data):
        if isinstance(piece, Gap):
            content.damage += not piece.torn
            expected = None
            continue
        if piece.start == 0 and piece.head.get("ledger") == "reeltop":
            _check_format(piece)
            at.generation, of_snapshot = piece.head["generation"], piece.head["lines"]
            content.documents.update((table, {}) for table in piece.head["tables"])
        elif expected is not None and piece.head.get("n") != expected:
            content.damage += 1
        content.damage += not piece.ended
        for table, document, text in piece.settings:
            put(content.documents, table, document, text)
        advance(at, piece, 0)
        if at.number <= of_snapshot:
            at.snapshot_end = at.end
        expected = at.number + 1
    if not at.generation or at.number < of_snapshot:
        content.damage += 1
    return content, at


def advance(at: Position, line: Line, offset: int) -> None:
    """Move behind a line that was read from bytes beginning at `offset`."""
    at.number = line.head.get("n", at.number)
    at.end = offset + line.stop + 1
    at.anchor_at, at.anchor = offset + line.start, line.anchor


def snapshot_chunks(header: bytes, documents: Mapping[str, Mapping[str, bytes]]) -> Iterator[bytes]:
    """Return a new file's bytes, a piece at a time."""
    lines = [header]
    settings = ((table, *row) for table, rows in documents.items() for row in rows.items())
    for number, setting in enumerate(settings, 1):
        lines.append(change_line(number, [setting]))
        if len(lines) >= _CHUNK:
            yield b"".join(lines)
            lines.clear()
    yield b"".join(lines)


def _check_format(header: Line) -> None:
    if header.head.get("format") != FORMAT:
        raise StoreError(_("the ledger was written by a newer version of reeltop; it was left as it is"))
