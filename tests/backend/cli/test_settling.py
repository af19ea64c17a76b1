"""What the user says of tasks: unconfirmed ones settled, old ones made anew, tags, notes; and watching."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from itertools import pairwise

import pytest

from .conftest import COMMAND, ROOT, Inside, Reeltop, Sandbox
from .helpers import pseudo_terminal
from .test_tasks import CAT, arm

GATEWAY = ["submit", "--account", "openai-video", "--set", "model=kling-2.5", "--set", "prompt=[ok] a cat"]


@pytest.fixture
def doubtful(inside: Inside, sandbox: Sandbox) -> str:
    """An unconfirmed task that nobody looks for any more."""
    arm(sandbox, "openai-video", "drop-after")
    task = inside(*GATEWAY, "--json").json()
    assert task["status"] == "unconfirmed"
    return str(task["id"])


def test_a_task_that_exists_is_watched_and_fetched(inside: Inside, doubtful: str) -> None:
    twin = inside(*GATEWAY, "--json").json()
    taken = inside("resolve", doubtful, "--exists", twin["remote_id"])
    assert (taken.code, taken.out) == (2, "")
    assert f"is task {twin['id']} already" in taken.err
    inside("stop", twin["id"])
    inside("wait", doubtful, "--timeout", "0.1")
    odd = inside("resolve", doubtful, "--exists", "../x")
    assert (odd.code, odd.out) == (2, "")
    gone = inside("resolve", doubtful, "--exists", "video_nowhere", "--json")
    assert gone.code == 0, gone.err
    assert (gone.json()["status"], gone.json()["remote_id"]) == ("queued", "video_nowhere")


def test_not_created_wants_the_users_word_and_ends_it(inside: Inside, doubtful: str) -> None:
    asked = inside("resolve", doubtful, "--not-created")
    assert (asked.code, asked.out) == (2, "")
    assert "say --yes" in asked.err
    done = inside("resolve", doubtful, "--not-created", "--yes", "--json")
    assert done.code == 0, done.err
    assert (done.json()["status"], done.json()["failure"]) == ("cancelled", None)
    assert inside("resend", doubtful, "--yes").code == 2


def test_looking_again_sends_nothing(inside: Inside, doubtful: str) -> None:
    done = inside("resolve", doubtful, "--json")
    assert done.code == 5, done.err
    task = done.json()
    assert task["status"] == "unconfirmed"
    assert [event["what"] for event in task["events"]].count("sending") == 1
    assert "--not-created" in done.err


def test_only_unconfirmed_tasks_are_settled(inside: Inside) -> None:
    task = inside("submit", *CAT, "prompt=[ok] a cat", "--json").json()
    for words in ([], ["--exists", "x"], ["--not-created", "--yes"]):
        done = inside("resolve", task["id"], *words)
        assert (done.code, done.out) == (2, "")
        assert "only an unconfirmed one" in done.err


def test_resubmit_makes_a_task_of_its_own(inside: Inside) -> None:
    old = inside("submit", *CAT, "prompt=[ok] a cat", "--set", "external_task_id=mine-1", "--json").json()
    inside("tag", old["id"], "+keep")
    changed = ["--set", "duration=10", "--set", "prompt=[ok] 雪 a [b]dog"]
    shown = inside("resubmit", old["id"], *changed, "--dry-run", "--json").json()
    assert shown["body"]["duration"] == "10"
    new = inside("resubmit", old["id"], *changed, "--json").json()
    assert new["id"] != old["id"]
    assert new["external_id"] != "mine-1"
    assert (new["prompt"], new["tags"]) == ("[ok] 雪 a [b]dog", ["keep"])
    again = inside("resubmit", new["id"], "--set", "duration=", "--dry-run", "--json").json()
    assert "duration" not in again["body"]
    wrong = inside("resubmit", new["id"], "--set", "cfg_scale=7")
    assert (wrong.code, wrong.out) == (2, "")
    assert len(inside("list", "--json").json()) == 2


def test_resubmit_wants_the_users_word_where_it_costs(bare_inside: Inside, sandbox: Sandbox) -> None:
    from .test_commands import key_of, sandbox_config

    bare_inside.configure(sandbox_config(sandbox))
    words = ["submit", "--operation", "text2video", "--set", "model_name=kling-v1-6"]
    key = key_of(sandbox)
    task = bare_inside(*words, "--set", "prompt=[ok] a cat", "--json", KEY=key).json()
    done = bare_inside("resubmit", task["id"], KEY=key)
    assert (done.code, done.out) == (2, "")
    assert "say --yes" in done.err
    assert bare_inside("resubmit", task["id"], "--yes", "--quiet", KEY=key).code == 0


def test_tags_and_notes(inside: Inside) -> None:
    task = inside("submit", *CAT, "prompt=[ok] a cat", "--json").json()
    assert inside("tag", task["id"], "+雪", "+b", "--add", "c", "--json").json()["tags"] == ["b", "c", "雪"]
    assert inside("tag", task["id"], "--remove", "b", "--json").json()["tags"] == ["c", "雪"]
    assert inside("tag", "--json", "--", task["id"], "-c").json()["tags"] == ["雪"]
    for words in ([task["id"]], ["+a"], [task["id"], "+two words"]):
        done = inside("tag", *words)
        assert (done.code, done.out) == (2, "")
    assert inside("note", task["id"], "--text", "-", "--json", stdin="[b]\n雪").json()["note"] == "[b]\n雪"
    assert inside("note", task["id"], "--text", "", "--json").json()["note"] == ""


def test_watching_tells_each_change_once(inside: Inside) -> None:
    task = inside("submit", *CAT, "prompt=[ok] a cat", "--json").json()
    told = inside("watch", task["id"], "--json").lines()
    assert told[-1]["status"] == "succeeded"
    assert told[-1]["artifacts"][0]["state"] == "saved"
    assert all(before != after for before, after in pairwise(told))
    assert inside("watch", "--until-done").out == ""
    slow = inside("submit", *CAT, "prompt=[ok] [slow] a cat", "--json").json()
    late = inside("watch", slow["id"], "--timeout", "0.3")
    assert late.code == 5
    assert slow["id"] in late.out
    assert "\x1b" not in late.out
    assert "--timeout ended" in late.err


def test_a_terminal_is_rewritten_in_place(reeltop: Reeltop, inside: Inside) -> None:
    inside("submit", *CAT, "prompt=[ok] [slow] 雪 \x1b]0;t\x07 a cat", "--json")
    ours, theirs = pseudo_terminal()
    process = subprocess.Popen(
        [*COMMAND, "watch"], cwd=ROOT, env=reeltop.env(TERM="xterm"), stdout=theirs, stderr=subprocess.DEVNULL
    )
    os.close(theirs)
    seen, ends = b"", time.monotonic() + 20
    while b"RESULT" not in seen and time.monotonic() < ends:
        seen += os.read(ours, 65536)
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 130
    os.close(ours)
    text = seen.decode()
    assert "雪" in text
    assert "\x1b]0;" not in text
    assert text.rstrip().endswith("\x1b[J")


def test_an_account_on_hold_says_so(bare_inside: Inside, sandbox: Sandbox) -> None:
    from .test_commands import sandbox_config

    bare_inside.configure(sandbox_config(sandbox))
    words = ["submit", "--operation", "text2video", "--set", "model_name=kling-v1-6"]
    bare_inside(*words, "--set", "prompt=[ok] a cat", "--json", KEY="not-the-right-key")
    (account,) = json.loads(bare_inside("accounts", "--json", KEY="not-the-right-key").out)
    assert account["problem"].startswith("on hold: ")
    assert account["trouble"]["failure"]["kind"] == "auth"
