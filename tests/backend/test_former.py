"""Former values of fields, from tasks and drafts."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from backend.drafts import Draft
from backend.former import MOST, former_values
from backend.models import Task
from backend.providers.fields import FieldSpec, leaf_specs
from backend.providers.kling_fields import ImageToVideo
from tests.tui.fakes import make_task

START = datetime(2026, 11, 21, tzinfo=UTC)
SPECS = {spec.name: spec for spec in leaf_specs(ImageToVideo)}


def task(number: int, account: str = "main", operation: str = "image2video", **request: Any) -> Task:
    made = make_task(f"t{number}", account=account, operation=operation, request=request)
    prompt = str(request.get("prompt", ""))
    return replace(made, provider="kling", prompt=prompt, created_at=START + timedelta(hours=number))


def values(tasks: list[Task], spec: FieldSpec, *drafts: Draft) -> list[str]:
    found = former_values(tasks, [(START, draft) for draft in drafts], "main", [spec])
    return [former.text for former in found[spec.name]]


def test_prompts_of_all_accounts_newest_first_each_once() -> None:
    tasks = [
        task(1, prompt="a heron"),
        task(2, "other", prompt="雨夜 [/b]\nneon"),
        task(3, prompt="a heron"),
        task(4, prompt=" "),
    ]
    found = former_values(tasks, [], "main", [SPECS["prompt"]])["prompt"]
    assert [(former.text, former.times) for former in found] == [("a heron", 2), ("雨夜 [/b]\nneon", 1)]
    assert found[0].at == tasks[2].created_at
    assert found[1].place == "other image2video"


def test_negative_prompts_go_by_what_they_mean() -> None:
    tasks = [
        task(1, "other", negative_prompt="blur"),
        task(2, "other", operation="gone", negative_prompt="grain"),
    ]
    assert values(tasks, SPECS["negative_prompt"]) == ["blur"]


def test_other_values_are_those_of_the_same_field_and_account() -> None:
    tasks = [
        task(1, image="https://example.com/a.png", cfg_scale=0.5),
        task(2, "other", image="https://example.com/b.png"),
        task(3, image="A" * 5000),
    ]
    assert values(tasks, SPECS["image"]) == ["https://example.com/a.png"]
    assert values(tasks, SPECS["cfg_scale"]) == ["0.5"]


def test_voices_and_elements_come_one_by_one() -> None:
    voices = [{"voice_id": "829"}, {"voice_id": "830"}]
    tasks = [task(1, voice_list=voices, element_list=[{"element_id": 7}]), task(2, voice_list=voices[:1])]
    found = former_values(tasks, [], "main", [SPECS["voice_list"], SPECS["element_list"]])
    assert [json.loads(former.text) for former in found["voice_list"]] == voices
    assert [former.text for former in found["element_list"]] == ['{"element_id": 7}']


def test_drafts_count_too_and_ids_of_tasks_never() -> None:
    draft = Draft(account="main", texts={"prompt": "typed", "external_task_id": "mine"})
    assert values([], SPECS["prompt"], draft) == ["typed"]
    assert values([task(1, external_task_id="mine")], SPECS["external_task_id"], draft) == []


def test_there_is_an_end() -> None:
    tasks = [task(number, prompt=f"{number}") for number in range(3 * MOST)]
    found = values(tasks, SPECS["prompt"])
    assert len(found) == MOST
    assert found[0] == str(3 * MOST - 1)
