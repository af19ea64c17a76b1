"""Every fault of the sandbox at every provider: what has become of the task afterwards.

Whatever happens: never two jobs for a task, never a success without a film that is whole.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from backend.engine import changes
from backend.engine.mp4 import mp4_problem
from backend.models import ArtifactState, Creation, Failure, Snapshot, Status, Submission, Task
from backend.providers import registry
from backend.providers.contract import HttpAnswer, TaskRef
from backend.sandbox.faults import NAMES
from tests.backend.engine.test_sandbox import ONE_EACH, OPERATIONS, Studio, quick, server, studio
from tests.backend.sandbox.conftest import Client, HandClock, hand_clock, still

__all__ = ["hand_clock", "quick", "server", "still", "studio"]

OPTIONS = {"latency": "seconds=0.05", "429": "retry-after=0"}
REFUSED = {"kling": "1301", "kling-relay": "1301", "openai-video": "task_failed", "chanjing": "40000"}
BUSY = {"kling": "5000", "kling-relay": "5000", "openai-video": "get_task_failed", "chanjing": "50000"}
CREATES = {
    "kling": "POST /kling/v1/videos",
    "kling-relay": "POST /relay/kling/v1",
    "openai-video": "POST /openai/v1/videos",
    "chanjing": "task/submit",
}
QUERIES = {
    "kling": "GET /kling/v1/videos",
    "kling-relay": "GET /relay/kling/v1",
    "openai-video": "GET /openai/v1/videos",
    "chanjing": "GET /chanjing/open/v1/ai_creation/task",
}
FAULTS = sorted(set(NAMES) - {"new-version", "wrong-range"})
"""Those are of files alone, and have tests of their own in test_download_faults."""
HARMLESS = {"latency", "429", "unknown-status", "expired-link", "short-file", "no-end"}
"""After which a create is as it would have been without."""
BEFORE = {"drop-before", "500-before", "redirect"}
"""After which no job was made, but who sent the request cannot know."""


def order(studio: Studio, name: str, where: dict[str, str], codes: dict[str, str], times: int = 1) -> None:
    """Let requests of every account meet a fault."""
    for account, match in where.items():
        option = f"code={codes[account]}" if name == "error" else OPTIONS.get(name, "")
        fault = f"{name};{option}" if option else name
        studio.sandbox.order_fault(f"{fault};times={times};match={match}@{account}")


async def submit_each(studio: Studio) -> dict[str, Task]:
    return {provider: await studio.submit(provider, operation) for provider, operation in ONE_EACH}


def jobs(studio: Studio) -> Counter[str]:
    return Counter(job.provider for job in studio.sandbox.books)


@pytest.mark.parametrize("fault", FAULTS)
async def test_at_the_create(studio: Studio, fault: str) -> None:
    order(studio, fault, CREATES, REFUSED)
    tasks = await submit_each(studio)
    await studio.settled(*tasks.values())
    assert studio.sandbox.faults.listed() == []
    made = jobs(studio)
    for provider, task in tasks.items():
        done = studio[task]
        if fault == "error":
            expected = {Status.REJECTED: 0}
        elif fault in HARMLESS or registry.provider(provider).refuses_duplicates:
            expected = {Status.SUCCEEDED: 1}
        elif fault in BEFORE:
            expected = {Status.UNCONFIRMED: 0}
        elif provider != "openai-video":
            expected = {Status.SUCCEEDED: 1}  # found, by our id or in the list
        else:
            expected = {Status.UNCONFIRMED: 1}
        assert {done.status: made[provider]} == expected, (provider, done.failure)
        if done.status is Status.UNCONFIRMED:
            assert changes.is_resting(done)
            assert done.failure is not None
            assert "may" in done.failure.money


@pytest.mark.parametrize("fault", FAULTS)
async def test_at_a_question(studio: Studio, fault: str) -> None:
    order(studio, fault, QUERIES, BUSY, times=2)
    tasks = await submit_each(studio)
    await studio.settled(*tasks.values())
    assert {entry.account for entry in studio.sandbox.log if entry.fault} == set(tasks)
    for provider, task in tasks.items():
        done = studio[task]
        assert (done.status, done.trouble) == (Status.SUCCEEDED, None), (provider, done.failure)
        if not saved_whole(done):  # the last answer about it was one of the two
            done = await studio.engine.download(task.id)
        assert saved_whole(done), provider
    assert set(jobs(studio).values()) == {1}


@pytest.mark.parametrize(
    "fault",
    # Some are of JSON alone; two have tests of their own in test_download_faults.
    sorted(set(FAULTS) - {"error", "wrong-types", "unknown-status", "bad-json", "no-end", "redirect"}),
)
async def test_at_the_file(studio: Studio, fault: str) -> None:
    order(studio, fault, dict.fromkeys(CREATES, "GET /files/"), REFUSED)
    tasks = await submit_each(studio)
    for task in await studio.settled(*tasks.values()):
        assert task.status is Status.SUCCEEDED, task
        done = task
        if not saved_whole(task):
            assert [item.state for item in task.artifacts] == [ArtifactState.FAILED]
            done = await studio.engine.download(task.id)
        assert saved_whole(done), (task.provider, done.artifacts)
    assert set(jobs(studio).values()) == {1}, "a failed download never costs a new film"


def saved_whole(task: Task) -> bool:
    states = [item.state for item in task.artifacts]
    return states == [ArtifactState.SAVED] and mp4_problem(Path(task.artifacts[0].path or "")) == ""


# -- by header, at the codecs -----------------------------------------------------------------------------


def with_option(name: str, account: str) -> str:
    option = f"code={REFUSED[account]}" if name == "error" else OPTIONS.get(name, "")
    return f"{name};{option}" if option else name


async def told(still: Client, account: str, request: object, fault: str = "") -> HttpAnswer | None:
    """Return the answer to a request, or None where the connection is lost."""
    import httpx

    from backend.providers.contract import HttpRequest

    assert isinstance(request, HttpRequest)
    await still.signature(account)
    try:
        got = await still.call(
            account,
            request.method,
            request.path,
            request.body,
            params=dict(request.query),
            **({"fault": fault} if fault else {}),  # type: ignore[arg-type]
        )
    except httpx.TransportError:
        return None
    return HttpAnswer(status=got.status_code, body=got.content, headers=dict(got.headers))


@pytest.mark.parametrize(("provider", "name"), ONE_EACH)
@pytest.mark.parametrize("fault", FAULTS)
async def test_a_create_by_header(still: Client, provider: str, name: str, fault: str) -> None:
    operation = registry.operation(provider, name)
    request = operation.codec.create(operation.model.parse(OPERATIONS[provider, name]), "mine")
    answer = await told(still, provider, request, with_option(fault, provider))
    made = list(still.server.books)
    if answer is None:
        assert fault in ("drop-before", "drop-after", "truncate")
        return
    outcome = operation.codec.read_created(answer)
    if isinstance(outcome, Submission):
        assert [job.id for job in made] == [outcome.remote_id]
        assert not outcome.status.is_final
    elif outcome.creation is Creation.NOT_CREATED:
        assert made == [], f"it says that nothing was made, yet there is a job: {outcome}"
    assert isinstance(outcome, Submission) == (fault in HARMLESS - {"429"})


@pytest.mark.parametrize(("provider", "name"), ONE_EACH)
@pytest.mark.parametrize("fault", FAULTS)
async def test_a_question_by_header(
    still: Client, hand_clock: HandClock, provider: str, name: str, fault: str
) -> None:
    operation = registry.operation(provider, name)
    request = operation.model.parse(OPERATIONS[provider, name])
    create = operation.codec.create(request, "mine")
    made = await told(still, provider, create)
    assert made is not None
    submission = operation.codec.read_created(made)
    assert isinstance(submission, Submission)
    ref = TaskRef(
        task_id="t",
        remote_id=submission.remote_id,
        external_id="mine",
        endpoint=create.path,
        request=request.values(),
    )
    for passed, ends in ((0, False), (60, True)):
        hand_clock.pass_(passed)
        answer = await told(still, provider, operation.codec.query([ref]), with_option(fault, provider))
        if answer is None:
            continue
        outcome = operation.codec.read_query(answer, [ref])["t"]
        if isinstance(outcome, Failure):
            assert fault not in HARMLESS - {"429"}
            continue
        assert isinstance(outcome, Snapshot)
        assert (outcome.status is Status.SUCCEEDED) == (ends and fault != "unknown-status")
        assert bool(outcome.files) == (outcome.status is Status.SUCCEEDED)
        assert outcome.status is not Status.FAILED
    assert len(still.server.books) == 1
