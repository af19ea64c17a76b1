"""Questions before something costs or ends, and what can be copied."""

from __future__ import annotations

from backend.models import ArtifactState, Status
from backend.ssh import Session
from tests.tui.fakes import BROKEN, POLICY, gallery, make_task, result
from tui.wording import copyables, quit_question, resend_question, sandbox_question, stop_question


def test_stopping_says_that_the_provider_goes_on() -> None:
    question = stop_question(make_task())
    assert "1 task" in question.title
    assert "account studio" in question.what[0]
    assert "kling/text2video" in question.what[0]
    assert "may charge" in question.cost


def test_withdrawing_says_that_nothing_is_charged() -> None:
    assert "nothing is charged" in stop_question(make_task(status=Status.WAITING)).cost


def test_sending_again_warns_plainly_and_names_the_price() -> None:
    question = resend_question(make_task(status=Status.UNCONFIRMED), "About 2 units.")
    assert "PAY TWICE" in question.cost
    assert "About 2 units." in question.cost


def test_quitting_asks_only_if_it_stops_something() -> None:
    assert quit_question([make_task()], leads=True) is None
    assert quit_question(gallery(), leads=False) is None
    question = quit_question(gallery(), leads=True)
    assert question is not None
    stops = "\n".join(question.what)
    assert "1 task not sent yet" in stops
    assert "1 request on its way just now: its answer is waited for" in stops
    assert "1 download" in stops
    assert "5 tasks at the providers" in question.cost


def test_the_sandbox_asks_as_quitting_does_and_says_when_it_goes_on() -> None:
    assert sandbox_question([make_task()], leads=True) is None
    question, quitting = sandbox_question(gallery(), leads=True), quit_question(gallery(), leads=True)
    assert question is not None
    assert quitting is not None
    assert question.title == "Go to the sandbox?"
    assert question.what == (
        *quitting.what,
        "Coming back to your own accounts counts as the next start.",
    )
    assert question.cost == quitting.cost


def test_quitting_with_a_draft_says_that_it_is_kept() -> None:
    question = quit_question([make_task()], leads=False, drafts=1)
    assert question is not None
    assert question.what == (
        "Nothing is interrupted.",
        "1 draft is not sent: it is kept, and found in the builder at the next start.",
    )
    assert question.cost == ""


def test_only_what_is_there_can_be_copied() -> None:
    plain = {item.letter for item in copyables(make_task(remote_id=None))}
    assert plain == {"i", "t", "o"}
    artifact = result(state=ArtifactState.SAVED, path="/v/boat.mp4")
    full = {
        item.letter: item.text
        for item in copyables(
            make_task(status=Status.SUCCEEDED, artifacts=(artifact,), failure=BROKEN, last_answer="{}")
        )
    }
    assert set(full) == set("irlpfwtoa")
    assert full["p"] == "/v/boat.mp4"
    assert full["w"] == BROKEN.words
    assert len(set(full)) == len(full)


def test_over_ssh_a_saved_file_has_an_scp_line() -> None:
    saved = make_task(status=Status.SUCCEEDED, artifacts=(result(path="/v/a b.mp4"),))
    session = Session("ana", "203.0.113.9")
    texts = {item.letter: item.text for item in copyables(saved, session)}
    assert texts["s"] == "scp 'ana@203.0.113.9:/v/a b.mp4' ."
    assert texts["f"] == "file:///v/a%20b.mp4"
    assert "s" not in {item.letter for item in copyables(saved)}
    assert "s" not in {item.letter for item in copyables(make_task(artifacts=(result(),)), session)}


def test_every_letter_copies_one_thing() -> None:
    items = copyables(
        make_task(remote_id="r", artifacts=(result(path="/a.mp4", failure=POLICY),), last_answer="x"),
        Session("ana", "host"),
    )
    letters = [item.letter for item in items]
    assert len(letters) == len(set(letters)) == 10
    assert "v" not in letters
