"""An unknown field hides nothing else that is wrong."""

from __future__ import annotations

from backend.providers import registry
from backend.providers.fields import check

MODEL = registry.provider("kling").operations["text2video"].model


def test_rules_across_fields_are_told_beside_it() -> None:
    values = {"prompt": "", "colour": "red", "camera_control": {"type": "simple", "config": {"spin": 1}}}
    told = {issue.field: issue.message for issue in check(MODEL, values).issues}
    alone = {issue.field: issue.message for issue in check(MODEL, {"prompt": ""}).issues}
    assert told["colour"] == told["camera_control.config.spin"] == "unknown field"
    assert alone.items() <= told.items()
    assert alone


def test_nothing_else_wrong_adds_nothing() -> None:
    assert [issue.field for issue in check(MODEL, {"prompt": "a cat", "colour": "red"}).issues] == ["colour"]
