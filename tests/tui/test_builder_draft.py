"""Texts between operations, and drafts on their way to disk."""

from __future__ import annotations

import asyncio

import pytest

from backend.providers.chanjing_fields import TxKling25
from backend.providers.fields import leaf_specs
from backend.providers.kling_fields import ImageToVideo, TextToVideo
from backend.service import Draft
from tui.screens.builder_draft import Carrier, DraftKeeper, fits, without_own_ids

TEXT = list(leaf_specs(TextToVideo))
IMAGE = list(leaf_specs(ImageToVideo))
CHANJING = list(leaf_specs(TxKling25))


def test_what_does_not_fit_stays_with_its_operation() -> None:
    carrier = Carrier({})
    carrier.leave("kling/text", TEXT, {"model_name": "kling-v3", "prompt": "a"})
    assert carrier.enter("chanjing", CHANJING) == {"ref_prompt": "a"}
    carrier.leave("chanjing", CHANJING, {"ref_prompt": "a"})
    assert carrier.enter("kling/text", TEXT) == {"model_name": "kling-v3", "prompt": "a"}


def test_a_text_passes_through_an_operation_without_its_role() -> None:
    carrier = Carrier({})
    carrier.leave("kling/image", IMAGE, {"image": "https://example.com/a.png"})
    carrier.leave("kling/text", TEXT, carrier.enter("kling/text", TEXT))
    assert carrier.enter("chanjing", CHANJING) == {"start_frame": "https://example.com/a.png"}


def test_what_was_emptied_does_not_come_back() -> None:
    carrier = Carrier({})
    carrier.leave("kling/text", TEXT, {"prompt": "a"})
    carrier.leave("kling/image", IMAGE, {})
    assert carrier.enter("kling/text", TEXT) == {"prompt": "a"}
    carrier.leave("kling/text", TEXT, {})
    assert carrier.enter("kling/image", IMAGE) == {}


def test_what_is_aside_travels_in_the_draft() -> None:
    carrier = Carrier({})
    carrier.leave("kling/text", TEXT, {"prompt": "a", "cfg_scale": "0.3"})
    again = Carrier({"prompt": "no", **carrier.aside})
    assert again.enter("kling/image", IMAGE) == {"prompt": "a", "cfg_scale": "0.3"}
    assert all(name.startswith("@") for name in carrier.aside)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("video_duration", "5", True),
        ("video_duration", "five", False),
        ("clarity", "1080p", False),
        ("model_code", "kling-v3", False),
        ("quality_mode", "anything", True),
    ],
)
def test_fits(name: str, text: str, expected: bool) -> None:
    spec = next(spec for spec in CHANJING if spec.name == name)
    assert fits(spec, text) is expected


def test_own_ids_are_taken_out() -> None:
    draft = Draft(texts={"external_task_id": "a", "@role:external_id": "a", "prompt": "b"})
    assert without_own_ids(draft, ["external_task_id"]).texts == {"prompt": "b"}


async def test_the_newest_draft_is_written_last_and_none_twice() -> None:
    written: list[str] = []

    async def save(draft: Draft) -> None:
        await asyncio.sleep(0.01)
        written.append(draft.texts["prompt"])

    keeper = DraftKeeper(save, Draft())
    keeper.keep(Draft(texts={"prompt": "a"}))
    first = asyncio.create_task(keeper.flush())
    await asyncio.sleep(0)
    keeper.keep(Draft(texts={"prompt": "b"}))
    await asyncio.gather(first, keeper.flush(), keeper.flush())
    assert written == ["a", "b"]
    assert not keeper.is_behind
