"""What providers say to a person has a translation: found by walking the registry, not by what is marked."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

import pytest

import backend.providers
from backend.language import _, speak
from backend.models import Failure
from backend.providers import registry, sources
from backend.providers.contract import HttpAnswer
from backend.providers.envelopes import open_envelope
from backend.providers.failures import Asked, Cause, FailureTable, WordRule, make
from backend.providers.fields import FieldSpec
from backend.providers.specs import all_specs
from tests.contract.translations import TRANSLATED

NAMES = {"x", "y", "px", "AccessKey", "SecretKey"}
"""The same in every language."""
HAN = re.compile("[\u4e00-\u9fff]")
ENVELOPE = open_envelope(HttpAnswer(status=400, body=b"{}"))


@pytest.fixture(params=TRANSLATED)
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    speak(request.param)
    yield request.param
    speak("en")


def tables() -> Iterator[Any]:
    """Yield every object at the top of a provider's module."""
    for module in pkgutil.iter_modules(backend.providers.__path__):
        yield from vars(import_module(f"backend.providers.{module.name}")).values()
    for provider in registry.providers().values():
        yield from vars(import_module(type(provider).__module__)).values()


def failures(found: Any) -> Iterator[Failure]:
    """Yield every failure that a table of causes can tell."""
    if isinstance(found, Cause):
        yield from (make(found, ENVELOPE, asked) for asked in Asked)
    elif isinstance(found, WordRule):
        yield from failures(found.cause)
    elif isinstance(found, FailureTable):
        yield from failures(found.codes)
        yield from failures(found.statuses)
        yield from failures(found.words)
        yield found.of_task("", None, None)
        for code in (*found.codes, None):
            answer = open_envelope(HttpAnswer(status=500, body=f'{{"code": "{code}"}}'.encode()))
            yield from (found.of_check(answer), found.of_answer(answer, Asked.CREATE))
    elif isinstance(found, Mapping):
        yield from (failure for value in list(found.values()) for failure in failures(value))
    elif isinstance(found, tuple | list):
        yield from (failure for value in found for failure in failures(value))


def labels(specs: Iterator[FieldSpec] | tuple[FieldSpec, ...]) -> Iterator[str]:
    """Yield what is said of each field, and of those of the objects in a list."""
    for spec in specs:
        yield from (
            spec.title,
            spec.help,
            spec.unit,
            spec.group.label,
            spec.line.example if spec.line else "",
        )
        yield from labels(spec.items)


def described() -> Iterator[str]:
    """Yield what each provider says of itself, its operations, credentials and options."""
    for provider in registry.providers().values():
        yield provider.title
        yield from (text for spec in provider.credentials for text in (spec.title, spec.help))
        yield from (option.help for option in provider.options)
        for operation in provider.operations.values():
            yield from (operation.title, operation.summary, operation.source, operation.model.RULES_FROM)
            yield from labels(all_specs(operation.model))


def untranslated(texts: Iterator[str]) -> list[str]:
    words = {text for text in texts if text and text not in NAMES and not text.isdecimal()}
    return sorted(text for text in words if not HAN.search(_(text)))


def test_every_sentence_of_every_failure(language: str) -> None:
    told = [failure for table in tables() for failure in failures(table)]
    assert len({failure.meaning for failure in told}) > 50, "the tables are found"
    said = (text for each in told for text in (each.meaning, each.money, each.next_step))
    assert untranslated(said) == []


def test_every_label_and_help(language: str) -> None:
    assert untranslated(described()) == []


def test_every_note_on_what_is_assumed(language: str) -> None:
    notes = {
        (spec.default_note, spec.note)
        for provider in registry.providers().values()
        for operation in provider.operations.values()
        for spec in all_specs(operation.model)
        if spec.default_note
    }
    assert [english for english, shown in notes if not HAN.search(shown)] == []
    assert dict(notes)["5 if not sent"] == "不设置则为 5"


def test_every_source_of_rules(language: str) -> None:
    named = [text for name, text in vars(sources).items() if name.isupper() and isinstance(text, str)]
    assert untranslated(iter(named)) == []
