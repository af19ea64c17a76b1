"""What is kept is English whatever is spoken, and is translated where it is shown."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backend.clock import SystemClock
from backend.engine import artifact_changes, changes, fetch_failures, sightings
from backend.engine.lane import mishap
from backend.failure_words import event_words, told
from backend.language import RECORD, _, in_english, pgettext, speak, spoken
from backend.models import Artifact, Failure, FailureKind, RemoteFile, Status, Task, TaskEvent
from backend.providers.contract import HttpRequest
from backend.records import encode
from backend.secrets import SecretRef
from backend.tokens import TokenCache
from backend.transfer import from_backup
from backend.transport import Transport
from backend.transport_failures import from_error, redirected
from tests.backend.cli.helpers import THEN, make_task
from tests.backend.engine.toys import account
from tests.contract.translations import read_code

HAN = re.compile("[\u4e00-\u9fff]")
NOW = datetime(2026, 5, 1, 12, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def chinese() -> Iterator[None]:
    speak("zh_CN")
    yield
    speak("en")


def eventful_task() -> Task:
    """Return a task that much has happened to; whatever words that has left in it."""
    lost = from_error(ConnectionError(), "", host="api.example.com", sent=True)
    task = make_task(Status.SUBMITTING, artifacts=(Artifact(remote=RemoteFile(url="https://cdn.example/a")),))
    for change in (
        changes.unconfirmed(lost, "", NOW, NOW),
        sightings.not_seen(lost, 1, NOW, "the provider does not know it", NOW),
        sightings.sent_again(NOW, NOW),
        artifact_changes.begun(0, task.artifacts[0].remote, 0, NOW),
        artifact_changes.failed(0, fetch_failures.link_ended("gone", 404), 0, NOW),
        sightings.troubled(mishap(ValueError("odd"), str), NOW, NOW),
        changes.withdrawn(NOW),
    ):
        task = change(task)
    return task


def test_a_record_is_the_same_bytes_in_every_language() -> None:
    waiting = make_task(Status.WAITING)
    in_chinese = [encode(eventful_task()), encode(from_backup(waiting, NOW))]
    speak("en")
    assert [encode(eventful_task()), encode(from_backup(waiting, NOW))] == in_chinese
    assert not any(HAN.search(record.decode()) for record in in_chinese)


def test_what_happened_is_told_in_the_language_of_today() -> None:
    task = eventful_task()
    shown = [event_words(event) for event in task.events]
    assert [words for words in shown if not HAN.search(words)] == ["ValueError: odd"]  # nobody's sentence
    assert task.failure is None
    assert task.artifacts[0].failure is not None
    said = told(task.artifacts[0].failure)
    assert said.words == "gone"  # the server's own
    assert "不收费" in said.money
    speak("en")
    assert told(task.artifacts[0].failure) is task.artifacts[0].failure


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("cannot be looked for just now: no answer in time", "暂时无法查找：未及时收到响应"),
        ("download failed: the file is cut off", "下载失败：文件不完整"),
        ("download failed: 余额不足 [red]", "下载失败：余额不足 [red]"),
        ("api.example.com:443: connection refused", "api.example.com:443: 连接被拒绝"),
        (
            "no longer watched: the provider no longer knows it; that says nothing of the job or its cost",
            "不再跟踪：提供商已查不到它；这不代表任务的结果，也不代表是否扣费",
        ),
        ("The account has no usable credential.", "账号没有可用的凭据。"),
        ("", ""),
    ],
)
def test_our_own_sentences_are_found_again_with_what_was_put_into_them(text: str, shown: str) -> None:
    assert spoken(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "account balance: not enough",
        "prompt: is empty",
        "as you wish",
        "failed",
        "quota",
        "account not enough money 余额不足",
        "{host}: no",
        "x" * 5000 + ": connection refused",
    ],
)
def test_the_words_of_a_provider_stay(text: str) -> None:
    assert spoken(text) == text
    refusal = Failure(kind=FailureKind.QUOTA, code="1102", http_status=429, words=text)
    assert told(refusal).words == text


def test_every_kept_sentence_is_found_again() -> None:
    sentences = {
        sentence.text
        for found in read_code().values()
        for sentence in found.sentences
        if sentence.context == RECORD
    }
    assert len(sentences) > 50
    for sentence in sentences:
        kept, shown = (
            re.sub(r"\{(\w+)[^}]*\}", r"value-\1", text) for text in (sentence, pgettext(RECORD, sentence))
        )
        assert spoken(kept, is_ours=True) == shown, sentence


async def test_a_credential_that_cannot_be_had_is_recorded_in_english(tmp_path: Path) -> None:
    clock = SystemClock()
    transport = Transport(clock, TokenCache(tmp_path, clock))
    known = replace(
        account("http://127.0.0.1:9"), credentials={"api_key": SecretRef("env", "REELTOP_NO_SUCH_KEY")}
    )
    answer = await transport.connect(known).send(HttpRequest(method="GET", path="/"))
    await transport.close()
    assert isinstance(answer, Failure)
    assert not HAN.search(answer.words), answer.words
    assert told(answer).meaning == "账号没有可用的凭据。"


async def test_work_that_is_begun_in_english_stays_so() -> None:
    async def later() -> str:
        await asyncio.sleep(0)
        return await asyncio.to_thread(_, "The transfer broke off.")

    with in_english():
        kept = asyncio.create_task(later())
    assert _("The transfer broke off.") == "传输中断。"
    assert await kept == "The transfer broke off."


def test_a_redirect_is_told_although_it_has_a_status() -> None:
    assert told(redirected(302)).words == "redirect 302"
    assert told(redirected(302)).meaning.startswith("服务器指向了另一个地址")
    event = TaskEvent(at=THEN + timedelta(1), what="accepted", words="as 8123")
    assert event_words(event) == "ID 为 8123"
