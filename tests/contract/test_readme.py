"""The README says what is there."""

from __future__ import annotations

import pytest

from .readme import README, table, text_with_table


def test_the_table_of_providers_is_the_registrys() -> None:
    text = README.read_text(encoding="utf-8")
    assert text_with_table(text) == text, "run: python -m tests.contract.readme --write"


def test_a_readme_without_a_place_for_it_is_refused() -> None:
    with pytest.raises(ValueError, match="no place"):
        text_with_table("# reeltop")


def test_the_table_tells_what_differs() -> None:
    rows = {line.split("|")[1].strip(): line for line in table().splitlines()}
    assert "up to 50 tasks at once" in rows["asked for"]
    assert "sent again under the same id" in rows["if the answer to a submit is lost"]
    assert "left to you" in rows["if the answer to a submit is lost"]
    assert "uploaded first" in rows["local pictures"]
