"""Open drafts: a file each, and of one reeltop at a time."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.desk import Desk
from backend.drafts import Draft, save_draft

FOX = Draft(account="kling", operation="text2video", texts={"prompt": "雨夜\n[bold] fox"})
OWL = Draft(account="kling", operation="text2video", texts={"prompt": "an owl"})
HERON = Draft(account="kling", operation="text2video", texts={"prompt": "a heron"})
CHILD = """
import sys
from pathlib import Path
from backend.desk import Desk
from backend.drafts import Draft

folder = Path(sys.argv[1])
desk = Desk(folder / "drafts", folder / "draft.json")
print([draft.texts["prompt"] for draft in desk.take().values()], flush=True)
desk.save(desk.begin(), Draft(texts={"prompt": "typed elsewhere 雪"}))
print("saved", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = desk_in(tmp_path)
    yield desk
    desk.give_back()


def desk_in(folder: Path) -> Desk:
    return Desk(folder / "drafts", folder / "draft.json")


def prompts(desk: Desk) -> list[str]:
    return [draft.texts["prompt"] for draft in desk.take().values()]


class Other:
    """Another reeltop that has its drafts open until it ends."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-c", CHILD, str(folder)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        assert self.process.stdout is not None
        self.found = self.process.stdout.readline().strip()
        assert self.process.stdout.readline() == "saved\n"

    def __enter__(self) -> Other:
        return self

    def __exit__(self, *_: object) -> None:
        self.end(signal.SIGKILL)

    def end(self, number: signal.Signals) -> None:
        self.process.send_signal(number)
        self.process.communicate()


def test_drafts_come_back_in_order_with_the_one_worked_at_last(desk: Desk, tmp_path: Path) -> None:
    assert desk.take() == {}
    first, second, third = (desk.begin() for _ in range(3))
    for number, draft in ((third, HERON), (first, FOX), (second, OWL)):
        desk.save(number, draft)
    desk.show(third)
    desk.drop(second)
    desk.show(second)  # gone, and no trouble
    desk.give_back()
    again = desk_in(tmp_path)
    assert again.take() == {first: FOX, third: HERON}
    assert again.shown == third
    assert again.begin() > third
    again.give_back()


def test_the_draft_of_an_earlier_version_is_taken_over_once(desk: Desk, tmp_path: Path) -> None:
    save_draft(tmp_path / "draft.json", FOX)
    assert desk.unsent() == [FOX]
    assert list(desk.take().values()) == [FOX]
    assert not (tmp_path / "draft.json").exists()
    desk.give_back()
    assert list(desk.take().values()) == [FOX]


def test_what_cannot_be_read_is_left_where_it_is(desk: Desk, tmp_path: Path) -> None:
    desk.take()
    broken = tmp_path / "drafts" / "open-1" / "000007.json"
    broken.write_text("{")
    desk.give_back()
    assert desk.take() == {}
    assert desk.begin() == 8
    assert broken.read_text() == "{"


def test_what_another_reeltop_has_open_is_its_own_until_it_dies(desk: Desk, tmp_path: Path) -> None:
    save_draft(tmp_path / "draft.json", FOX)
    with Other(tmp_path) as other:
        assert "fox" in other.found
        assert desk.take() == {}
        assert desk.elsewhere == 2
        desk.save(desk.begin(), OWL)
        assert desk.unsent() == [OWL]
        other.end(signal.SIGKILL)
        assert len(desk.unsent()) == 3
        assert prompts(desk) == ["an owl", FOX.texts["prompt"], "typed elsewhere 雪"]
        assert desk.elsewhere == 0
    assert len(list((tmp_path / "drafts").rglob("*.json"))) == 3


def test_a_third_one_finds_what_the_others_left(desk: Desk, tmp_path: Path) -> None:
    with Other(tmp_path) as first, Other(tmp_path) as second:
        assert (first.found, second.found) == ("[]", "[]")
        second.end(signal.SIGTERM)
        assert prompts(desk) == ["typed elsewhere 雪"]


def test_drafts_are_for_the_user_alone(desk: Desk, tmp_path: Path) -> None:
    desk.take()
    desk.save(desk.begin(), FOX)
    for path in [tmp_path / "drafts", *(tmp_path / "drafts").rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0
