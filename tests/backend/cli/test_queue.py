"""What waits to be sent, from the command line: paused, changed, let go."""

from __future__ import annotations

import json

from .conftest import Inside

CAT = ["--account", "kling", "--operation", "text2video", "--set", "model_name=kling-v1-6"]


def test_paused_it_waits_and_can_be_changed(inside: Inside) -> None:
    paused = inside("accounts", "pause", "kling", "--json")
    assert paused.code == 0
    assert json.loads(paused.out)["paused"] is True
    assert "nothing is sent" in paused.err
    sent = inside("submit", *CAT, "--set", "prompt=[ok] a cat", "--timeout", "1", "--json")
    task = sent.json()
    assert sent.code == 0
    assert "recorded; account kling is paused" in sent.err
    assert task["status"] == "waiting"
    shown = {each["name"]: each for each in json.loads(inside("accounts", "--json").out)}
    assert (shown["kling"]["paused"], shown["kling"]["waiting"]) == (True, 1)
    assert shown["chanjing"]["paused"] is False
    edited = inside("edit", task["id"], "--set", "prompt=[ok] a dog", "--json").json()
    assert edited["request"] == {**task["request"], "prompt": "[ok] a dog"}
    assert edited["prompt"] == "[ok] a dog"
    assert edited["external_id"] == task["external_id"]
    wrong = inside("edit", task["id"], "--set", "duration=700")
    assert wrong.code == 2
    assert inside("accounts", "resume", "kling").code == 0
    done = inside("wait", task["id"], "--json").json()
    assert (done["status"], done["prompt"]) == ("succeeded", "[ok] a dog")
    late = inside("edit", task["id"], "--set", "prompt=[ok] a cow")
    assert late.code == 2
    assert "succeeded" in late.err


def test_which_account_and_what_to_change_must_be_said(inside: Inside) -> None:
    assert inside("accounts", "pause").code == 2
    assert inside("accounts", "pause", "nobody").code == 2
    assert inside("edit", "abc").code == 2
