"""Telling of news: in which words, and how a terminal is asked to ring or to show a desktop note."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from backend.language import _, ngettext
from backend.news import News
from backend.text import clean_line
from tui.formatters import listed
from tui.terminal.tmux import wrapped

_LONGEST = 160
"""Characters of a desktop note."""
_LONGEST_PROMPT = 40


def words(news: Sequence[News]) -> str:
    """Say it in one line: one task by its prompt, several by their numbers."""
    if len(news) == 1:
        return _of_one(news[0])
    ended = Counter(one.task.status for one in news if not one.needs)
    parts = [_("{count} {status}").format(count=count, status=status.word) for status, count in ended.items()]
    needs = Counter(one.needs for one in news if one.needs)
    for reason, count in needs.items():
        need = ngettext("{count} needs you: {reason}", "{count} need you: {reason}", count)
        parts.append(need.format(count=count, reason=_(reason)))
    return listed(parts)


def is_bad(news: Sequence[News]) -> bool:
    """Whether anything of it is not as the user wished."""
    return any(one.needs or one.task.failure is not None for one in news)


def _of_one(one: News) -> str:
    task = one.task
    name = clean_line(task.prompt).strip() or f"{task.account} {task.id}"
    if len(name) > _LONGEST_PROMPT:
        name = f"{name[: _LONGEST_PROMPT - 1].rstrip()}…"
    if one.needs:
        words = _("needs you: {reason} at {account}: {task}")
        return words.format(reason=_(one.needs), account=task.account, task=name)
    if task.failure is None:
        return _("{status}: {task}").format(status=task.status.word, task=name)
    code = clean_line(task.failure.code or task.failure.kind.word)
    return _("{status} ({code}): {task}").format(status=task.status.word, code=code, task=name)


def way(setting: str, environ: Mapping[str, str]) -> str:
    """Return how this terminal shows desktop notes, for the setting ``auto``; otherwise the setting.

    What no terminal says of itself, as over most SSH lines and in tmux, is taken for OSC 9: the others ignore
    it.
    """
    if setting != "auto":
        return setting
    term = environ.get("TERM", "")
    if "KITTY_WINDOW_ID" in environ or term == "xterm-kitty":
        return "osc99"
    if term.startswith(("foot", "rxvt")) or "VTE_VERSION" in environ:
        return "osc777"
    return "off" if term in ("linux", "dumb", "") else "osc9"


def sequence(how: str, text: str, *, in_tmux: bool) -> str:
    """Return what to write to the terminal for a desktop note; empty for ``off``."""
    shown = clean_line(text)[:_LONGEST]
    match how:
        case "osc9":
            note = f"\x1b]9;reeltop: {shown}\x1b\\"
        case "osc777":
            note = f"\x1b]777;notify;reeltop;{shown.replace(';', ',')}\x1b\\"
        case "osc99":
            note = f"\x1b]99;i=reeltop;reeltop: {shown}\x1b\\"
        case _:
            return ""
    return wrapped(note) if in_tmux else note
