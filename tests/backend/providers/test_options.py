"""What an account sets beyond the usual: more models, other JSON types, other addresses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from backend.accounts import Account
from backend.config import load_config
from backend.costs import Costs
from backend.errors import ConfigError
from backend.preparing import prepare_texts
from backend.providers import registry
from backend.providers.fields import check, field_specs

from .helpers import reference


def account(folder: Path, provider: str, text: str) -> Account:
    path = folder / "config.toml"
    head = f'[accounts.a]\nprovider = "{provider}"\nbase_url = "https://x.example"\napi_key = "env:K"\n'
    path.write_text(head + text, encoding="utf-8")
    path.chmod(0o600)
    (found,) = load_config(path).accounts
    return found


@pytest.mark.parametrize("operation", ["text2video", "image2video", "omni-video", "v2-text2video"])
def test_more_models_open_a_closed_list(tmp_path: Path, operation: str) -> None:
    made = account(tmp_path, "kling", '[accounts.a.options]\nmodels = ["kling-v9"]\n')
    usual, more = (provider.operations[operation] for provider in (registry.provider("kling"), made.provider))
    (spec,) = (spec for spec in field_specs(more.model) if spec.name in ("model_name", "model"))
    assert spec.closed
    assert spec.choices[-1] == "kling-v9"
    values: dict[str, Any] = {
        spec.name: "kling-v9",
        "prompt": "a cat",
        "duration": 12 if operation.startswith("v2") else "12",
    }
    values |= {
        "image2video": {"image": "https://x.example/a.png"},
        "omni-video": {"aspect_ratio": "1:1"},
    }.get(operation, {})
    assert check(usual.model, values).issues[0].field == spec.name
    checked = check(more.model, values)
    assert checked.issues == ()
    assert checked.request is not None
    assert "kling-v9" in str(more.codec.create(checked.request, None))
    assert check(more.model, {**values, spec.name: "kling-v10"}).issues


def test_more_models_are_suggested_where_the_list_is_open(tmp_path: Path) -> None:
    made = account(tmp_path, "kling-relay", '[accounts.a.options]\nmodels = ["kling-v9"]\n')
    (spec,) = (
        spec
        for spec in field_specs(made.provider.operations["text2video"].model)
        if spec.name == "model_name"
    )
    assert (spec.closed, spec.choices[-1]) == (False, "kling-v9")
    assert "kling-v9" not in str(field_specs(registry.operation("kling-relay", "text2video").model))


@pytest.mark.parametrize(
    ("wanted", "text", "image", "turbo"), [(None, 5, "5", 5), ("number", 5, 5, 5), ("text", "5", "5", "5")]
)
def test_the_json_type_of_durations(
    tmp_path: Path, wanted: str | None, text: Any, image: Any, turbo: Any
) -> None:
    options = f'[accounts.a.options]\nduration_as = "{wanted}"\n' if wanted else ""
    operations = account(tmp_path, "kling-relay", options).provider.operations

    def sent(name: str, **values: Any) -> dict[str, Any]:
        request = operations[name].model.parse(values)
        body = operations[name].codec.create(request, None).body
        assert body is not None
        return body

    url = "https://x.example/a.png"
    assert sent("text2video", model_name="kling-v1", prompt="p", duration=5)["duration"] == text
    assert sent("image2video", image=url, duration="5")["duration"] == image
    assert sent("turbo-text2video", prompt="p", duration=5)["settings"]["duration"] == turbo
    assert sent("turbo-image2video", first_frame=url, duration=5)["settings"]["duration"] == turbo
    own = sent("text2video", model_name="kling-v1", prompt="p", duration=5, duration_as_text=True)
    assert own["duration"] == "5", "what a request says goes before what its account says"


def test_relays_that_ask_elsewhere(tmp_path: Path) -> None:
    made = account(
        tmp_path,
        "kling-relay",
        '[accounts.a.options]\nquery_path = "/v9/{kind}/{id}/state"\n'
        'turbo_query_path = "/tasks?task_ids={id}"\n',
    )

    def asked(operation: str, remote_id: str) -> tuple[str, Any]:
        ref = reference("kling-relay", operation, remote_id)
        request = made.provider.operations[operation].codec.query([ref])
        return request.path, request.query

    assert asked("text2video", "a/b") == ("/v9/text2video/a%2Fb/state", ())
    assert asked("image2video", "1") == ("/v9/image2video/1/state", ())
    assert asked("turbo-image2video", "a&b") == ("/tasks", (("task_ids", "a&b"),))
    usual = registry.operation("kling-relay", "text2video").codec
    assert usual.query([reference("kling-relay", "text2video", "1")]).path == "/kling/v1/videos/text2video/1"


@pytest.mark.parametrize(
    ("provider", "text", "words"),
    [
        ("kling", 'colour = "red"', "options.colour: unknown; known here: models"),
        ("kling", 'models = "kling-v9"', "options.models: must be a list"),
        ("kling", "models = [9]", "options.models: must be a list of texts"),
        ("kling", 'models = ["kling v9"]', "options.models: 'kling v9' does not fit"),
        ("kling-relay", "duration_as = 5", "options.duration_as: must be text in quotes"),
        ("kling-relay", 'duration_as = "words"', "options.duration_as: must be number or text"),
        ("kling-relay", 'query_path = "/no/place"', "options.query_path: '/no/place' does not fit"),
        ("kling-relay", 'query_path = "https://evil.example/{id}"', "options.query_path: 'https"),
    ],
)
def test_what_an_option_cannot_be_is_told_with_its_line(
    tmp_path: Path, provider: str, text: str, words: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        account(tmp_path, provider, f"[accounts.a.options]\n{text}\n")
    assert words in str(caught.value)
    assert "config.toml:6:" in str(caught.value)


@pytest.mark.parametrize("wanted", [True, False])
def test_reports_of_third_parties_can_be_silenced(tmp_path: Path, wanted: bool) -> None:
    made = account(tmp_path, "kling", "" if wanted else "warnings = false\n")
    operation = made.provider.operations["text2video"]
    texts = {"prompt": "a cat", "model_name": "kling-v2-6", "cfg_scale": "0.5"}
    prepared = prepare_texts(made, operation, texts, Costs().estimate)
    assert prepared.issues == ()
    assert bool(prepared.warnings) is wanted
    longer = prepare_texts(made, operation, {**texts, "duration": "7"}, Costs().estimate)
    assert longer.issues, "rules hold in any case"


@pytest.mark.parametrize(
    ("supports", "told"),
    [
        ('["cfg_scale"]', {"sound"}),
        ('["kling-v2-6/cfg_scale"]', {"sound"}),
        ('["kling-v2-6/cfg_scale", "sound"]', set()),
        ('["kling-v2-5-turbo/cfg_scale"]', {"cfg_scale", "sound"}),
    ],
)
def test_the_user_may_know_better_of_a_single_field(tmp_path: Path, supports: str, told: set[str]) -> None:
    made = account(tmp_path, "kling", f"supports = {supports}\n")
    operation = made.provider.operations["text2video"]
    texts = {"prompt": "x", "model_name": "kling-v2-6", "cfg_scale": "0.5", "sound": "on", "mode": "std"}
    prepared = prepare_texts(made, operation, texts, Costs().estimate)
    assert {warning.field for warning in prepared.warnings} == told


def test_what_a_page_says_is_told_in_any_case(tmp_path: Path) -> None:
    made = account(tmp_path, "openai-video", 'warnings = false\nsupports = ["duration"]\n')
    operation = made.provider.operations["generate"]
    texts = {"model": "kling-2.5", "prompt": "x", "seconds": "8", "duration": "10"}
    prepared = prepare_texts(made, operation, texts, Costs().estimate)
    assert [warning.field for warning in prepared.warnings] == ["duration"]


@pytest.mark.parametrize("supports", ['"cfg_scale"', "[5]", '["a b"]', '["/cfg_scale"]', '["a/b/c"]'])
def test_what_supports_cannot_be(tmp_path: Path, supports: str) -> None:
    with pytest.raises(ConfigError, match="supports"):
        account(tmp_path, "kling", f"supports = {supports}\n")
