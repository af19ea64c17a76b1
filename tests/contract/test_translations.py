"""Every sentence that the code marks is translated, and translated well enough to be shown."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Message

from backend.language import PARTS
from tests.contract.translations import TRANSLATED, Book, Found, mo_bytes, po_bytes, read_code

CASES = [(language, part) for language in TRANSLATED for part in PARTS]
AGAIN = "run: python -m tests.contract.translations --write"


@pytest.fixture(scope="module")
def code() -> dict[str, Found]:
    return dict(read_code())


def forms(texts: object) -> list[str]:
    """Return the singular and plural of a side of an entry, or its only form."""
    return [texts] if isinstance(texts, str) else [str(text) for text in texts]  # type: ignore[attr-defined]


def entries(book: Book) -> Iterator[tuple[str, str, Message]]:
    """Yield the English (of many), the translation, and the whole entry."""
    for message in book.read():
        if message.id:
            yield forms(message.id)[-1], forms(message.string)[0], message


@pytest.mark.parametrize("part", PARTS)
def test_the_code_marks_plain_sentences(code: dict[str, Found], part: str) -> None:
    assert code[part].complaints == ()


@pytest.mark.parametrize(("language", "part"), CASES)
def test_the_catalogue_is_what_the_code_says(code: dict[str, Found], language: str, part: str) -> None:
    book = Book(language, part)
    catalog = book.renewed(code[part].sentences)
    assert book.path.read_bytes().decode() == po_bytes(catalog).decode(), AGAIN
    assert book.path.with_suffix(".mo").read_bytes() == mo_bytes(catalog), AGAIN


@pytest.mark.parametrize(("language", "part"), CASES)
def test_every_sentence_is_translated(language: str, part: str) -> None:
    assert [
        english for english, text, message in entries(Book(language, part)) if message.fuzzy or not text
    ] == []


@pytest.mark.parametrize(("language", "part"), CASES)
def test_values_and_spaces_are_the_same_on_both_sides(language: str, part: str) -> None:
    def frame(text: str) -> tuple[object, ...]:
        inner = text.strip()
        start = text.index(inner)
        return text[:start], text[start + len(inner) :], set(re.findall(r"\{[^{}]*\}", text))

    assert [
        (english, text)
        for english, text, _ in entries(Book(language, part))
        if text and frame(english) != frame(text)
    ] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_sentence_has_one_translation(language: str) -> None:
    known: dict[tuple[str, str | None], str] = {}
    twice = []
    for part in PARTS:
        for _, text, message in entries(Book(language, part)):
            key = forms(message.id)[0], message.context
            if known.setdefault(key, text) != text:
                twice.append((key, known[key], text))
    assert twice == []


HAN = "[\u4e00-\u9fff]"


@pytest.mark.parametrize("part", PARTS)
def test_chinese_is_set_as_chinese(part: str) -> None:
    """Full-width punctuation after a character, and a space between characters and Latin words."""
    glued = re.compile(f"{HAN}[,;:?!()]|[,;?!()]{HAN}|{HAN}[A-Za-z0-9]|[A-Za-z0-9]{HAN}")
    assert [text for _, text, _ in entries(Book("zh_CN", part)) if glued.search(text)] == []
