"""A path that is being typed: where it leads, and how it goes on."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ClassVar
from urllib.parse import unquote_to_bytes, urlsplit

from textual.binding import Binding, BindingType
from textual.suggester import Suggester

from tui.widgets.field_inputs import FieldInput


def is_path(text: str) -> bool:
    """Whether `text` is the beginning of a path, not words to find."""
    return "/" in text or text in ("~", "..")


def folder_of(text: str, base: Path) -> Path:
    """Return the folder that a typed path leads through: ``~/pic`` is looked for at home."""
    typed = text if text not in ("~", "..") else f"{text}/"
    head = typed[: typed.rfind("/") + 1]
    # Links are followed only when a folder is read.
    return Path(os.path.abspath(base / os.path.expanduser(head)))  # noqa: PTH100, PTH111


def named(text: str) -> str:
    """Return the name that a typed path ends with so far."""
    return text[text.rfind("/") + 1 :] if is_path(text) and text not in ("~", "..") else ""


def completed(text: str, names: Mapping[str, bool]) -> str:
    """Return `text`, going on as far as all of `names` agree that begin so; True is a folder.

    Where none begins so, words become the only name that is left.
    """
    if text in ("~", ".."):
        return f"{text}/"
    head, last = text[: text.rfind("/") + 1], text[text.rfind("/") + 1 :]
    if not is_path(text):
        return _whole(f"./{next(iter(names))}", names) if text and len(names) == 1 else text
    fitting = [name for name in names if name.casefold().startswith(last.casefold())]
    if not fitting and last and len(names) == 1:
        return _whole(head + next(iter(names)), names)
    if len(fitting) == 1:
        return _whole(head + fitting[0], names)
    common = os.path.commonprefix(fitting)  # noqa: RUF071  of letters, not of parts
    return head + common if len(common) > len(last) else text


def _whole(path: str, names: Mapping[str, bool]) -> str:
    return f"{path}/" if names.get(path[path.rfind("/") + 1 :]) else path


def unquoted(text: str) -> str:
    """Return the path of a file that was dragged into the terminal: quoted, escaped or as an address."""
    text = text.strip()
    if text.startswith("file://"):
        return os.fsdecode(unquote_to_bytes(urlsplit(text).path))
    if text[:1] in "'\"" or "\\ " in text:
        try:
            parts = shlex.split(text)
        except ValueError:
            return text
        return parts[0] if len(parts) == 1 else text
    return text


class _Suggester(Suggester):
    def __init__(self, complete: Callable[[str], str]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._complete = complete

    async def get_suggestion(self, value: str) -> str | None:
        found = self._complete(value)
        return found if found != value and found.startswith(value) else None


class PathInput(FieldInput):
    """Where a path or words are typed. The arrows go through folders while nothing is."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "screen.complete", show=False),
        Binding("left", "left", show=False),
        Binding("right", "right", show=False),
        Binding("backspace", "back", show=False),
    ]

    def __init__(self, complete: Callable[[str], str], *, placeholder: str) -> None:
        super().__init__("", placeholder=placeholder)
        self._complete = complete
        self.suggester = _Suggester(complete)

    async def action_submit(self) -> None:
        self.post_message(self.Submitted(self, self.value))

    def action_complete(self) -> None:
        """Go on as far as there is no choice."""
        self.value = self._complete(self.value)
        self.cursor_position = len(self.value)

    async def action_left(self) -> None:
        if self.value:
            self.action_cursor_left()
        else:
            await self.run_action("screen.above")

    async def action_right(self) -> None:
        if self.value:
            self.action_cursor_right()
        else:
            await self.run_action("screen.into")

    async def action_back(self) -> None:
        if self.value:
            self.action_delete_left()
        else:
            await self.run_action("screen.above")

    def _put(self, text: str) -> None:
        super()._put(unquoted(text))
