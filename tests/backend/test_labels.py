"""Tags and notes on a real ledger."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.errors import UsageError
from backend.labels import LONGEST_NOTE, tidy_tag
from backend.sandbox.server import SandboxServer
from tests.backend.test_service import draft, service_in

KLING = ("kling", "text2video")


async def test_tags_and_notes_are_kept_and_change_nothing_else(tmp_path: Path) -> None:
    async with SandboxServer() as sandbox, service_in(tmp_path, sandbox) as service:
        request = service.prepare(draft(*KLING)).request
        assert request is not None
        task = await service.submit(*KLING, request, tags=["b", "a", "a"])
        assert task.tags == ("a", "b")
        (changed,) = await service.labels.tag([task.id, task.id], add=["客户", "b"], remove=["a"])
        assert changed.tags == ("b", "客户")
        assert await service.labels.tag([task.id], add=["b"], remove=["nothing"]) == []
        (noted,) = await service.labels.note([task.id], "  take 2\x1b[31m [b]\n再试  ")
        assert noted.note == "take 2 [b]\n再试"
        async with service_in(tmp_path, sandbox) as other:
            assert (other.tasks[task.id].tags, other.tasks[task.id].note) == (noted.tags, noted.note)


async def test_what_is_no_tag_changes_nothing(tmp_path: Path) -> None:
    async with SandboxServer() as sandbox, service_in(tmp_path, sandbox) as service:
        request = service.prepare(draft(*KLING)).request
        assert request is not None
        task = await service.submit(*KLING, request)
        with pytest.raises(UsageError, match="is no tag"):
            await service.labels.tag([task.id], add=["fine", "not fine"])
        with pytest.raises(UsageError, match="no task"):
            await service.labels.tag([task.id, "nobody"], add=["fine"])
        with pytest.raises(UsageError, match="up to 2000"):
            await service.labels.note([task.id], "x" * (LONGEST_NOTE + 1))
        assert service.tasks[task.id].tags == ()
        with pytest.raises(UsageError, match="is no tag"):
            await service.submit(*KLING, request, tags=[""])
        assert len(service.tasks) == 1


@pytest.mark.parametrize("text", ["", " ", "a b", "a,b", "a:b", 'a"b', "x" * 41, "\x1b[31m"])
def test_a_tag_is_one_plain_word(text: str) -> None:
    with pytest.raises(UsageError):
        tidy_tag(text)
