"""Which files are to be fetched before they go."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from backend import expiry
from backend.cli.describe import life
from backend.engine.fetch_failures import broken, link_ended
from backend.models import Artifact, ArtifactState, Origin, RemoteFile, Status, Task

NOW = datetime(2026, 9, 21, 12, tzinfo=UTC)


def artifact(hours: float | None, state: ArtifactState = ArtifactState.REMOTE) -> Artifact:
    ends = None if hours is None else NOW + timedelta(hours=hours)
    return Artifact(remote=RemoteFile(url="https://films.test/a.mp4", expires_at=ends), state=state)


def task(id: str, *artifacts: Artifact, status: Status = Status.SUCCEEDED) -> Task:
    return Task(
        id=id,
        account="a",
        provider="kling",
        operation="text2video",
        origin=Origin(base_url="https://x.test", endpoint="/"),
        request={},
        created_at=NOW,
        updated_at=NOW,
        status=status,
        artifacts=artifacts,
    )


def ids(tasks: list[Task]) -> list[str]:
    return [each.id for each in tasks]


def test_what_goes_first_comes_first() -> None:
    tasks = [
        task("in a week", artifact(7 * 24)),
        task("unknown", artifact(None)),
        task("tomorrow", artifact(24)),
        task("soon", artifact(7 * 24), artifact(1)),
        task("gone", artifact(-1)),
        task("saved", artifact(1, ArtifactState.SAVED)),
        task("half saved", artifact(1, ArtifactState.SAVED), artifact(40, ArtifactState.FAILED)),
        task("running", status=Status.RUNNING),
        task("one gone, one soon", artifact(-1), artifact(2)),
    ]
    soon = ["soon", "one gone, one soon", "tomorrow", "half saved", "unknown"]
    assert ids(expiry.expiring(tasks, NOW)) == soon
    assert ids(expiry.expiring(tasks, NOW, timedelta(hours=1))) == ["soon", "unknown"]
    assert ids(expiry.unsaved(tasks)) == [
        "in a week", "unknown", "tomorrow", "soon", "gone", "half saved", "one gone, one soon",
    ]  # fmt: skip


def test_the_life_of_a_file_in_words() -> None:
    assert life(artifact(30), NOW).startswith("1d more, until 2026-09-2")
    assert life(artifact(-1), NOW).startswith("no more, since 2026-09-2")
    assert life(artifact(None), NOW) == "unknown: the provider does not say; fetch it soon"
    assert "saved here" in life(replace(artifact(None), state=ArtifactState.SAVED), NOW)


def test_a_refused_link_lives_no_more_whatever_was_said() -> None:
    for hours in (30, -1, None):
        refused = replace(artifact(hours, ArtifactState.FAILED), failure=link_ended("", 403))
        words = life(refused, NOW)
        assert words.startswith("no more: the link was refused with HTTP 403")
        assert ("though it was said to live until 2026-09-2" in words) is (hours == 30)
    broken_off = replace(artifact(30, ArtifactState.FAILED), failure=broken("cut off"))
    assert life(broken_off, NOW).startswith("1d more")
