"""The catalogues of the interface: ``python -m tests.contract.translations [--write]``.

Collects the sentences that the code gives to :mod:`backend.language` and compares them with
``backend/languages/*/LC_MESSAGES/*.po``, a catalogue for each part. ``--write`` brings those up to date (what
was translated stays, what is gone goes, what is new has an empty translation) and compiles them. After a
merge it is enough to run it: both sides of a conflict in a ``.po`` are kept.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from symtable import symtable

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from backend.language import FOLDER, LANGUAGES, PARTS, RECORD

ROOT = Path(__file__).parent.parent.parent
TRANSLATED = tuple(language for language in LANGUAGES if language != "en")
KEYWORDS = {"_": 1, "N_": 1, "ngettext": 3, "pgettext": 2, "recorded": 1}
"""The functions of backend.language, and how many arguments each takes."""


HEADER = "# What reeltop says. One word for one thing: see GLOSSARY.md of this language."


@dataclass(frozen=True, order=True)
class Sentence:
    """One sentence of the code; `many` for things that are counted, `context` for short words."""

    text: str
    many: str = ""
    context: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What makes it one entry of a catalogue."""
        return self.text, self.context


@dataclass(frozen=True)
class Found:
    """What the code of one part says, and what is wrong with how it says it."""

    sentences: tuple[Sentence, ...]
    complaints: tuple[str, ...]


def part_of(path: Path) -> str:
    """Return the part of the interface that a module below the root belongs to."""
    inner = path.relative_to(ROOT).parts
    return inner[1] if inner[0] == "backend" and inner[1] in ("providers", "cli") else inner[0]


def read_code() -> Mapping[str, Found]:
    """Return what each part says, by its name, sorted by sentence."""
    sentences: dict[str, dict[tuple[str, str], Sentence]] = {part: {} for part in PARTS}
    complaints: dict[str, list[str]] = {part: [] for part in PARTS}
    for folder in ("backend", "tui"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            part = part_of(path)
            source = path.read_text(encoding="utf-8")
            complaints[part] += [
                f"{path.relative_to(ROOT)}:{line}: a variable named _ hides _(): give it a name"
                for line in _shadowed(source, path)
            ]
            for line, found in _calls(ast.parse(source), in_function=False):
                if isinstance(found, str):
                    complaints[part].append(f"{path.relative_to(ROOT)}:{line}: {found}")
                    continue
                former = sentences[part].setdefault(found.key, found)
                if found.many and not former.many:
                    sentences[part][found.key] = found
                elif found.many and found.many != former.many:
                    complaints[part].append(f"{found.text!r} has two plurals")
    return {part: Found(tuple(sorted(sentences[part].values())), tuple(complaints[part])) for part in PARTS}


def _calls(node: ast.AST, *, in_function: bool) -> Iterator[tuple[int, Sentence | str]]:
    """Yield line and sentence of each call of a keyword below `node`, or what is wrong with the call."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KEYWORDS:
        sentence = _sentence(node.func.id, node.args)
        if sentence is not None:
            yield node.lineno, sentence
        if node.func.id not in ("N_", "recorded") and not in_function:
            yield node.lineno, f"{node.func.id}() runs at import, before the language is known: use N_()"
    for name, value in ast.iter_fields(node):
        below = value if isinstance(value, list) else [value]
        inside = in_function or (
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) and name == "body"
        )
        for child in below:
            if isinstance(child, ast.AST):
                yield from _calls(child, in_function=inside)


def _shadowed(source: str, path: Path) -> Iterator[int]:
    """Yield the lines of functions that read a variable named ``_``: it hides the translation."""
    pending = [symtable(source, str(path), "exec")]
    is_translated = "_" in pending[0].get_identifiers()
    while pending and is_translated:
        table = pending.pop()
        pending += table.get_children()
        if table.get_type() == "function" and "_" in table.get_identifiers():
            found = table.lookup("_")
            if found.is_local() and found.is_referenced():
                yield table.get_lineno()


def _sentence(keyword: str, arguments: list[ast.expr]) -> Sentence | str | None:
    """Return the sentence of a call, what is wrong with it, or None for a constant marked elsewhere."""
    if len(arguments) != KEYWORDS[keyword]:
        return f"{keyword}() takes {KEYWORDS[keyword]} arguments"
    texts = [argument.value if isinstance(argument, ast.Constant) else None for argument in arguments]
    if keyword == "ngettext":
        texts = texts[:2]
    if keyword == "_" and isinstance(arguments[0], ast.Name | ast.Attribute | ast.Subscript | ast.Call):
        inner = arguments[0]
        if (
            isinstance(inner, ast.Call)
            and isinstance(inner.func, ast.Attribute)
            and inner.func.attr == "format"
        ):
            return 'put values in after _(): _("…").format(…)'
        return None
    if not all(isinstance(text, str) and text for text in texts):
        return f"{keyword}() takes plain sentences: put values in afterwards by .format()"
    plain = [str(text) for text in texts]
    if keyword == "ngettext":
        return Sentence(plain[0], many=plain[1])
    if keyword == "recorded":
        return Sentence(plain[0], context=RECORD)
    return Sentence(plain[1], context=plain[0]) if keyword == "pgettext" else Sentence(plain[0])


class _SteadyCatalog(Catalog):
    """A catalogue whose header says nothing that changes by itself: no date, no version of a tool."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        kept = ("Language", "Plural-Forms", "MIME-Version", "Content-Type", "Content-Transfer-Encoding")
        return [header for header in self._get_mime_headers() if header[0] in kept]


@dataclass
class Book:
    """One catalogue: a ``.po`` and the ``.mo`` that is compiled from it."""

    language: str
    part: str

    @property
    def path(self) -> Path:
        """Where the ``.po`` lies; the ``.mo`` is beside it."""
        return FOLDER / self.language / "LC_MESSAGES" / f"{self.part}.po"

    def read(self) -> Catalog:
        """Return what is in the ``.po``; an empty catalogue if there is none."""
        text = self.path.read_text(encoding="utf-8") if self.path.exists() else ""
        return read_po(BytesIO(_both_sides(text).encode()), locale=self.language, charset="utf-8")

    def renewed(self, sentences: tuple[Sentence, ...]) -> Catalog:
        """Return a catalogue of exactly `sentences`, with the translations that there are."""
        former = self.read()
        new = _SteadyCatalog(locale=self.language, charset="utf-8", fuzzy=False, header_comment=HEADER)
        for sentence in sentences:
            known = former.get(sentence.text, sentence.context or None)
            new.add(
                (sentence.text, sentence.many) if sentence.many else sentence.text,
                _fitting(known, plural=bool(sentence.many)),
                flags=known.flags & {"fuzzy"} if known else (),
                user_comments=known.user_comments if known else (),
                context=sentence.context or None,
            )
        return new


def _fitting(known: Message | None, *, plural: bool) -> str | tuple[str, ...]:
    """Return a known translation as one of a sentence with or without a plural; Chinese has one form."""
    text = known.string if known else ""
    first = text if isinstance(text, str) else (text or ("",))[0]
    return (first,) if plural else first


def _both_sides(text: str) -> str:
    """Return a file without the marker lines that git leaves at a conflict."""
    return re.sub(r"^(<{7} .*|={7}|>{7} .*|\|{7} .*)\n", "", text, flags=re.MULTILINE)


def po_bytes(catalog: Catalog) -> bytes:
    """Return a ``.po``: sorted by sentence, without line numbers, so that only what changed differs."""
    out = BytesIO()
    write_po(out, catalog, width=0, no_location=True)
    return out.getvalue()


def mo_bytes(catalog: Catalog) -> bytes:
    """Return the ``.mo`` that gettext reads."""
    out = BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def main(arguments: list[str]) -> int:
    """Say what the catalogues lack, or with ``--write`` bring them up to date; return the exit code."""
    lacking = 0
    for part, found in read_code().items():
        for complaint in found.complaints:
            print(complaint)
            lacking += 1
        for language in TRANSLATED:
            book = Book(language, part)
            catalog = book.renewed(found.sentences)
            if "--write" in arguments:
                book.path.parent.mkdir(parents=True, exist_ok=True)
                book.path.write_bytes(po_bytes(catalog))
                book.path.with_suffix(".mo").write_bytes(mo_bytes(catalog))
            elif not book.path.exists() or book.path.read_bytes() != po_bytes(catalog):
                print(f"{book.path.relative_to(ROOT)} is not what the code says: run this with --write")
                lacking += 1
            for message in catalog:
                if message.id and (message.fuzzy or not any(message.string or "")):
                    print(f"{book.path.relative_to(ROOT)}: no translation of {message.id!r}")
                    lacking += 1
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
