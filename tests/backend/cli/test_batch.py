"""``reeltop batch`` and ``reeltop submit -`` from file and pipe to the sandbox and back."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from .conftest import COMMAND, ROOT, Inside, Reeltop, Sandbox

TO_KLING = ("--account", "kling", "--operation", "text2video")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "work"
    made.mkdir()
    return made


def write(folder: Path, *rows: str, name: str = "shots.csv", head: str = "id,prompt") -> Path:
    path = folder / name
    path.write_text("\n".join([head, *rows, ""]), encoding="utf-8")
    return path


def results(path: Path) -> list[dict[str, Any]]:
    lines = path.with_name(f"{path.name}.results.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_a_batch_is_made_once_and_reports_each_row(inside: Inside, folder: Path) -> None:
    path = write(folder, "a,[ok] 猫 [bold]x[/],", "b,[fail] a dog")
    first = inside("batch", str(path), *TO_KLING, "--json")
    assert first.code == 1
    assert [(row["row"], row["status"]) for row in first.lines()] == [("a", "succeeded"), ("b", "failed")]
    assert first.lines() == results(path)
    assert first.lines()[1]["failure"]
    assert Path(first.lines()[0]["files"][0]).is_file()

    again = inside("batch", str(path), *TO_KLING, "--json")
    assert "nothing to send, 1 made before, 1 failed before (--retry-failed sends them again)" in again.err
    assert again.code == 1, again.err
    tasks = [row["task"] for row in again.lines()]
    assert tasks == [row["task"] for row in first.lines()]

    write(folder, "a,[ok] another cat", "b,[ok] mended")
    changed = inside("batch", str(path), *TO_KLING, "--json", "--retry-failed")
    assert changed.code == 1, "a row that is not made as it stands is no success"
    assert f"{path}:2: row a has changed since task {tasks[0]}" in changed.err
    assert [(row["state"], row["status"]) for row in changed.lines()] == [
        ("changed", "succeeded"),
        ("new", "succeeded"),
    ]
    assert inside("batch", str(path), *TO_KLING, "--changed").code == 0
    assert len(inside("list", "--json").json()) == 4


def test_with_anything_wrong_nothing_is_recorded(inside: Inside, folder: Path) -> None:
    path = write(folder, "a,[ok] fine", "b,", "c,{{who}}")
    ended = inside("batch", str(path), *TO_KLING)
    assert (ended.code, ended.out) == (2, "")
    assert [line.removeprefix(f"reeltop: {path}") for line in ended.err.splitlines()] == [
        ":3: prompt: required, unless there is a list of shots (customize)",
        ":4: prompt: {{who}} has no value: give it as a variable, in a column var.who, or by --var",
        "reeltop: 2 problems; nothing was sent",
    ]
    assert inside("list", "--json").json() == []
    assert not path.with_name("shots.csv.results.jsonl").exists()


def test_a_dry_run_tells_the_exact_requests_and_records_nothing(inside: Inside, folder: Path) -> None:
    path = write(folder, "a,{{who}}")
    words = ("batch", str(path), *TO_KLING, "--var", "who=cat", "--var", "who=dog", "--set", "duration=10")
    planned = inside(*words, "--dry-run", "--json").lines()
    assert [row["row"] for row in planned] == ["a[who=cat]", "a[who=dog]"]
    assert [row["request"]["body"]["prompt"] for row in planned] == ["cat", "dog"]
    assert planned[0]["request"]["body"]["duration"] == "10"
    assert "$KLING" in planned[0]["request"]["headers"]["Authorization"]
    shown = inside(*words, "--dry-run")
    assert shown.out.splitlines()[0].split() == ["ROW", "LINE", "STATE", "ACCOUNT", "OPERATION", "COST"]
    assert inside("list", "--json").json() == []


def test_what_costs_needs_a_word_where_nobody_can_be_asked(bare_inside: Inside, folder: Path) -> None:
    bare_inside.configure(
        '[accounts.a]\nprovider = "kling"\nbase_url = "http://127.0.0.1:9"\napi_key = "k"\n'
        'prices = [{ per_task = "1.5", unit = "CNY" }]\n'
    )
    path = write(folder, "a,cat", "b,dog")
    words = ("batch", str(path), "--operation", "text2video")
    ended = bare_inside(*words)
    assert ended.code == 2
    assert (
        "send 2 tasks, cost: about 3 CNY (by your price of 1.5 CNY a task)? There is no terminal" in ended.err
    )
    ended = bare_inside(*words, "--yes", "--max-cost", "2.9")
    assert ended.code == 2
    assert "--max-cost: about 3 CNY to come would exceed 2.9 CNY; nothing is sent" in ended.err
    ended = bare_inside(*words, "--yes", "--max-cost", "3", "--no-wait", "--json")
    assert ended.code == 0
    assert {row["status"] for row in ended.lines()} <= {"waiting", "submitting"}
    assert len(ended.lines()) == 2


def test_after_so_many_failures_what_waits_is_withdrawn_and_may_be_sent_later(
    inside: Inside, folder: Path
) -> None:
    path = write(folder, *(f"r{number},[fail] {number}" for number in range(30)))
    stopped = inside("batch", str(path), *TO_KLING, "--stop-after", "2", "--json")
    statuses = [row["status"] for row in stopped.lines()]
    assert stopped.code == 1
    assert "tasks failed; what was still waiting is withdrawn" in stopped.err
    assert statuses.count("cancelled") >= 10
    assert set(statuses) == {"failed", "cancelled"}
    again = inside("batch", str(path), *TO_KLING, "--dry-run", "--json").lines()
    assert [row["sends"] for row in again] == [status == "cancelled" for status in statuses]


def test_what_is_estimated_above_the_limit_is_refused_beforehand(reeltop: Reeltop, folder: Path) -> None:
    """The estimate rests on a cheaper past."""
    earlier = write(folder, "x,[ok] short", name="earlier.csv")
    assert reeltop("batch", str(earlier), *TO_KLING).code == 0
    path = write(folder, *(f"r{number},[ok] {number}" for number in range(30)))
    refused = reeltop("batch", str(path), *TO_KLING, "--max-cost", "59")
    assert "about 60 units to come would exceed 59 units; nothing is sent" in refused.err
    dearer = ("--set", "mode=pro", "--max-cost", "60")
    unknown = reeltop("batch", str(path), *TO_KLING, *dearer)
    assert "there is no estimate for a row, so nothing is sent" in unknown.err
    assert [task["batch"] for task in reeltop("list", "--json").json()] == ["earlier"]


@pytest.fixture
def underestimated(bare: Reeltop, sandbox: Sandbox) -> Reeltop:
    """Reeltop with one account, one task at a time, and a price far below the 2 units charged."""
    kling = next(account for account in sandbox.accounts if account["name"] == "kling")
    bare.configure(
        f'[accounts.kling]\nprovider = "kling"\nbase_url = "{kling["base_url"]}"\n'
        "limits = { concurrency = 1 }\n"
        f'api_key = "{kling["credentials"]["api_key"]}"\nprices = [{{ per_task = "0.1", unit = "unit" }}]\n'
    )
    return bare


def test_charges_above_the_limit_stop_the_rest(underestimated: Reeltop, folder: Path) -> None:
    path = write(folder, *(f"r{number},[ok] {number}" for number in range(20)))
    words = ("batch", str(path), *TO_KLING, "--yes", "--max-cost", "3")
    stopped = underestimated(*words, "--json")
    assert stopped.code == 1, stopped.err
    assert "units charged, more than 3 units; what was still waiting is withdrawn" in stopped.err
    statuses = Counter(row["status"] for row in stopped.lines())
    assert statuses.keys() == {"succeeded", "cancelled"}
    assert 2 <= statuses["succeeded"] <= 4, "one more may be under way when the limit is passed"
    again = underestimated(*words)
    assert again.code == 2
    assert "units charged, more than 3 units; nothing is sent" in again.err


def test_charges_for_rows_as_they_were_count_towards_the_limit(underestimated: Reeltop, folder: Path) -> None:
    words = ("batch", str(folder / "shots.csv"), *TO_KLING, "--yes", "--changed", "--max-cost", "5")
    for version in "first", "second":
        write(folder, f"a,[ok] {version}")
        assert underestimated(*words).code == 0
    write(folder, "a,[ok] third", *(f"r{number},[ok] {number}" for number in range(9)))
    stopped = underestimated(*words, "--json")
    assert "6 units charged, more than 5 units" in stopped.err
    assert 1 <= sum(row["status"] == "succeeded" for row in stopped.lines()) <= 2


def test_two_at_once_make_each_row_once(reeltop: Reeltop, folder: Path) -> None:
    path = write(folder, *(f"r{number},[ok] {number}" for number in range(12)))
    both = [reeltop.start("batch", str(path), *TO_KLING) for _ in range(2)]
    codes, said = [], ""
    for process in both:
        said += process.communicate(timeout=60)[1].decode()
        codes.append(process.returncode)
    assert sorted(codes) in ([0, 2], [0, 0])
    assert (2 in codes) == ("another reeltop is at work on batch 'shots'" in said)
    assert len(reeltop("list", "--json").json()) == 12


def test_archived_rows_are_made_rows(inside: Inside, folder: Path) -> None:
    path = write(folder, "a,[fail] x", "b,[fail] y")
    inside("batch", str(path), *TO_KLING)
    inside("archive", "--older-than", "0m")
    assert inside("list", "--json").json() == []
    again = inside("batch", str(path), *TO_KLING, "--json")
    assert "nothing to send, 2 failed before" in again.err
    assert [row["status"] for row in again.lines()] == ["failed", "failed"]


def test_a_folder_is_watched(reeltop: Reeltop, folder: Path) -> None:
    watching = reeltop.start("batch", "--watch", str(folder), *TO_KLING)
    try:
        write(folder, "a,[ok] x")
        write(folder, "a,", name="bad.csv")
        done, failed = folder / "done" / "shots.csv", folder / "failed" / "bad.csv"
        end = time.monotonic() + 40
        while not (done.exists() and failed.exists()) and time.monotonic() < end:
            time.sleep(0.2)
        assert [row["status"] for row in results(done)] == ["succeeded"]
        assert ":2: prompt: required" in (folder / "failed" / "bad.csv.problems.txt").read_text()
        assert [path.name for path in folder.iterdir() if path.is_file()] == []
    finally:
        watching.send_signal(signal.SIGTERM)
        said = watching.communicate(timeout=20)[1].decode()
    assert watching.returncode == 143, said


def test_lines_in_and_lines_out(reeltop: Reeltop) -> None:
    lines = [
        {"prompt": "[ok] a", "ref": {"my": "own"}, "tags": ["night"]},
        {"prompt": "", "ref": 2},
        {"request": {"prompt": "[fail] b"}, "ref": "three"},
    ]
    stdin = "\n".join([*map(json.dumps, lines), "half a {", ""])
    ended = reeltop("submit", "-", *TO_KLING, stdin=stdin)
    assert ended.code == 1
    found = {line["line"]: line for line in ended.lines()}
    assert [found[number]["ref"] for number in (1, 2, 3, 4)] == [{"my": "own"}, 2, "three", None]
    assert found[1]["task"]["status"] == "succeeded"
    assert found[1]["task"]["tags"] == ["night"]
    assert found[3]["task"]["status"] == "failed"
    assert (found[2]["task"], found[4]["task"]) == (None, None)
    assert found[2]["error"].startswith("prompt: ")
    assert found[4]["error"].startswith("not valid JSON")


def test_a_result_comes_while_the_pipe_is_still_open(reeltop: Reeltop) -> None:
    with subprocess.Popen(
        [*COMMAND, "submit", "-", *TO_KLING, "--in-flight", "1"],
        cwd=ROOT,
        env=reeltop.env(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number in (1, 2):
            process.stdin.write(json.dumps({"prompt": f"[ok] {number}", "ref": number}).encode() + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["ref"] == number
        process.stdin.close()
        assert process.stdout.read() == b""
        assert process.wait(20) == 0


def test_a_closed_pipe_or_ctrl_c_loses_no_task(reeltop: Reeltop, sandbox: Sandbox) -> None:
    with subprocess.Popen(
        [*COMMAND, "submit", "-", *TO_KLING],
        cwd=ROOT,
        env=reeltop.env(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        process.stdin.write(b'{"prompt": "[ok][slow] x"}\n')
        process.stdin.flush()
        end = time.monotonic() + 20
        while not reeltop("list", "--json").json() and time.monotonic() < end:
            time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130, "a reader that blocks does not hold it up"
        process.stdin.close()
    assert len(reeltop("list", "--json").json()) == 1
    assert sandbox.accounts


def test_yaml_without_its_package_says_how_to_get_it(
    inside: Inside, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ruamel.yaml", None)
    path = write(folder, name="a.yaml", head="- prompt: x")
    ended = inside("batch", str(path), *TO_KLING)
    assert ended.code == 2
    assert "pip install 'reeltop[yaml]'" in ended.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("batch",), "needs a FILE, or --watch DIR"),
        (("batch", "--watch", "/nowhere"), "no such folder"),
        (("batch", "--watch", "/", "--dry-run"), "--watch does not go with dry-run"),
        (("batch", "x.csv", "--max-cost", "much"), "must be an amount"),
        (("batch", "x.csv", "--name", ""), "1 to 80 characters"),
        (("batch", "x.csv", "--var", "x"), "no such file"),
        (("submit", "-", "--request", "x"), "submit - takes no --request"),
    ],
)
def test_what_makes_no_sense_is_said(inside: Inside, words: tuple[str, ...], said: str) -> None:
    ended = inside(*words)
    assert ended.code == 2
    assert said.lower() in ended.err.lower()
