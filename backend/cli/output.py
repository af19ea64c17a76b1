"""Data to standard output, talk to standard error: each harmless, each on whole lines."""

from __future__ import annotations

import io
import json
import os
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TextIO

from backend.cli.columns import cut, table
from backend.errors import ReeltopError
from backend.language import _
from backend.text import clean_block, clean_line

# What json.dumps leaves as it is although a terminal may act on it: C1 controls, direction marks and
# overrides, line separators, joiners, tags; and halves of surrogate pairs, which no encoding takes.
_UNSAFE = re.compile(
    r"[\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    r"\U000e0000-\U000e007f]"
)


def to_json(value: Any) -> str:
    """Return `value` as one line of JSON in which every control character is escaped."""
    return _escaped(json.dumps(value, ensure_ascii=False, allow_nan=False))


def _escaped(text: str) -> str:
    return _UNSAFE.sub(lambda found: json.dumps(found[0])[1:-1], text)


@dataclass(frozen=True, slots=True)
class Painting:
    """What stands on the terminal, to be replaced."""

    lines: int = 0
    size: os.terminal_size | None = None
    """Of the terminal when it was painted."""


class Output:
    """What one command prints."""

    def __init__(self, *, as_json: bool = False, quiet: bool = False) -> None:
        self.as_json = as_json
        self.quiet = quiet

    def data(self, value: Any) -> None:
        """Print one JSON value on a line of its own."""
        _write(sys.stdout, to_json(value))

    def json_text(self, value: Any) -> None:
        """Print one JSON value over several lines, for people."""
        _write(sys.stdout, _escaped(json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2)))

    def array(self, values: Iterable[Any]) -> None:
        """Print one JSON array, an element a line."""
        self._array(map(to_json, values))

    def array_of_json(self, texts: Iterable[str]) -> None:
        """Print one JSON array of what is JSON already, an element a line."""
        self._array(map(_escaped, texts))

    def _array(self, texts: Iterable[str]) -> None:
        lines = ",\n".join(texts)
        _write(sys.stdout, f"[\n{lines}\n]" if lines else "[]")

    def text(self, text: str) -> None:
        """Print text of several lines."""
        _write(sys.stdout, clean_block(text))

    def pair(self, word: str, meaning: str) -> None:
        """Print two texts on a line, with a tab between them."""
        _write(sys.stdout, "\t".join(filter(None, map(clean_line, (word, meaning)))))

    def rows(self, rows: Sequence[Sequence[str]]) -> None:
        """Print aligned columns, cut to the terminal if it is one."""
        import shutil

        is_terminal = sys.stdout is not None and sys.stdout.isatty()
        width = shutil.get_terminal_size().columns if is_terminal else None
        for line in table(rows, width):
            _write(sys.stdout, line)

    def table(self, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print aligned columns under a head, whose words are translated."""
        self.rows([tuple(map(_, head)), *rows])

    @property
    def is_terminal(self) -> bool:
        """Whether data goes to a terminal that lines can be rewritten on."""
        return sys.stdout is not None and sys.stdout.isatty() and os.environ.get("TERM") not in (None, "dumb")

    def repaint(self, rows: Sequence[Sequence[str]], before: Painting) -> Painting:
        """Print columns over what was printed last; return what is printed now.

        Only for a terminal: what does not fit its height is counted, not shown. After its size has changed
        nobody knows where it has put the former lines, so the screen is cleared.
        """
        import shutil

        size = shutil.get_terminal_size()
        room = max(1, size.lines - 2)
        hidden = len(rows) - room
        lines = table(rows[:room], size.columns - 1) if rows else []
        if hidden > 0:
            lines.append(cut(_("… and {count} more").format(count=hidden), size.columns - 1))
        up = f"\x1b[{before.lines}A\r" if before.lines else ""
        if before.size not in (None, size):
            up = "\x1b[H\x1b[2J"
        _write(sys.stdout, up + "".join(f"{line}\x1b[K\n" for line in lines) + "\x1b[J", end="")
        return Painting(len(lines), size)

    def say(self, text: str) -> None:
        """Tell the person something, unless they want it quiet."""
        if not self.quiet:
            complain(text)


def complain(text: str) -> None:
    """Tell the person what is wrong, in one line."""
    _write(sys.stderr, f"reeltop: {clean_line(text)}")


def prepare_streams(*, as_json: bool) -> None:
    """Make sure that no character can break a stream, and that JSON is UTF-8 whatever the locale says."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8" if as_json else None, errors="replace")


def _write(stream: TextIO | None, text: str, end: str = "\n") -> None:
    if stream is None:  # started with it closed
        return
    try:
        stream.write(text + end)
        stream.flush()
    except BrokenPipeError:
        _silence(stream)
    except OSError as error:
        _silence(stream)
        raise ReeltopError(_("cannot write the output: {reason}").format(reason=error.strerror)) from None


def _silence(stream: TextIO) -> None:
    """Send the rest of `stream` nowhere: its reader has gone, and what was asked for goes on."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
