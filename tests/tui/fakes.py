"""A service in memory and a clock that stands still, with tasks in every state one can meet."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import weakref
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from backend.desk import Desk
from backend.download_progress import Progress
from backend.errors import UsageError
from backend.feed import Changes, Feed
from backend.former import Former
from backend.media.media import Media
from backend.models import (
    Artifact,
    ArtifactState,
    Charge,
    Failure,
    FailureKind,
    Origin,
    RemoteFile,
    Status,
    Task,
    TaskEvent,
    Trouble,
)
from backend.notify import AS_USUAL
from backend.own_commands import OwnCommand
from backend.providers.contract import Operation
from backend.request_log import RequestLog
from backend.requests import Requests
from backend.service import (
    AccountCheck,
    AccountHealth,
    AccountView,
    CredentialView,
    Draft,
    Prepared,
    Service,
    UiState,
)
from backend.track_records import TrackRecord

NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)


class FakeClock:
    """Stands still until it is moved."""

    def __init__(self, now: datetime = NOW) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._now.timestamp()

    async def sleep(self, seconds: float) -> None:
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


def scratch(owner: object) -> Path:
    """Return a folder that goes with its owner."""
    folder = Path(tempfile.mkdtemp(prefix="stage-"))
    weakref.finalize(owner, shutil.rmtree, folder, ignore_errors=True)
    return folder


class FakeService(Service):
    """Answers like a service; what it is asked to do is noted in `calls`."""

    def __init__(
        self,
        tasks: Iterable[Task] = (),
        *,
        sandbox: bool = True,
        leads: bool = True,
        typical: float | None = 130.0,
        notices: Sequence[str] = (),
    ) -> None:
        self._by_id = {task.id: task for task in tasks}
        self._sandbox = sandbox
        self._leads = leads
        self._typical = typical
        self._said = tuple(notices)
        self._stream = Feed()
        self.media = Media()
        self.is_configured = True
        self.log = RequestLog(tell=lambda: self._stream.publish(Changes(requests=True)))
        self.requests = Requests(self.log, Path("/nonexistent/requests.jsonl"))
        self.notify = AS_USUAL
        self.calls: list[tuple[str, ...]] = []
        self.troubles: dict[str, Trouble] = {}
        self.problems: dict[str, str] = {}
        self.coming: dict[str, dict[int, Progress]] = {}
        self.own_views: dict[str, str] = {}
        self.own_commands: tuple[OwnCommand, ...] = ()
        self.records: dict[str, TrackRecord] = {}
        self.ui_state = UiState()
        self.unsent: list[Draft] = []
        self.opened = asyncio.Event()
        self.left = False

    async def __aenter__(self) -> Self:
        self.opened.set()
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.left = True

    async def open(self) -> Service:
        """Stand in for ``open_service``."""
        return self

    # -- what tests do ------------------------------------------------------------------------------------

    def put(self, *tasks: Task) -> None:
        """Add or replace tasks and say so."""
        self._by_id.update((task.id, task) for task in tasks)
        self._stream.publish(Changes(tasks=frozenset(task.id for task in tasks)))

    def change(self, task_id: str, **fields: Any) -> None:
        """Change fields of a task and say so."""
        self.put(replace(self._by_id[task_id], **fields))

    def take_away(self, task_id: str) -> None:
        """Let a task be gone, as when it is archived, and say so."""
        del self._by_id[task_id]
        self._stream.publish(Changes(tasks=frozenset({task_id})))

    def publish(self, changes: Changes) -> None:
        """Say something else."""
        self._stream.publish(changes)

    # -- what screens use ---------------------------------------------------------------------------------

    @property
    def is_sandbox(self) -> bool:
        return self._sandbox

    @property
    def leads(self) -> bool:
        return self._leads

    @leads.setter
    def leads(self, leads: bool) -> None:
        self._leads = leads

    @property
    def notices(self) -> tuple[str, ...]:
        return self._said

    @property
    def tasks(self) -> Mapping[str, Task]:
        return self._by_id

    def accounts(self) -> Sequence[AccountView]:
        return [
            AccountView(
                name=name,
                provider=provider,
                base_url=url,
                credentials=(CredentialView("api_key", source, self.problems.get(name, "")),),
                concurrency=concurrency,
                sandbox=self._sandbox,
            )
            for name, provider, url, source, concurrency in (
                ("studio", "kling", "https://api.example.com", "env:KLING_KEY", 5),
                ("relay", "kling-relay", "https://relay.example.net/kling", "file:~/.relay", 10),
                ("avatars", "chanjing", "https://open-api.example.org", "keyring:chanjing/app", 2),
            )
        ]

    def account(self, name: str) -> AccountView:
        for view in self.accounts():
            if view.name == name:
                return view
        raise UsageError(f"unknown account {name!r}")

    def health(self, account: str) -> AccountHealth:
        mine = [task for task in self._by_id.values() if task.account == account]
        waiting = sum(task.status is Status.WAITING for task in mine)
        return AccountHealth(
            waiting=waiting,
            unfinished=sum(not task.status.is_final for task in mine) - waiting,
            trouble=self.troubles.get(account),
        )

    async def check_account(self, name: str) -> AccountCheck:
        self.calls.append(("check", name))
        return AccountCheck(account=name, ok=True, words="It lists 3 resource packs.", seconds=0.2)

    def track_record(self, account: str) -> TrackRecord:
        return self.records.get(account, TrackRecord())

    def operation(self, account: str, name: str | None = None) -> Operation:
        operations = self.provider(self.account(account).provider).operations
        if name is None or name not in operations:
            raise UsageError(f"account {account} has no operation {name!r}")
        return operations[name]

    def prepare(self, draft: Draft) -> Prepared:
        return Prepared(cost="About 2 units, by the published table.")

    @cached_property
    def desk(self) -> Desk:
        folder = scratch(self)
        return Desk(folder, folder / "none.json")

    def unsent_drafts(self) -> list[Draft]:
        return self.unsent

    async def former_values(self, account: str, specs: Iterable[object]) -> Mapping[str, Sequence[Former]]:
        return {}

    def changes(self) -> AsyncIterator[Changes]:
        return self._stream.subscribe()

    def focus(self, ids: Iterable[str]) -> None:
        self.focused = list(ids)

    def typical_seconds(self, task: Task) -> float | None:
        return self._typical

    def download_progress(self, task_id: str) -> Mapping[int, Progress]:
        return self.coming.get(task_id, {})

    def past_runs(self, task: Task) -> int:
        return 14 if self._typical is not None else 0

    @property
    def views(self) -> Mapping[str, str]:
        return self.own_views

    def load_ui_state(self) -> UiState:
        return self.ui_state

    async def save_ui_state(self, state: UiState) -> None:
        self.ui_state = state

    async def stop(self, ids: Iterable[str]) -> list[Task]:
        return self._note("stop", ids, Status.LOST)

    async def resume(self, ids: Iterable[str]) -> list[Task]:
        return self._note("resume", ids, Status.QUEUED)

    async def resend(self, task_id: str) -> Task:
        return self._note("resend", [task_id], Status.WAITING)[0]

    def retry_now(self, ids: Iterable[str] = ()) -> None:
        self.calls.append(("retry", *ids))

    async def download(self, task_id: str, directory: Path | None = None) -> Task:
        self.calls.append(("download", task_id))
        raise UsageError("the link [b]has expired[/b]")

    def _note(self, call: str, ids: Iterable[str], status: Status) -> list[Task]:
        ids = list(ids)
        self.calls.append((call, *ids))
        self.put(*(replace(self._by_id[task_id], status=status) for task_id in ids))
        return [self._by_id[task_id] for task_id in ids]


def ago(seconds: float) -> datetime:
    """Return a moment before :data:`NOW`."""
    return NOW - timedelta(seconds=seconds)


def ahead(seconds: float) -> datetime:
    """Return a moment after :data:`NOW`."""
    return NOW + timedelta(seconds=seconds)


def make_task(
    task_id: str = "7k2mwq", status: Status = Status.RUNNING, age: float = 90, **fields: Any
) -> Task:
    """Return a task made and sent `age` seconds ago."""
    prompt = fields.setdefault("prompt", "A paper boat drifts down a rainy gutter at dusk, slow dolly in")
    values: dict[str, Any] = {
        "id": task_id,
        "account": "studio",
        "provider": "kling",
        "operation": "text2video",
        "origin": Origin(base_url="https://api.example.com", endpoint="/v1/videos/text2video"),
        "request": {"model_name": "kling-v2-5-turbo", "prompt": prompt, "duration": 5},
        "created_at": ago(age + 1),
        "updated_at": ago(5),
        "model": "kling-v2-5-turbo",
        "status": status,
        "sent_at": None if status is Status.WAITING else ago(age),
        "remote_id": None
        if status in (Status.WAITING, Status.UNCONFIRMED)
        else "8140000000000000" + task_id[:2],
        "finished_at": ago(5) if status.is_final else None,
        "events": (TaskEvent(at=ago(age + 1), what="created"),),
    }
    return Task(**{**values, **fields})


def result(**fields: Any) -> Artifact:
    """Return a result file, still with the provider if nothing else is said."""
    remote = RemoteFile(
        url="https://cdn.example.com/8140/out.mp4?sig=c2VjcmV0", duration=5.1, expires_at=ahead(7200)
    )
    return Artifact(remote=remote, **fields)


POLICY = Failure(
    kind=FailureKind.POLICY,
    words="Failure to pass the risk control system",
    code="1301",
    http_status=400,
    request_id="CjMT7WdSwWcAAAAAALvB3g",
    meaning="The provider's content rules refused the prompt or an image.",
    money="Nothing was created, so nothing should be charged.",
    next_step="Change the prompt or the image, then send it as a new request (c).",
)
BROKEN = Failure(
    kind=FailureKind.FAILED_TASK,
    words="Server internal error: render node lost [5003]",
    code="5003",
    http_status=200,
    request_id="b9c1f0a2-44a1",
    meaning="The provider accepted the task and then failed to make it.",
    money="Kling documents that failed tasks are refunded; look at the account's balance.",
    next_step="Try again as a new request (c).",
)
UNREACHABLE = Failure(
    kind=FailureKind.TRANSIENT,
    words="connection refused",
    meaning="The provider cannot be reached just now.",
    money="Nothing is charged for asking.",
    next_step="Nothing to do: it is asked again by itself.",
)

_TIMELINE = (
    TaskEvent(at=ago(191), what="created"),
    TaskEvent(at=ago(190), what="sending"),
    TaskEvent(at=ago(189), what="accepted", words="submitted"),
    TaskEvent(at=ago(150), what="status", words="processing"),
)


def gallery() -> list[Task]:
    """Return one task of each kind, oldest first."""
    return [
        make_task(
            "b4n8xd",
            Status.SUCCEEDED,
            age=4000,
            prompt="猫が窓辺で雨を見ている、映画のような光",
            finished_at=ago(3870),
            artifacts=(
                result(
                    state=ArtifactState.SAVED,
                    path="/home/ana/Videos/reeltop/b4n8xd-cat-by-the-window.mp4",
                    bytes_done=12_345_678,
                    bytes_total=12_345_678,
                    checks=("length", "mp4"),
                ),
            ),
            charges=(Charge(amount=Decimal("2.5"), unit="unit"),),
        ),
        make_task("c9t5rk", Status.CANCELLED, age=3600, prompt="Test, ignore", finished_at=ago(3580)),
        make_task(
            "d2v7pm",
            Status.LOST,
            age=3000,
            account="avatars",
            provider="chanjing",
            operation="tx-kling2.5",
            model="tx-kling2.5",
            prompt="Presenter greets the audience and points left",
            finished_at=ago(1200),
        ),
        make_task(
            "e6h3zs",
            Status.SUCCEEDED,
            age=900,
            prompt="Macro shot of frost growing over a leaf",
            finished_at=ago(760),
            artifacts=(result(),),
        ),
        make_task(
            "f8j4yw",
            Status.REJECTED,
            age=600,
            prompt="A crowd in front of a well-known palace",
            finished_at=ago(599),
            failure=POLICY,
        ),
        make_task(
            "g3q9tb",
            Status.FAILED,
            age=190,
            prompt="Slow dolly through a neon market at night, rain on the lens [cinematic]",
            finished_at=ago(56),
            status_words="failed",
            failure=BROKEN,
            events=(
                *_TIMELINE,
                TaskEvent(at=ago(56), what="status", words="failed: Server internal error: render node lost"),
            ),
            last_answer='{"code": 0, "message": "SUCCEED", "request_id": "b9c1f0a2-44a1", "data": '
            '{"task_id": "8140000000000000g3", "task_status": "failed", '
            '"task_status_msg": "Server internal error: render node lost [5003]"}}',
        ),
        make_task(
            "h5r2vn",
            Status.SUCCEEDED,
            age=170,
            account="relay",
            provider="kling-relay",
            prompt="Two foxes chase each other through tall grass",
            finished_at=ago(12),
            artifacts=(
                result(state=ArtifactState.DOWNLOADING, bytes_done=5_600_000, bytes_total=12_300_000),
            ),
        ),
        make_task("j7s6lc", Status.UNCONFIRMED, age=150, prompt="Old lighthouse keeper lights a lamp"),
        make_task(
            "k4w8fg",
            Status.RUNNING,
            age=92,
            account="relay",
            provider="kling-relay",
            operation="turbo-image2video",
            model="kling-v3-turbo",
            prompt="The dancer on the picture turns once",
            progress=0.45,
            status_words="processing",
        ),
        make_task("m2x5dh", Status.RUNNING, age=88, status_words="processing"),
        make_task(
            "n9z3kt",
            Status.RUNNING,
            age=80,
            account="avatars",
            provider="chanjing",
            operation="tx-kling2.5",
            model="tx-kling2.5",
            prompt="Presenter explains a chart, friendly",
            trouble=Trouble(failure=UNREACHABLE, since=ago(40), count=3, next_try=ahead(8)),
        ),
        make_task("p6b7wj", Status.QUEUED, age=20, prompt="Drone rises over terraced rice fields at dawn"),
        make_task("q8c2mx", Status.SUBMITTING, age=1, prompt="A clock melts over a branch"),
        make_task("r5d4vz", Status.WAITING, age=14, prompt="Kintsugi bowl turning on a black table"),
    ]
