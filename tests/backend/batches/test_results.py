from __future__ import annotations

import csv
import json
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from backend.batches.plan import Entry, State
from backend.batches.results import COLUMNS, ResultFile, default_path, result_of
from backend.errors import UsageError
from backend.models import Artifact, ArtifactState, Charge, Failure, FailureKind, RemoteFile, Status
from tests.backend.cli.helpers import make_task

from .test_plan import row

FAILED = make_task(
    Status.FAILED,
    failure=Failure(kind=FailureKind.POLICY, words='=HYPERLINK("x")\x1b[31m', code="1301", request_id="r"),
    charges=(Charge(amount=Decimal("0.50"), unit="unit"),),
    artifacts=(
        Artifact(remote=RemoteFile(url="https://x"), state=ArtifactState.SAVED, path="/tmp/a, b.mp4"),
        Artifact(remote=RemoteFile(url="https://y")),
    ),
)


def results() -> list[dict[str, Any]]:
    return [
        result_of("shots", Entry(row("a"), State.MADE, FAILED, sends=False), FAILED),
        result_of("shots", Entry(row("你"), State.CHANGED, None, sends=False), None),
    ]


def test_every_row_says_what_came_of_it() -> None:
    first, second = results()
    assert tuple(first) == COLUMNS
    assert first["status"] == "failed"
    assert first["failure"] == '=HYPERLINK("x")'
    assert first["files"] == ["/tmp/a, b.mp4"]
    assert first["charged"] == [{"amount": "0.50", "unit": "unit"}]
    assert (second["state"], second["task"], second["status"]) == ("changed", None, None)


async def test_as_json_lines(tmp_path: Path) -> None:
    batch = tmp_path / "shots.csv"
    file = ResultFile(default_path(batch), batch)
    await file.write(results)
    text = (tmp_path / "shots.csv.results.jsonl").read_text()
    assert [json.loads(line) for line in text.splitlines()] == results()
    ResultFile(default_path(batch), batch)  # what is ours may be replaced


async def test_as_a_table_without_formulas(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    await ResultFile(path, tmp_path / "shots.csv").write(results)
    first, second = csv.DictReader(StringIO(path.read_text(), newline=""))
    assert first["failure"] == '\'=HYPERLINK("x")'
    assert (first["files"], first["charged"]) == ("/tmp/a, b.mp4", "0.50 unit")
    assert (second["row"], second["status"]) == ("你", "")
    ResultFile(path, tmp_path / "shots.csv")


@pytest.mark.parametrize("name", ["out.csv", "out.jsonl"])
@pytest.mark.parametrize("content", [b"mine\n", b"[1]\n", b"\xff\xfe", b'{"row": 1}\n'])
def test_a_file_of_somebody_elses_is_never_replaced(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UsageError, match="left alone"):
        ResultFile(tmp_path / name, tmp_path / "shots.csv")
    with pytest.raises(UsageError, match="batch file itself"):
        ResultFile(tmp_path / name, tmp_path / name)


async def test_it_is_renewed_while_it_is_kept_and_whole_at_the_end(tmp_path: Path) -> None:
    file, shown = ResultFile(tmp_path / "out.jsonl", tmp_path / "shots.csv"), results()[:1]
    async with file.kept(lambda: list(shown)):
        file.touch()
        shown.append(results()[1])
    assert len((tmp_path / "out.jsonl").read_text().splitlines()) == 2
