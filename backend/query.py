"""The filter language of dashboard and command line: from text to a test and an order of tasks. Pure.

Terms stand beside each other and all must hold; ``-`` before a term turns it round; commas stand between
alternatives; ``*`` outside quotes stands for anything in a text:
``rainy*street status:failed,lost -account:relay age<2h sort:-cost``. The fields are in
:mod:`backend.query_fields`.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches

from backend.errors import UsageError
from backend.language import _
from backend.models import Task
from backend.query_fields import FIELDS, ORDERS, Field, Kind, Moment, Test, fold
from backend.spans import parse_span
from backend.wildcards import is_part, is_whole

LONGEST = 2000
"""Characters of a filter."""

SORT = "sort"

_HEAD = re.compile(r"([A-Za-z_]+)([:：]?[<＜>＞][=＝]?|[:：=＝])")
_WIDE = str.maketrans("：＜＞＝", ":<>=")
"""What a Chinese or Japanese keyboard gives for the marks."""
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
}


class QueryError(UsageError):
    """A filter that cannot be understood; `column` counts from 1."""

    def __init__(self, message: str, column: int, hint: str = "") -> None:
        self.message, self.column, self.hint = message, column, hint
        told = _("column {column}: {message} ({hint})") if hint else _("column {column}: {message}")
        super().__init__(told.format(column=column, message=message, hint=hint))


@dataclass(frozen=True, slots=True)
class Word:
    """A piece of text in a filter, with the place where it begins, from 0."""

    text: str
    start: int
    stars: tuple[int, ...] = ()
    """Where in the text asterisks stand for anything; those in quotes are only asterisks."""

    @property
    def pieces(self) -> tuple[str, ...]:
        """What stands between those asterisks, folded; the whole text if there are none."""
        ends = (*self.stars, len(self.text))
        starts = (0, *(star + 1 for star in self.stars))
        return tuple(fold(self.text[start:end]) for start, end in zip(starts, ends, strict=True))


@dataclass(frozen=True, slots=True)
class Term:
    """One term as it was written."""

    start: int
    negated: bool
    name: str
    """In small letters; empty for a bare word."""
    op: str
    values: tuple[Word, ...]
    end: int
    """Where it ends, from 0: the first character that is not part of it."""


@dataclass(frozen=True, slots=True)
class Query:
    """A filter that was understood."""

    text: str
    tests: tuple[Test, ...] = ()
    sort: tuple[tuple[str, bool], ...] = ()
    """Fields to sort by, each with whether the greatest comes first."""
    moves: bool = False
    """Whether time alone can change what fits."""

    def matches(self, task: Task, moment: Moment) -> bool:
        """Whether a task fits."""
        return all(test(task, moment) for test in self.tests)

    def select(self, tasks: Iterable[Task], moment: Moment) -> list[Task]:
        """Return the tasks that fit, in the order asked for, else in theirs."""
        tests = self.tests
        found = list(tasks)
        for test in tests:
            found = [task for task in found if test(task, moment)]
        return sort_tasks(found, self.sort, moment.now)


def sort_tasks(tasks: Sequence[Task], sort: Iterable[tuple[str, bool]], now: datetime) -> list[Task]:
    """Return tasks in an order of fields; those that have no value come last, either way round."""
    result = list(tasks)
    for name, descending in reversed(list(sort)):
        order = ORDERS[name]
        keyed = [(order(task, now), task) for task in result]
        having = [(key, task) for key, task in keyed if key is not None]
        having.sort(key=lambda pair: pair[0], reverse=descending)
        result = [task for _, task in having] + [task for key, task in keyed if key is None]
    return result


def parse(text: str) -> Query:
    """Understand a filter. Raises QueryError, whatever the text, and nothing else."""
    if len(text) > LONGEST:
        raise QueryError(_("a filter has up to {most} characters").format(most=LONGEST), LONGEST + 1)
    tests: list[Test] = []
    sort: list[tuple[str, bool]] = []
    moves = False
    for term in terms(text):
        if term.name == SORT:
            sort += _sort(term)
            continue
        test = _test(term)
        tests.append(_turned(test) if term.negated else test)
        moves = moves or (term.name in FIELDS and FIELDS[term.name].moves(word.text for word in term.values))
    return Query(text.strip(), tuple(tests), tuple(sort), moves)


def terms(text: str) -> list[Term]:
    """Cut a filter into terms. Raises nothing: a quote that is still open ends with the text."""
    found: list[Term] = []
    place = 0
    while place < len(text):
        if text[place].isspace():
            place += 1
            continue
        start = place
        negated = text[place] in "-－"
        place += negated
        name = op = ""
        if head := _HEAD.match(text, place):
            name, op, place = head[1].lower(), head[2].translate(_WIDE), head.end()
        values, place = _values(text, place, split=bool(name))
        found.append(Term(start, negated, name, op, tuple(values), place))
    return found


def quoted(value: str) -> str:
    """Return a value as it must be written in a filter."""
    if value and not re.search(r'[\s",\\:<>=*]', value) and not value.startswith("-"):
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _values(text: str, place: int, *, split: bool) -> tuple[list[Word], int]:
    """Read from `place` to the next blank outside quotes: values between commas, if to be `split`."""
    values: list[Word] = []
    start, letters, in_quotes = place, [], False
    stars: list[int] = []
    while place < len(text):
        letter = text[place]
        if letter == "\\" and in_quotes and place + 1 < len(text):
            place += 1
            letters.append(text[place])
        elif letter == '"':
            in_quotes = not in_quotes
        elif in_quotes:
            letters.append(letter)
        elif letter.isspace():
            break
        elif letter == "," and split:
            values.append(Word("".join(letters), start, tuple(stars)))
            start, letters, stars = place + 1, [], []
        else:
            if letter == "*":
                stars.append(len(letters))
            letters.append(letter)
        place += 1
    values.append(Word("".join(letters), start, tuple(stars)))
    return values, place


def _test(term: Term) -> Test:
    if not term.name:
        return _bare(term)
    field = FIELDS.get(term.name)
    if field is None:
        raise QueryError(
            _("there is no field {field!r}").format(field=term.name),
            term.start + 1 + term.negated,
            _near(term.name),
        )
    for value in term.values:
        if not value.text:
            raise QueryError(
                _("{field} needs a value").format(field=term.name),
                value.start + 1,
                _("such as {example}").format(example=field.example),
            )
    if field.kind in (Kind.SPAN, Kind.NUMBER):
        return _any_of([_number_test(field, term.op, value) for value in term.values])
    if term.op not in (":", "="):
        column = term.start + 1 + term.negated + len(term.name)
        raise QueryError(
            _("{field} has no greater and less").format(field=term.name),
            column,
            _("such as {example}").format(example=field.example),
        )
    if field.kind is Kind.WORD:
        return _any_of([_word_test(field, value) for value in term.values])
    if any(value.stars for value in term.values):
        return _pattern_test(field, [value.pieces for value in term.values], whole=term.op == "=")
    return _text_test(field, [fold(value.text) for value in term.values], whole=term.op == "=")


def _bare(term: Term) -> Test:
    wanted = fold(term.values[0].text)
    if not wanted:
        message = (
            _("nothing stands behind the minus") if term.negated else _("there is nothing in the quotes")
        )
        raise QueryError(message, term.start + 1, _("such as -status:succeeded") if term.negated else "")
    if term.values[0].stars:
        pieces = term.values[0].pieces
        return lambda task, moment: any(is_part(pieces, line) for line in moment.haystack(task).split("\n"))
    return lambda task, moment: wanted in moment.haystack(task)


def _pattern_test(field: Field, wanted: Sequence[tuple[str, ...]], *, whole: bool) -> Test:
    texts, fits = field.texts, is_whole if whole else is_part

    def test(task: Task, moment: Moment) -> bool:
        return any(fits(pieces, text) for text in map(fold, texts(task)) for pieces in wanted)

    return test


def _text_test(field: Field, wanted: Sequence[str], *, whole: bool) -> Test:
    texts = field.texts
    if whole:
        every = frozenset(wanted)
        return lambda task, moment: any(fold(text) in every for text in texts(task))
    if len(wanted) == 1:
        only = wanted[0]
        return lambda task, moment: any(only in fold(text) for text in texts(task))
    return lambda task, moment: any(each in fold(text) for text in texts(task) for each in wanted)


def _word_test(field: Field, value: Word) -> Test:
    wanted = fold(value.text)
    fitting = [test for word, test in field.words.items() if word.startswith(wanted)]
    if wanted in field.words:
        fitting = [field.words[wanted]]
    if not fitting:
        raise QueryError(
            _("{field} knows no {text!r}").format(field=field.name, text=value.text),
            value.start + 1,
            _("known: {names}").format(names=", ".join(field.words)),
        )
    return _any_of(fitting)


def _number_test(field: Field, op: str, value: Word) -> Test:
    sign = op.lstrip(":") or "="
    if field.kind is Kind.SPAN and sign == "=":
        raise QueryError(
            _("{field} needs < or >").format(field=field.name),
            value.start,
            _("such as {example}").format(example=field.example),
        )
    limit = _limit(field, value)
    number, compare = field.number, _COMPARE[sign]

    def test(task: Task, moment: Moment) -> bool:
        known = number(task, moment.now)
        return known is not None and compare(known, limit)

    return test


def _limit(field: Field, value: Word) -> float:
    try:
        if field.kind is Kind.SPAN:
            return parse_span(value.text).total_seconds()
        if not re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]{1,6})?", value.text):
            raise ValueError(_("must be a number, not {text!r}").format(text=value.text))
        return float(value.text)
    except ValueError as error:
        raise QueryError(
            f"{field.name} {error}", value.start + 1, _("such as {example}").format(example=field.example)
        ) from None


def _sort(term: Term) -> list[tuple[str, bool]]:
    if term.negated or term.op not in (":", "="):
        raise QueryError(_("sort is written sort:cost, or sort:-cost for the greatest first"), term.start + 1)
    wanted = []
    for value in term.values:
        name = fold(value.text.removeprefix("-"))
        if name not in ORDERS:
            raise QueryError(
                _("cannot sort by {name!r}").format(name=name),
                value.start + 1,
                _("known: {names}; - turns it round").format(names=", ".join(ORDERS)),
            )
        wanted.append((name, value.text.startswith("-")))
    return wanted


def _any_of(tests: Sequence[Test]) -> Test:
    if len(tests) == 1:
        return tests[0]
    return lambda task, moment: any(test(task, moment) for test in tests)


def _turned(test: Test) -> Test:
    return lambda task, moment: not test(task, moment)


def _near(name: str) -> str:
    names = [*FIELDS, SORT]
    close = [each for each in names if each.startswith(name)] or get_close_matches(name, names, n=1)
    return (
        _("do you mean {field}?").format(field=close[0]) if close else _("in quotes it is looked for as text")
    )
