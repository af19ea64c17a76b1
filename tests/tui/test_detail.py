"""A task in full, and how it is wrapped."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from backend.download_progress import Progress
from backend.engine.fetch_failures import link_ended
from backend.models import ArtifactState, Status, Task, Trouble
from tests.tui.fakes import BROKEN, NOW, UNREACHABLE, ago, ahead, gallery, make_task, result
from tui.detail import Row, Section, moving_sections, still_sections
from tui.widgets.detail_lines import lay_out, wrap


def texts(task: Task, typical: float | None = 130) -> str:
    sections = (*moving_sections(task, NOW, typical, runs=14), *still_sections(task, NOW))
    return "\n".join(f"{row.label}: {row.text}" for section in sections for row in section.rows)


def test_a_failure_is_told_in_full() -> None:
    shown = texts(make_task(status=Status.FAILED, failure=BROKEN))
    for part in (
        BROKEN.meaning,
        BROKEN.words,
        "5003",
        "HTTP 200",
        "request b9c1f0a2-44a1",
        BROKEN.money,
        BROKEN.next_step,
    ):
        assert part in shown


def test_progress_names_its_source() -> None:
    assert "as the provider says" in texts(make_task(progress=0.45))
    guessed = texts(make_task())
    assert "~40 s left (est.), from elapsed time; 14 past runs took 2 min (median)" in guessed
    assert "tells no number" in texts(make_task(), None)


def test_trouble_is_kept_apart_from_the_task() -> None:
    trouble = Trouble(failure=UNREACHABLE, since=ago(40), count=3, next_try=ahead(8))
    shown = texts(make_task(trouble=trouble))
    assert "retrying in 8 s; tried 3 times" in shown
    assert "connection refused" in shown


def test_a_file_says_how_long_its_link_lives() -> None:
    shown = texts(make_task(status=Status.SUCCEEDED, artifacts=(result(),)))
    assert "2 h left to fetch, until 17:09:26" in shown
    assert "https://cdn.example.com/8140/out.mp4" in shown


def test_the_request_and_the_last_answer_are_shown() -> None:
    task = make_task(request={"prompt": "x", "camera_control": {"zoom": 5}}, last_answer='{"code":0}')
    shown = texts(task)
    assert 'camera_control: {"zoom": 5}' in shown
    assert '{\n  "code": 0\n}' in shown


@pytest.mark.parametrize("answer", ["<html>", "[" * 30_000, "{" + "x" * 30_000])
def test_an_answer_that_is_no_json_is_shown_as_it_is(answer: str) -> None:
    shown = texts(make_task(last_answer=answer))
    assert answer[:5] in shown
    assert len(shown) < 25_000


def test_nothing_that_the_clock_leaves_alone_is_made_anew() -> None:
    for task in gallery():
        before, after = (list(still_sections(task, moment)) for moment in (NOW, ahead(1)))
        assert before == after


@given(st.text(alphabet=st.sampled_from("ab 漢字é\n  "), max_size=80), st.integers(2, 20))
def test_wrapping_fits_and_loses_nothing(text: str, width: int) -> None:
    lines = list(wrap(text, width))
    assert all(cell_len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_even_no_room_at_all_is_survived() -> None:
    assert lay_out(Section("A title", (Row("label", "漢 words"),)), 0)


@pytest.mark.parametrize("width", [8, 20, 44, 100])
def test_sections_never_overflow(width: int) -> None:
    section = Section("A title", (Row("label", "words " * 30), Row("", "漢" * 50), Row("a" * 40, "x")))
    for line in lay_out(section, width):
        assert cell_len(line.text) <= width


def test_a_file_that_comes_in_says_how_fast() -> None:
    task = make_task(status=Status.SUCCEEDED, artifacts=(result(state=ArtifactState.DOWNLOADING),))
    coming = {0: Progress(done=4_200_000, total=20_000_000, rate=1_200_000.0)}
    rows = [row for section in moving_sections(task, NOW, None, coming) for row in section.rows]
    words = next(row.text for row in rows if row.label == "Video")
    assert words.startswith("saving 4.2 MB of 20.0 MB · 1.2 MB/s · 13 s left")


@pytest.mark.parametrize("state", [ArtifactState.REMOTE, ArtifactState.SAVED])
def test_how_long_a_file_lives_is_always_said(state: ArtifactState) -> None:
    for ends, words in ((None, "unknown"), (NOW + timedelta(days=29), "29 days left"), (NOW, "link expired")):
        made = result(state=state)
        made = replace(made, remote=replace(made.remote, expires_at=ends))
        task = make_task(status=Status.SUCCEEDED, artifacts=(made,))
        rows = [row for section in moving_sections(task, NOW, None) for row in section.rows]
        assert [words in row.text for row in rows if row.label == "Link life"] == [True]


def test_a_link_that_was_refused_is_not_said_to_live() -> None:
    refused = replace(result(state=ArtifactState.FAILED), failure=link_ended("AccessDenied", 403))
    refused = replace(refused, remote=replace(refused.remote, expires_at=NOW + timedelta(days=29)))
    task = make_task(status=Status.SUCCEEDED, artifacts=(refused,))
    rows = [row for section in moving_sections(task, NOW, None) for row in section.rows]
    (life,) = [row.text for row in rows if row.label == "Link life"]
    assert life.startswith("refused with HTTP 403 when last tried; it was said to live until ")
