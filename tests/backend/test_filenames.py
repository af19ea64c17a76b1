"""Names that the user's pattern makes: never outside, never too long, never a surprise."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.filenames import DEFAULT_PATTERN, PLACEHOLDERS, NamePattern
from backend.models import Origin, Task

AT = datetime(2026, 9, 21, 12, tzinfo=UTC)
TASK = Task(
    id="id1",
    account="toys",
    provider="kling",
    operation="text2video",
    origin=Origin(base_url="https://toys.test", endpoint="/jobs"),
    request={},
    created_at=AT,
    updated_at=AT,
    model="kling/v2..5",
    prompt="a cat",
)
DAY = f"{AT.astimezone():%Y-%m-%d}"


def name(pattern: str, task: Task = TASK, index: int = 0, kind: str = "video") -> str:
    return str(NamePattern.parse(pattern).path(task, index, kind))


def test_the_usual_pattern() -> None:
    assert name(DEFAULT_PATTERN) == f"{DAY}/toys-kling-v2.5-a-cat-id1"


def test_every_placeholder_has_its_value() -> None:
    task = replace(TASK, remote_id="r9")
    said = name("_".join(f"{{{each}}}" for each in PLACEHOLDERS) + ".mp4", task)
    assert said == f"{DAY}_{AT.astimezone():%H%M%S}_toys_kling_text2video_kling-v2.5_a-cat_id1_r9"


def test_what_is_empty_leaves_no_gap() -> None:
    task = replace(TASK, prompt="", model="")
    assert name(DEFAULT_PATTERN, task) == f"{DAY}/toys-id1"
    assert name("{remote_id}/{slug}.mp4", task) == "untitled/untitled"


def test_further_files_of_a_task_are_told_apart() -> None:
    assert name("{id}.mp4", index=1) == "id1-2"
    assert name("{id}.mp4", kind="watermarked") == "id1-watermarked"


PROMPTS = {
    "../../etc/passwd": "etc-passwd",
    "a/b\\c:d*e?f": "a-b-c-d-e-f",
    "夕阳下的猫，慢慢走": "夕阳下的猫-慢慢走",
    "..": "untitled",
    "\x1b[31mred\u202etxt": "redtxt",
    "it's $HOME `id`": "it-s-HOME-id",
    "  spaces\n\tand lines ": "spaces-and-lines",
    "x....mp4": "x.mp4",
    "con": "_con",
    "NUL.txt": "_NUL.txt",
    "COM1": "_COM1",
    "console": "console",
    "[bold]markup[/]": "bold-markup",
    "\ud800 half": "half",
}


@pytest.mark.parametrize("prompt", PROMPTS)
def test_a_prompt_is_harmless(prompt: str) -> None:
    assert name("{slug}.mp4", replace(TASK, prompt=prompt)) == PROMPTS[prompt]


@pytest.mark.parametrize("letter", ["a", "猫", "🐈", "e\u0301"])
@pytest.mark.parametrize(
    "pattern",
    [
        DEFAULT_PATTERN,
        "{slug}/{slug}-{slug}-{id}.mp4",
        "/".join(["{account}{model}{id}"] * 6) + ".mp4",
    ],
)
def test_names_stay_short_and_keep_the_id(letter: str, pattern: str) -> None:
    long = letter * 3000
    task = replace(TASK, prompt=long, model=long, account=long, id="id1")
    made = NamePattern.parse(pattern).path(task, 7, "watermarked")
    assert len(f"{made.name}.mp4-2.json".encode()) < 255
    assert all(len(part.encode()) <= 200 for part in made.parts)
    assert len(str(made).encode()) <= 1100
    assert "id1" in made.name


REFUSED = {
    "{date}": "must end in .mp4",
    "{date}.mov": "must end in .mp4",
    "/tmp/{id}.mp4": "must not begin with /",
    "~/{id}.mp4": "must not begin with /",
    "../{id}.mp4": "'..'",
    "a/../{id}.mp4": "'..'",
    "a//{id}.mp4": "empty",
    "{id}/.mp4": "empty",
    ".hidden/{id}.mp4": "begin with a dot",
    "{prompt}.mp4": "unknown placeholder {prompt}; known: {date}, {time}, {account}",
    "{id!r}.mp4": "unknown placeholder {id!r}",
    "{id:>9}.mp4": "unknown placeholder {id:>9}",
    "{task.request}.mp4": "unknown placeholder {task.request}",
    "{}.mp4": "unknown placeholder {}",
    "{id.mp4": "single brace",
    "id}.mp4": "single brace",
    "film.mp4": "needs a placeholder",
    "a:{id}.mp4": "must not hold :",
    "a\\{id}.mp4": "must not hold \\",
    "a\x1b[2J{id}.mp4": "control characters",
    "a\u202e{id}.mp4": "control characters",
    "x" * 300 + "{id}.mp4": "300 bytes",
    "a/b/c/d/e/f/{id}.mp4": "5 folders",
}


@pytest.mark.parametrize("pattern", REFUSED)
def test_a_pattern_is_checked(pattern: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        NamePattern.parse(pattern)
    assert REFUSED[pattern] in str(caught.value)


def test_braces_and_other_scripts_may_stand_in_a_pattern() -> None:
    assert name("视频 {{x}}/{id}.mp4") == "视频 {x}/id1"


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_nothing_in_a_task_leads_outside(prompt: str, model: str, task_id: str) -> None:
    task = replace(TASK, prompt=prompt, model=model, id=task_id)
    made = NamePattern.parse("{model}/{slug}/{id}.mp4").path(task)
    folder = Path("/downloads")
    assert len(made.parts) == 3
    assert os.path.normpath(folder / made) == str(folder / made)
    assert not any(part.startswith((".", "-")) for part in made.parts)
    assert str(made).isprintable()
