"""What only some providers have, at the command line."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from tests.backend.cli.conftest import Inside, Reeltop
from tests.backend.test_pictures import png

CHANJING = ("tx-kling2.5", "tx-kling2.1-master", "kling2.5-turbo")
SHOTS: list[dict[str, Any]] = [
    {"index": 1, "prompt": "雪 [ok]", "duration": "2"},
    {"index": 2, "prompt": "山", "duration": "3"},
]


@pytest.fixture
def elsewhere(inside: Inside, tmp_path: Path) -> Inside:
    """Another home at the same sandbox."""
    return Inside(tmp_path / "elsewhere", inside.environment, printed=inside.printed)


def gateway(inside: Inside, prompt: str = "a cat [ok]", *more: str) -> Any:
    words = ("--account", "openai-video", "--set", "model=kling-2.5", "--set", f"prompt={prompt}")
    done = inside("submit", *words, "--wait", "--json", *more)
    assert done.code == 0, done.err
    return done.json()


# -- Chanjing ---------------------------------------------------------------------------------------------


def test_which_of_chanjings_models_must_be_said(inside: Inside) -> None:
    words = ("submit", "--account", "chanjing", "--set", "ref_prompt=a cat [ok]")
    asked = inside(*words)
    assert asked.code == 2
    assert f"fits {', '.join(CHANJING)}: say --operation" in asked.err
    assert inside("list", "--json").json() == []
    by_code = inside(*words, "--set", "model_code=kling-v2-5-turbo-normal", "--wait", "--json")
    assert by_code.json()["operation"] == "kling2.5-turbo"
    said = inside(*words, "--operation", "chanjing/tx-kling2.1-master", "--dry-run", "--json")
    assert said.json()["body"]["model_code"] == "tx_kling-v2-1-master"


@pytest.mark.parametrize("operation", CHANJING)
def test_a_local_picture_goes_to_chanjing(inside: Inside, operation: str, tmp_path: Path) -> None:
    picture = tmp_path / "猫.png"
    picture.write_bytes(png())
    words = ("--account", "chanjing", "--operation", operation, "--set", f"start_frame={picture}")
    done = inside("submit", *words, "--set", "ref_prompt=it waves [ok]", "--wait", "--json")
    assert done.code == 0, done.err
    assert done.json()["request"]["start_frame"].startswith("file://")
    picture.write_bytes(png(100, 100))
    small = inside("submit", *words, "--set", "ref_prompt=x")
    assert small.code == 2
    assert "start_frame: is 100 × 100 pixels" in small.err


def test_chanjings_tasks_come_in_as_what_they_are(inside: Inside, elsewhere: Inside) -> None:
    made = {}
    for operation in CHANJING:
        words = ("--account", "chanjing", "--operation", operation, "--set", "ref_prompt=x [ok]")
        task = elsewhere("submit", *words, "--wait", "--json").json()
        made[task["remote_id"]] = operation
    one = inside("import", "--account", "chanjing", "--operation", CHANJING[2], "--json").lines()
    assert {task["operation"] for task in one} == {CHANJING[2]}
    rest = inside("import", "--account", "chanjing", "--json").lines()
    got = {task["remote_id"]: task["operation"] for task in [*one, *rest]}
    assert made.items() <= got.items()
    listed = inside("list", "--remote", "--account", "chanjing", "--json")
    assert made.keys() <= {snapshot["remote_id"] for snapshot in listed.json()}


# -- the gateway ------------------------------------------------------------------------------------------


def test_the_gateways_list_needs_no_operation(inside: Inside, elsewhere: Inside) -> None:
    made = gateway(elsewhere)
    page = inside("list", "--remote", "--account", "openai-video", "--size", "100", "--json")
    assert made["remote_id"] in [snapshot["remote_id"] for snapshot in page.json()]
    first, second = (
        inside(
            "list", "--remote", "--account", "openai-video", "--size", "1", "--page", page, "--json"
        ).json()
        for page in ("1", "2")
    )
    assert (len(first), len(second)) == (1, 1) or not second
    assert first != second
    added = inside("import", "--account", "openai-video", "--json").lines()
    assert made["remote_id"] in [task["remote_id"] for task in added]
    several = inside("list", "--remote", "--account", "kling")
    assert several.code == 2
    assert "say --operation, one of text2video, image2video" in several.err


def test_a_local_picture_does_not_go_to_the_gateway(inside: Inside) -> None:
    words = ("--set", "model=kling-2.5", "--set", "prompt=x", "--set", "image=./cat.png", "--dry-run")
    done = inside("submit", "--account", "openai-video", "--operation", "generate", *words)
    assert done.code == 2
    assert "image: must be a public http(s) address; files on this machine are not taken here" in done.err


def test_a_remix_is_made_from_a_film(inside: Inside) -> None:
    source = gateway(inside)
    words = ("--operation", "remix", "--set", f"video_id={source['remote_id']}", "--set", "prompt=night [ok]")
    done = inside("submit", "--account", "openai-video", *words, "--wait", "--json")
    assert done.json()["status"] == "succeeded"
    assert done.json()["artifacts"][0]["state"] == "saved"
    nothing = inside(
        "submit", "--account", "openai-video", *words[:2], "--set", "video_id=task_x", *words[4:]
    )
    assert nothing.code == 1
    assert "rejected" in nothing.out


def test_a_film_is_deleted_at_the_provider_alone(inside: Inside, elsewhere: Inside) -> None:
    made = gateway(elsewhere)
    (mine,) = (
        task
        for task in inside("import", "--account", "openai-video", "--json").lines()
        if task["remote_id"] == made["remote_id"]
    )
    asked = inside("delete", mine["id"])
    assert asked.code == 2
    assert "not saved here and would be lost; say --yes" in asked.err
    gone = elsewhere("delete", made["id"], "--json")
    assert gone.code == 0, gone.err
    assert gone.json()["events"][-1]["what"] == "deleted"
    assert gone.json()["artifacts"] == made["artifacts"]
    assert Path(made["artifacts"][0]["path"]).exists()
    again = inside("delete", mine["id"], "--yes")
    assert again.code == 4
    assert "Task not found" in again.err


def test_what_cannot_be_deleted(inside: Inside) -> None:
    words = ("--account", "kling", "--operation", "text2video", "--set", "model_name=kling-v1")
    task = inside("submit", *words, "--set", "prompt=x [ok]", "--wait", "--json").json()
    done = inside("delete", task["id"])
    assert (done.code, "Kling official offers no deleting" in done.err) == (2, True)
    slow = ("--account", "openai-video", "--set", "model=kling-2.5", "--set", "prompt=x [slow]")
    running = inside("submit", *slow, "--json").json()
    early = inside("delete", running["id"], "--yes")
    assert early.code == 2
    assert "only a finished film can be deleted" in early.err


def test_shots_are_typed_or_come_in_a_body(inside: Inside, tmp_path: Path) -> None:
    typed = ("--set", "multi_shot=true", "--set", "shot_type=customize")
    listed = ("--set", f"multi_prompt={json.dumps(SHOTS)}")
    words = ("submit", "--account", "openai-video", "--set", "model=kling-3.0", *typed, *listed)
    dry = inside(*words, "--dry-run", "--json").json()
    inner = json.loads(json.loads(dry["body"]["metadata"]["ext_info"])["AdditionalParameters"])
    assert inner == {"multi_prompt": SHOTS, "shot_type": "customize", "multi_shot": True}
    body = tmp_path / "body.json"
    body.write_text(json.dumps(dry["body"]))
    again = inside("submit", "--account", "openai-video", "--request", str(body), "--dry-run", "--json")
    assert again.json()["body"] == dry["body"]
    done = inside(*words, "--wait", "--json").json()
    assert done["status"] == "succeeded"
    assert done["request"]["multi_prompt"] == SHOTS


def test_shots_are_written_a_line_each(inside: Inside) -> None:
    words = ("submit", "--account", "openai-video", "--set", "model=kling-3.0", "--set", "multi_shot=true")
    typed = ("--set", "shot_type=customize", "--set", "multi_prompt=2 雪 [ok]\n 3s: 山\n\n")
    dry = inside(*words, *typed, "--dry-run", "--json").json()
    inner = json.loads(json.loads(dry["body"]["metadata"]["ext_info"])["AdditionalParameters"])
    assert inner["multi_prompt"] == SHOTS
    official = ("--operation", "kling/text2video", "--set", "model_name=kling-v3", *words[5:], *typed)
    assert inside("submit", *official, "--dry-run", "--json").json()["body"]["multi_prompt"] == SHOTS
    wrong = inside(*words, "--set", "multi_prompt=2 a cat\nand a dog", "--dry-run")
    assert wrong.code == 2
    assert "multi_prompt: line 2 must be written like: 2 a cat wakes up" in wrong.err
    assert "a line each, such as: 2 a cat wakes up" in inside("operations", "openai-video/generate").out


def test_a_value_that_does_not_count_is_warned_of(inside: Inside) -> None:
    words = ("--set", "model=kling-2.5", "--set", "prompt=x", "--set", "seconds=8", "--set", "duration=10")
    done = inside("submit", "--account", "openai-video", *words, "--dry-run")
    assert "warning: duration: not used: 8 s will be made, because seconds goes first" in done.err


# -- faults by option -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("explode", "unknown fault 'explode'; known: latency, 429"),
        ("latency;second=3", "latency has no option 'second'; known: seconds, times, match"),
        ("drop-after@nobody", "unknown account 'nobody'; known: kling, kling-relay, openai-video, chanjing"),
        ("drop-after;times=0", "times must be a whole number above 0, not '0'"),
        ("drop-after;times=many@kling", "times must be a whole number"),
        ("error", "no error with code '' to show"),
        ("error;code=10400@kling", "no error with code '10400' to show at kling"),
    ],
)
def test_a_fault_that_cannot_be(bare_inside: Inside, fault: str, said: str) -> None:
    done = bare_inside("sandbox", "--fault", fault)
    assert (done.code, done.out) == (2, "")
    assert f"--fault {fault}: {said}" in done.err
    assert done.err.count("\n") == 1


def test_faults_by_option(bare: Reeltop) -> None:
    orders = ("500-before;status=503;times=2@kling", "error;code=10400", "latency;seconds=0;match=GET /kling")
    process = bare.start("sandbox", *(word for order in orders for word in ("--fault", order)))
    assert process.stdout is not None
    assert process.stderr is not None
    with process:
        base_url = process.stdout.readline().decode().strip()
        with urlopen(f"{base_url}/faults") as answer:
            listed = json.load(answer)["faults"]
        process.send_signal(signal.SIGTERM)
        said = process.stderr.read().decode()
    told = [(one["account"], one["fault"], one["times"], one["match"]) for one in listed]
    assert sorted(told, key=lambda one: one[:2]) == [
        ("chanjing", "error;code=10400", None, ""),
        ("chanjing", "latency;seconds=0", None, "GET /kling"),
        ("kling", "500-before;status=503", 2, ""),
        ("kling", "latency;seconds=0", None, "GET /kling"),
        ("kling-relay", "latency;seconds=0", None, "GET /kling"),
        ("openai-video", "latency;seconds=0", None, "GET /kling"),
    ]
    assert "fault at kling: 500-before;status=503, 2 times" in said
    assert "fault at chanjing: error;code=10400, always" in said
