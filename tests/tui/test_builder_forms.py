"""The form of every operation that there is."""

from __future__ import annotations

import pytest
from textual.content import Content
from textual.widgets import Input

from backend.language import speak
from backend.providers import registry
from backend.providers.fields import Group, Kind, field_specs, leaf_specs
from backend.service import Draft
from tests.tui.builder_stage import Stage, StageService
from tui.widgets.field_inputs import FieldArea
from tui.widgets.field_row import FieldRow
from tui.widgets.field_words import form_fields, help_line, placeholder

OPERATIONS = [
    (provider, name) for provider in registry.providers() for name in registry.provider(provider).operations
]


@pytest.mark.parametrize(("provider", "name"), OPERATIONS)
async def test_every_field_has_its_place(provider: str, name: str) -> None:
    service = StageService(
        Draft(account="one", operation=name), providers={"one": registry.provider(provider)}
    )
    app = Stage(service)
    async with app.run_test(size=(80, 24)) as pilot:
        form = app.builder.form
        for group in form._groups:
            await group.unfold()
        await pilot.pause()
        model = registry.operation(provider, name).model
        rows = list(form.query(FieldRow))
        assert sorted(row.field_name for row in rows) == sorted(spec.name for spec in leaf_specs(model))
        assert form.virtual_size.width <= form.size.width
        for row in rows:
            assert row.field.region.right <= form.region.right
            assert row.label
        for _ in range(len(rows) + 12):
            await pilot.press("tab")
            focused = app.focused
            assert focused is not None
            if isinstance(focused.parent, FieldRow) and focused.parent in rows:
                assert form.region.contains_region(focused.region.intersection(form.region))
                assert focused.region.height


@pytest.mark.parametrize(("provider", "name"), OPERATIONS)
async def test_the_basics_are_always_in_sight(provider: str, name: str) -> None:
    service = StageService(
        Draft(account="one", operation=name), providers={"one": registry.provider(provider)}
    )
    app = Stage(service)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        shown = {row.field_name for row in app.builder.form.query(FieldRow) if row.region.height}
        specs = field_specs(registry.operation(provider, name).model)
        assert shown >= {spec.name for spec in specs if spec.group is Group.BASICS}


@pytest.mark.parametrize(("provider", "name"), OPERATIONS)
def test_every_field_explains_itself_in_a_line(provider: str, name: str) -> None:
    for field in form_fields(registry.operation(provider, name).model):
        assert "\n" not in help_line(field)
        assert help_line(field).startswith(field.name)
        assert placeholder(field)
        assert "if not set if not" not in placeholder(field)
        assert field.spec.kind is not Kind.OBJECT or not field.spec.fields


async def test_a_list_of_objects_shows_its_shape_and_where_its_json_breaks() -> None:
    texts = {"prompt": "a", "multi_shot": "true", "shot_type": "customize", "multi_prompt": '[{"index": 1,'}
    service = StageService(Draft(account="main", operation="text2video", texts=texts))
    app = Stage(service)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        row = next(row for row in app.builder.query(FieldRow) if row.field_name == "multi_prompt")
        assert isinstance(row.field, FieldArea)
        assert "a line each, such as: 2 a cat" in str(row.field.placeholder)
        words = "not valid JSON at line 1, column 14: a name in double quotes is missing"
        assert words in str(row.query_one(".note").render())
        assert not app.builder.query(Input).filter(".-invalid")


async def test_broken_json_is_told_in_the_language_and_without_the_fields_name() -> None:
    speak("zh_CN")
    try:
        texts = {
            "prompt": "a",
            "model_name": "kling-v3",
            "sound": "on",
            "voice_list": '[{"voice_id": "a" 1}]',
        }
        app = Stage(StageService(Draft(account="main", operation="text2video", texts=texts)))
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            row = next(row for row in app.builder.query(FieldRow) if row.field_name == "voice_list")
            said = str(row.query_one(".note").render())
            assert said == "✗ 第 1 行第 19 列不是有效的 JSON：缺少逗号或右括号"
    finally:
        speak("en")


async def test_a_hint_that_is_too_long_says_so() -> None:
    providers = {"one": registry.provider("openai-video")}
    app = Stage(StageService(Draft(account="one", operation="generate"), providers=providers))
    async with app.run_test(size=(80, 24)) as pilot:
        for group in app.builder.form._groups:
            await group.unfold()
        await pilot.pause()
        row = next(row for row in app.builder.query(FieldRow) if row.field_name == "file_infos")
        assert isinstance(row.field, FieldArea)
        hint = row.field.placeholder
        assert isinstance(hint, Content)
        assert hint.plain.endswith("…")
        assert hint.cell_length <= row.field.content_size.width
