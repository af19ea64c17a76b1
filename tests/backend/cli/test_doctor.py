from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from backend.engine.part import FOLDER
from backend.views import clock_skew

from .conftest import Inside, Sandbox
from .test_commands import key_of, sandbox_config
from .test_words import check_shape


def test_a_sound_home_has_no_problem(inside: Inside) -> None:
    done = inside("doctor", "--json")
    assert done.code == 0, done.out
    check_shape("doctor", done)
    found = {(item["group"], item["name"]): item["verdict"] for item in done.json()["findings"]}
    assert found["account", "kling"] == found["clock", "kling"] == found["disk", "downloads"] == "ok"


def test_files_that_are_not_whole_are_counted(inside: Inside) -> None:
    folder = json.loads(inside("paths", "--json").out)["downloads"]
    assert "partial" not in inside("doctor").out
    for name in ("one-1.part", "other-1.part", "a-note.txt"):
        path = Path(folder) / FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(1500))
    done = inside("doctor")
    assert done.code == 0
    assert "2 unfinished, 3.0 kB, of no task in the list: removed 7 days after their last byte" in done.out


def test_problems_are_named_and_no_secret_is_shown(bare_inside: Inside, sandbox: Sandbox) -> None:
    bare_inside.configure(sandbox_config(sandbox))
    missing = bare_inside("doctor")
    assert missing.code == 1
    assert "KEY is not set" in missing.out
    wrong = bare_inside("doctor", KEY="not-the-right-key")
    assert wrong.code == 1
    right = bare_inside("doctor", KEY=key_of(sandbox))
    assert right.code == 0, right.out
    assert not [key for key in ("not-the-right-key", key_of(sandbox)) if key in wrong.out + right.out]


def test_a_clock_is_compared_with_the_providers() -> None:
    now = datetime(2026, 5, 1, 12, 0, 40, tzinfo=UTC)
    assert clock_skew({"Date": "Fri, 01 May 2026 12:00:00 GMT"}, now) == 40.0
    assert clock_skew({"date": "yesterday"}, now) is None
    assert clock_skew({"date": "Fri, 01 May 2026 12:00:00 -0000"}, now) is None
    assert clock_skew({}, now) is None
