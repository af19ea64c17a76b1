"""Drafts as batches, on real parts: a ledger on disk and the sandbox's accounts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from backend.batches.drafts import values_in
from backend.batches.recording import BusyError, only_one
from backend.batches.sheet import BatchError
from backend.errors import UsageError
from backend.service import Draft, Service
from tests.backend.resting import resting_service

STREET = Draft(
    account="kling",
    operation="text2video",
    texts={"prompt": "{{subject}} in {{place}}", "duration": "{{seconds}}", "@role:prompt": "{{aside}}"},
)
VALUES = {"subject": ["a fox", "雪の狐 [/b]"], "place": ["snow", "rain", "fog"], "seconds": ["5"]}


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with resting_service(tmp_path) as service:
        yield service


def test_values_are_lines() -> None:
    assert values_in(" a fox \n\n a crow\na fox\n") == ["a fox", "a crow"]
    assert values_in("\n \n") == []


async def test_every_combination_is_recorded_at_once(service: Service) -> None:
    many = service.draft_batches
    assert many.blanks([STREET]) == ["subject", "place", "seconds"]
    assert many.count([STREET], VALUES) == 6
    agreed = await many.plan([STREET], VALUES, "streets")
    assert not service.tasks, "planning records nothing"
    assert agreed.plan.cost().unknown + agreed.plan.cost().known == 6
    tasks = await many.record(agreed)
    assert len(tasks) == len(service.tasks) == 6
    assert {task.batch for task in tasks} == {"streets"}
    prompts = [f"{subject} in {place}" for subject in VALUES["subject"] for place in VALUES["place"]]
    assert [task.prompt for task in tasks] == prompts
    assert {task.request["duration"] for task in tasks} == {"5"}


async def test_what_the_batch_has_already_is_not_made_again(service: Service) -> None:
    many = service.draft_batches
    await many.record(await many.plan([STREET], {**VALUES, "place": ["snow"]}, "streets"))
    again = await many.plan([STREET], VALUES, "streets")
    assert (len(again.plan.new), len(again.plan.entries)) == (4, 6)
    assert len((await many.plan([STREET], VALUES)).plan.new) == 6, "a batch without a name is a new one"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({**VALUES, "place": []}, "{{place}} needs a value"),
        ({**VALUES, "seconds": ["5", "eleven"]}, "duration: "),
        ({**VALUES, "subject": ["{{who}}"]}, "{{who}} has no value"),
        ({**VALUES, "subject": list(map(str, range(400))), "place": list(map(str, range(400)))}, "more than"),
    ],
)
async def test_with_anything_wrong_nothing_is_made(
    service: Service, values: dict[str, Sequence[str]], words: str
) -> None:
    with pytest.raises(UsageError) as error:
        await service.draft_batches.plan([STREET], values)
    assert words in str(error.value)
    assert not service.tasks


async def test_one_draft_for_several_accounts(service: Service) -> None:
    prompt = {"prompt": "a fox"}
    drafts = [
        Draft(account="kling", operation="text2video", texts=prompt),
        Draft(account="kling-relay", operation="text2video", texts={**prompt, "model_name": "kling-v2-6"}),
        Draft(account="chanjing", operation="tx-kling2.5", texts={"ref_prompt": "a fox"}),
    ]
    many = service.draft_batches
    tasks = await many.record(await many.plan(drafts, {}))
    assert [task.account for task in tasks] == ["kling", "kling-relay", "chanjing"]
    assert {task.prompt for task in tasks} == {"a fox"}
    assert len({task.batch for task in tasks}) == 1
    wrong = [*drafts[:2], Draft(account="chanjing", operation="tx-kling2.5", texts={"video_duration": "x"})]
    with pytest.raises(BatchError):
        await many.plan(wrong, {})
    assert len(service.tasks) == 3


async def test_what_was_agreed_to_is_what_is_made(service: Service, tmp_path: Path) -> None:
    many = service.draft_batches
    first, second = await asyncio.gather(*(many.plan([STREET], VALUES, "streets") for _ in range(2)))
    with only_one(service.paths.data, "streets"), pytest.raises(BusyError):
        await many.record(first)
    await many.record(first)
    with pytest.raises(UsageError, match="changed by another reeltop"):
        await many.record(second)
    assert len(service.tasks) == 6
