"""``reeltop log``."""

from __future__ import annotations

import json
import signal
from dataclasses import replace

from backend.cli.exits import Exit
from backend.request_file import append
from tests.backend.test_request_log import ENTRY

from .conftest import Inside, Reeltop
from .test_tasks import CAT


def test_the_requests_of_a_task(inside: Inside) -> None:
    task = inside("submit", *CAT, "prompt=[ok] a [b]cat[/b]", "--wait", "--json").lines()[-1]
    found = inside("log", "--task", task["id"][:6], "--json").lines()
    assert {"create", "query", "file"} <= {entry["purpose"] for entry in found}
    assert all(entry["tasks"] == [task["id"]] for entry in found)
    assert [entry["at"] for entry in found] == sorted(entry["at"] for entry in found)
    assert all("?" not in entry["url"].rstrip("?…") for entry in found if entry["purpose"] == "file")
    lines = inside("log", "create").out.splitlines()
    assert len(lines) == 1
    assert "POST" in lines[0]
    paths = inside("paths", "--json").json()
    assert paths["requests"].endswith("requests.jsonl")


def test_nothing_asked_yet(bare_inside: Inside) -> None:
    done = bare_inside("log")
    assert (done.code, done.out) == (0, "")
    assert "no request is in the log" in done.err


def test_words_accounts_and_the_last_ones(bare_inside: Inside) -> None:
    path = bare_inside.home / ".local/share/reeltop/sandbox/requests.jsonl"
    path.parent.mkdir(parents=True)
    bad = replace(ENTRY, number=2, account="relay", status=None, words="\x1b[31mrefused\u202e 猫")
    append(path, [ENTRY, bad, replace(ENTRY, number=3)])
    assert [entry["number"] for entry in bare_inside("log", "--json", "--limit", "2").lines()] == [2, 3]
    assert [entry["number"] for entry in bare_inside("log", "--json", "REFUSED", "猫").lines()] == [2]
    assert [entry["number"] for entry in bare_inside("log", "--json", "--", "-refused").lines()] == [1, 3]
    shown = bare_inside("log", "--account", "relay").out
    assert "refused" in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_follow_goes_on(bare: Reeltop) -> None:
    path = bare.home / ".local/share/reeltop/sandbox/requests.jsonl"
    path.parent.mkdir(parents=True)
    append(path, [ENTRY])
    with bare.start("log", "--follow", "--json") as following:
        assert following.stdout is not None
        assert json.loads(following.stdout.readline())["number"] == 1
        append(path, [replace(ENTRY, number=2)])
        assert json.loads(following.stdout.readline())["number"] == 2
        following.send_signal(signal.SIGTERM)
        assert following.wait(10) == Exit.TERMINATED
