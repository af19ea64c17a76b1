"""Tasks from the command line to files on disk, by every protocol."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import av
import pytest

from backend.models import Task
from backend.records import from_json

from .conftest import PAGES, Inside, Reeltop, Sandbox

FIVE = {
    ("kling", "text2video"): ["model_name=kling-v1-6", "prompt=[ok] a cat on a train", "duration=10"],
    ("kling", "image2video"): ["image=https://example.com/cat.png", "prompt=[ok] 雪山之巅"],
    ("kling-relay", "text2video"): ["model_name=kling-v2-5-turbo", "prompt=[ok] a cat"],
    ("kling-relay", "turbo-image2video"): ["first_frame=https://example.com/cat.png", "prompt=[ok] wave"],
    ("openai-video", "generate"): ["model=kling-2.5", "prompt=[ok] a cat", "seconds=5"],
    ("chanjing", "tx-kling2.5"): ["ref_prompt=[ok] 未来城市夜景", "clarity=720"],
}
CAT = ["--account", "kling", "--operation", "text2video", "--set", "model_name=kling-v1-6", "--set"]
TURBO_PAGE = """{
 "model_name":"kling-v2-5-turbo",
 "prompt": "在海滩上度假的快乐场景。",
 "duration":5,
 //"mode":"pro"
}"""


def assignments(pairs: list[str]) -> list[str]:
    return [word for pair in pairs for word in ("--set", pair)]


def plays(path: str) -> bool:
    with av.open(path) as film:
        return sum(1 for _ in film.decode(video=0)) > 0


def arm(sandbox: Sandbox, account: str, fault: str) -> None:
    """Let the account's next request meet trouble."""
    body = json.dumps({"account": account, "fault": fault}).encode()
    wanted = Request(f"{sandbox.base_url}/faults", body, {"Content-Type": "application/json"})
    with urlopen(wanted, timeout=5) as answer:
        assert answer.status < 300


@pytest.mark.parametrize(("account", "operation"), FIVE)
def test_submit_wait_brings_a_film(reeltop: Reeltop, account: str, operation: str) -> None:
    words = assignments(FIVE[account, operation])
    done = reeltop("submit", "--account", account, "--operation", operation, *words, "--wait", "--json")
    assert done.code == 0, done.err
    task = done.json()
    assert done.out.count("\n") == 1
    assert (task["account"], task["operation"], task["status"]) == (account, operation, "succeeded")
    assert {"id", "provider", "progress", "remote_id", "failure", "created_at"} <= task.keys()
    (artifact,) = task["artifacts"]
    assert artifact["state"] == "saved"
    assert plays(artifact["path"])
    assert isinstance(from_json(task), Task)
    told = done.err.splitlines()
    assert all(line.startswith("reeltop: ") for line in told)
    assert any("succeeded" in line for line in told)


def test_every_printed_request_is_accepted_as_it_is(inside: Inside, tmp_path: Path) -> None:
    pages = {
        "kling-official-image2video.json": "kling",
        "kling-relay-text2video.json": "kling-relay",
        "kling-3.0-turbo-image-to-video.json": "kling-relay",
        "openai-style-v1-videos.json": "openai-video",
        "chanjing-tx-kling2.5.json": "chanjing",
    }
    ids = []
    for name, account in pages.items():
        bodies = json.loads((PAGES / name).read_text(encoding="utf-8"))["requests"]
        # One of each page here; that all of them fit is tested without a process for each.
        (tmp_path / name).write_text(json.dumps(bodies[-1], ensure_ascii=False), encoding="utf-8")
        done = inside("submit", "--account", account, "--request", str(tmp_path / name), "--json")
        assert done.code == 0, done.err
        ids.append(done.json()["id"])
    done = inside("wait", *ids, "--json", "--quiet")
    assert done.err == ""
    tasks = done.lines()
    assert [task["id"] for task in tasks] == ids
    assert {task["status"] for task in tasks} <= {"succeeded", "failed"}
    assert done.code == int(any(task["status"] == "failed" for task in tasks))


def test_a_page_is_pasted_with_its_comment(reeltop: Reeltop) -> None:
    words = ["--request", "-", "--set", "prompt=[ok] another", "--wait", "--json"]
    done = reeltop("submit", "--account", "kling-relay", *words, stdin=TURBO_PAGE)
    assert done.code == 0, done.err
    assert done.json()["operation"] == "text2video"
    assert done.json()["request"] == {
        "model_name": "kling-v2-5-turbo",
        "prompt": "[ok] another",
        "duration": 5,
    }


def test_what_fails_alike_is_listed_once_with_the_filter_that_finds_it(inside: Inside) -> None:
    assert "no task has failed" in inside("list", "--groups").err
    ids = {inside("submit", *CAT, "prompt=[fail] 猫 [b]", "--wait", "--json").json()["id"] for _ in range(2)}
    groups = inside("list", "--groups", "--json").json()
    assert sum(group["count"] for group in groups) == 2
    assert {group["key"]["status"] for group in groups} == {"failed"}
    found = [task for each in groups for task in inside("list", "--filter", each["filter"], "--json").json()]
    assert {task["id"] for task in found} == ids
    lines = inside("list", "--groups").out.splitlines()
    assert lines[0].split() == ["TASKS", "ACCOUNT", "THEY", "ARE", "WHY", "FILTER"]
    assert groups[0]["failure"]["words"] in lines[1]
    assert inside("list", "--groups", "--remote").code == 2


def test_a_task_that_fails_is_told_with_its_reason(inside: Inside) -> None:
    done = inside("submit", *CAT, "prompt=[fail] a cat", "--wait", "--json")
    assert done.code == 1
    failure = done.json()["failure"]
    assert failure["words"]
    assert failure["words"] in done.err
    shown = inside("show", done.json()["id"])
    assert failure["words"] in shown.out
    assert failure["next_step"] in shown.out


def test_another_process_takes_a_task_up_again(reeltop: Reeltop) -> None:
    submitted = reeltop("submit", *CAT, "prompt=[ok] a cat", "--json")
    assert submitted.code == 0, submitted.err
    task = submitted.json()
    assert task["status"] in ("queued", "running")
    assert task["remote_id"]
    waited = reeltop("wait", task["id"][:5], "--json")
    assert waited.code == 0, waited.err
    assert waited.json()["id"] == task["id"]
    assert waited.json()["remote_id"] == task["remote_id"]
    assert Path(waited.json()["artifacts"][0]["path"]).is_file()


def test_list_and_show(inside: Inside) -> None:
    assert inside("list", "--json").json() == []
    ids = []
    for account, operation in (("kling", "text2video"), ("chanjing", "tx-kling2.5")):
        words = assignments(FIVE[account, operation])
        done = inside("submit", "--account", account, "--operation", operation, *words, "--json")
        ids.append(done.json()["id"])
    assert [task["id"] for task in inside("list", "--json").json()] == ids[::-1]
    assert [task["id"] for task in inside("list", "--json", "--limit", "1").json()] == ids[1:]
    assert [task["id"] for task in inside("list", "--json", "--account", "kling").json()] == ids[:1]
    assert inside("list", "--json", "--status", "failed", "--status", "lost").json() == []
    filtered = inside("list", "--json", "--filter", "account:kling,chanjing age<1d sort:-age")
    assert [task["id"] for task in filtered.json()] == ids
    assert [task["id"] for task in inside("list", "--json", "--filter", "train -chanjing").json()] == ids[:1]
    wrong = inside("list", "--filter", "a statsu:failed")
    assert wrong.code == 2
    assert inside("list", "--remote", "--account", "kling", "--filter", "a").code == 2
    assert "column 3: there is no field 'statsu' (do you mean status?)" in wrong.err
    shown = inside("show", ids[0], "--json").json()
    assert shown["request"]["prompt"] == "[ok] a cat on a train"

    for words in (["list"], ["show", ids[0]]):
        plain = inside(*words)
        assert plain.code == 0
        assert plain.err == ""
        assert "text2video" in plain.out
        assert "\x1b" not in plain.out
    assert inside("list").out.splitlines()[0].split()[:2] == ["ID", "STATUS"]


def test_download_puts_the_files_where_they_are_wanted(inside: Inside, tmp_path: Path) -> None:
    done = inside("submit", *CAT, "prompt=[ok] a cat", "--wait", "--json")
    task = done.json()
    Path(task["artifacts"][0]["path"]).unlink()
    wanted = tmp_path / "films"
    done = inside("download", task["id"], "--output", str(wanted), "--json")
    assert done.code == 0, done.err
    assert done.json()["id"] == task["id"]
    (film,) = wanted.iterdir()
    assert plays(str(film))
    assert done.json()["artifacts"][0]["path"] == str(film)
    assert inside("show", task["id"], "--json").json()["artifacts"][0]["path"] == task["artifacts"][0]["path"]


def test_the_providers_own_list(inside: Inside) -> None:
    task = inside("submit", *CAT, "prompt=[ok] a cat", "--json").json()
    words = ["list", "--remote", "--account", "kling", "--operation", "text2video"]
    found = inside(*words, "--size", "100", "--json").json()
    assert task["remote_id"] in [snapshot["remote_id"] for snapshot in found]
    assert task["remote_id"] in inside(*words, "--size", "100").out
    done = inside("list", "--remote", "--account", "kling-relay", "--json")
    assert (done.code, done.out) == (2, "")


def test_stop_and_resume(inside: Inside) -> None:
    task = inside("submit", *CAT, "prompt=[ok] [slow] a cat", "--json").json()
    stopped = inside("stop", task["id"], "--json")
    assert (stopped.code, stopped.json()["status"]) == (0, "lost")
    assert "may charge" in stopped.err
    assert inside("wait", task["id"], "--quiet").code == 5
    resumed = inside("resume", task["id"], "--json")
    assert (resumed.code, resumed.json()["status"]) == (0, "queued")
    assert inside("wait", task["id"], "--quiet").code == 0


def test_an_unanswered_request_is_unconfirmed_and_sent_again_only_at_the_users_word(
    inside: Inside, sandbox: Sandbox
) -> None:
    arm(sandbox, "openai-video", "drop-after")
    words = ["submit", "--account", "openai-video", "--set", "model=kling-2.5", "--set", "prompt=[ok] a cat"]
    done = inside(*words, "--json")
    assert done.code == 5, done.err
    assert done.json()["status"] == "unconfirmed"
    task_id = done.json()["id"]
    assert inside("wait", task_id, "--quiet").code == 5
    assert inside("resend", task_id).code == 2
    resent = inside("resend", task_id, "--yes", "--json")
    assert resent.code == 0, resent.err
    assert resent.json()["id"] == task_id
    assert resent.json()["remote_id"]


def test_who_does_not_lead_leaves_the_sending_to_who_does(reeltop: Reeltop, inside: Inside) -> None:
    first = inside("submit", *CAT, "prompt=[ok] [slow] a cat", "--json").json()
    with reeltop.start("wait", first["id"]) as leader:
        assert leader.stderr is not None
        assert b"queued" in leader.stderr.readline()
        second = inside("submit", *CAT, "prompt=[ok] a cat", "--wait", "--json")
        assert second.code == 0, second.err
        assert plays(second.json()["artifacts"][0]["path"])
        assert leader.wait(20) == 0


def test_resend_wants_the_users_word_and_an_unconfirmed_task(inside: Inside) -> None:
    task = inside("submit", *CAT, "prompt=[ok] a cat", "--json").json()
    for words in ([], ["--yes"]):
        done = inside("resend", task["id"], *words)
        assert (done.code, done.out) == (2, "")
        assert "only an unconfirmed one" in done.err


def test_dry_run_sends_and_records_nothing(inside: Inside) -> None:
    words = ["submit", *CAT, "prompt=a \x1b[31mcat", "--dry-run"]
    preview = inside(*words, "--json").json()
    assert preview["method"] == "POST"
    assert preview["url"].endswith("/kling/v1/videos/text2video")
    assert preview["body"]["prompt"] == "a \x1b[31mcat"
    assert "$" in preview["headers"]["Authorization"]
    plain = inside(*words)
    assert plain.out.startswith("POST http://127.0.0.1:")
    assert "\x1b" not in plain.out
    assert "sandbox-kling-key" not in json.dumps(preview) + plain.out + plain.err
    assert inside("list", "--json").json() == []


def test_timeout_ends_the_watching_not_the_task(inside: Inside) -> None:
    words = ["prompt=[ok] [slow] a cat", "--wait", "--timeout", "0.5", "--json"]
    done = inside("submit", *CAT, *words)
    assert done.code == 5
    assert done.json()["status"] in ("queued", "running")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_wait_keeps_the_task(
    reeltop: Reeltop, inside: Inside, number: signal.Signals, code: int
) -> None:
    with reeltop.start("submit", *CAT, "prompt=[ok] [slow] a cat", "--wait", "--json") as process:
        assert process.stderr is not None
        assert process.stdout is not None
        told = b""
        while b"queued" not in told and b"running" not in told:
            told = process.stderr.readline()
            assert told, "ended too early"
        process.send_signal(number)
        assert process.wait(10) == code
        assert process.stdout.read() == b""
        assert b"Traceback" not in process.stderr.read()
    (task,) = inside("list", "--json").json()
    assert task["status"] in ("queued", "running")
    assert task["remote_id"]


def test_a_closed_pipe_is_no_trouble(reeltop: Reeltop) -> None:
    with reeltop.start("operations", "--json") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.wait(10) == 0
        assert process.stderr.read() == b""


def test_a_provider_that_is_down_leaves_the_task_on_disk(bare_inside: Inside) -> None:
    bare_inside.configure(
        '[accounts.down]\nprovider = "openai-video"\nbase_url = "http://127.0.0.1:9"\napi_key = "env:KEY"\n'
    )
    started = time.monotonic()
    words = ["submit", "--set", "model=kling-2.5", "--set", "prompt=a cat", "--timeout", "2", "--json"]
    done = bare_inside(*words, KEY="k-123456789")
    assert done.code == 4, done.err
    assert time.monotonic() - started < 15
    assert done.json()["status"] in ("waiting", "submitting"), "time may end in the middle of a try"
    assert done.json()["trouble"]
    assert "stays recorded" in done.err
    recorded: Any = bare_inside("list", "--json").json()
    assert [task["id"] for task in recorded] == [done.json()["id"]]
