"""The quiet lines at the end of a form: which fields are left out, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from textual.widgets import Static

from backend.language import _, named
from backend.providers.fields import FieldSpec
from backend.providers.idle import Idle
from backend.text import clean_line
from tui.actions import key
from tui.formatters import within


class IdleNote(Static):
    """A click on it shows the fields, as the key does."""

    def __init__(self) -> None:
        super().__init__(markup=False)
        self.display = False

    def tell(self, idle: Mapping[str, Idle], specs: Sequence[FieldSpec], *, is_shown: bool) -> None:
        """Name the fields that are left out, or would be if not all were shown."""
        words = idle_words(idle, specs, is_shown=is_shown)
        self.display = bool(words)
        self.update(words)

    async def on_click(self) -> None:
        await self.run_action("screen.all_fields")


def idle_words(idle: Mapping[str, Idle], specs: Sequence[FieldSpec], *, is_shown: bool) -> str:
    """Return a line for each reason, with the titles of its fields; the last tells the key."""
    by_reason: dict[str, list[str]] = {}
    for because, title in _titles(idle, specs):
        by_reason.setdefault(because, []).append(within(title))
    lines = [
        _("{count} {because}: {names}").format(count=len(titles), because=because, names=named(titles))
        for because, titles in by_reason.items()
    ]
    if not lines:
        return ""
    tail = _("{key} leaves them out") if is_shown else _("{key} shows them")
    lines[-1] += " · " + tail.format(key=key("all_fields"))
    return "\n".join(map(clean_line, lines))


def _titles(idle: Mapping[str, Idle], specs: Sequence[FieldSpec]) -> Iterator[tuple[str, str]]:
    """Yield reason and title of what is idle: of an object as a whole, if all in it is for one reason."""
    for spec in specs:
        found = [idle.get(leaf.name) for leaf in spec.leaves()]
        reasons = {each.because if each is not None else "" for each in found}
        if len(reasons) > 1:
            yield from _titles(idle, spec.fields)
        elif because := "".join(reasons):
            yield because, _(spec.title)
