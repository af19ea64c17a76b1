"""What fails alike is told as one, and its filter finds exactly its tasks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from backend.failure_groups import FailureGroups, GroupKey, group_failures
from backend.models import Artifact, ArtifactState, Failure, FailureKind, RemoteFile, Status, Task, Trouble
from backend.query import parse
from backend.query_fields import Moment
from tests.backend.test_query import NOW, task

BUSY = Failure(kind=FailureKind.RATE_LIMIT, code="1303", words="parallel task over resource pack limit")
REFUSED = Failure(kind=FailureKind.POLICY, code="1301", words="内容安全 [policy]")


def trouble(failure: Failure, seconds: float | None) -> Trouble:
    next_try = None if seconds is None else NOW + timedelta(seconds=seconds)
    return Trouble(failure=failure, since=NOW, count=1, next_try=next_try)


def busy(task_id: str, seconds: float | None, **fields: Any) -> Task:
    return task(task_id, status=Status.WAITING, trouble=trouble(BUSY, seconds), **fields)


def test_the_same_trouble_at_the_same_account_is_one_group_with_its_first_try() -> None:
    tasks = [busy("a", 20), busy("b", 8), busy("c", None), busy("d", 3, account="other")]
    first, second = group_failures(tasks)
    assert (first.key.account, first.count, first.next_try) == ("kling-cn", 3, NOW + timedelta(seconds=8))
    assert (first.key.status, first.key.code, first.failure) == (None, "1303", BUSY)
    assert (second.key.account, second.count) == ("other", 1)


def test_how_a_task_stands_keeps_groups_apart_and_what_is_well_is_in_none() -> None:
    file = Artifact(remote=RemoteFile(url="https://x"), state=ArtifactState.FAILED, failure=BUSY)
    tasks = [
        task("a", status=Status.FAILED, failure=REFUSED),
        task("b", status=Status.REJECTED, failure=REFUSED),
        task("c", status=Status.RUNNING, trouble=trouble(BUSY, 1)),
        task("d", status=Status.UNCONFIRMED, trouble=trouble(BUSY, 1)),
        task("e", status=Status.SUCCEEDED, artifacts=(file,)),
        task("f", status=Status.SUCCEEDED),
        task("g", status=Status.LOST),
        task("h", status=Status.RUNNING),
    ]
    stands = [group.key.status for group in group_failures(tasks)]
    assert stands[0] is None
    assert set(stands[1:]) == {Status.FAILED, Status.REJECTED, Status.UNCONFIRMED, Status.SUCCEEDED}


def test_groups_keep_up_with_changes() -> None:
    tasks = {one.id: one for one in (busy("a", 5), busy("b", 9))}
    groups = FailureGroups()
    groups.learn(tasks, tasks)
    tasks["a"] = busy("a", 30)
    groups.learn(tasks, ["a"])
    assert [group.next_try for group in groups.groups()] == [NOW + timedelta(seconds=9)]
    tasks["b"] = replace(tasks["b"], status=Status.RUNNING, trouble=None)
    groups.learn(tasks, ["b"])
    assert [(group.count, group.next_try) for group in groups.groups()] == [(1, NOW + timedelta(seconds=30))]
    del tasks["a"]
    groups.learn(tasks, ["a", "never-there"])
    assert groups.groups() == []


failures = st.builds(
    Failure,
    kind=st.sampled_from([FailureKind.POLICY, FailureKind.QUOTA]),
    code=st.sampled_from([None, "1301", "13", 'a "b", -c:d\\', "[x] 错误", "sort:age"]),
    words=st.sampled_from(["", "so"]),
)
troubles = st.none() | st.builds(trouble, failures, st.none() | st.integers(0, 99))


def a_task(status: Status, failure: Failure, broken: Trouble | None, account: str) -> Task:
    if status.is_final:
        return task("", status=status, failure=failure, account=account)
    return task("", status=status, trouble=broken, account=account)


some_tasks = st.builds(
    a_task, st.sampled_from(list(Status)), failures, troubles, st.sampled_from(["kling-cn", "a b", "-x,y"])
)


@given(st.lists(some_tasks, max_size=12))
def test_the_filter_of_a_group_finds_exactly_its_tasks(given_tasks: list[Task]) -> None:
    tasks = [replace(each, id=f"t{place}") for place, each in enumerate(given_tasks)]
    groups = group_failures(tasks)
    found = [len(parse(group.key.filter).select(tasks, Moment(NOW))) for group in groups]
    assert found == [group.count for group in groups]
    assert sum(found) == sum(each.failure is not None or each.trouble is not None for each in tasks)


def test_a_code_of_any_text_can_be_filtered_by() -> None:
    key = GroupKey("a\n", FailureKind.AUTH, 'x"\\ \x1b' * 40, Status.FAILED)
    parse(key.filter)
