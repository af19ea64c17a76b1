"""Brings local pictures to a provider that takes addresses alone, before the request that names them.

An upload makes no task and costs nothing, so it may be tried again freely; the create request that follows
is still written down before it is sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from backend.engine.lane import Lane
from backend.engine.waiting import in_thread
from backend.language import N_
from backend.models import Failure, FailureKind
from backend.pictures import upload_name
from backend.providers.contract import Uploads, UploadSlot
from backend.request_log import About, Purpose

if TYPE_CHECKING:
    from backend.providers.fields import RequestModel


@dataclass(slots=True)
class _Sent:
    """A picture that was put where the provider said."""

    slot: UploadSlot
    at: datetime
    ready: bool = False


class Uploader:
    """The uploads of one account. What is there is used again, not sent again."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self._sent: dict[tuple[str, str], _Sent] = {}
        """By base URL and reference, which holds the picture's hash."""

    async def provide(
        self, request: RequestModel, uploads: Uploads, base_url: str, task_id: str
    ) -> Failure | None:
        """Upload what a task's `request` names and is not there yet; return why not. Raises RequestError."""
        if self._lane.pictures is None:
            return None
        about = About(Purpose.UPLOAD, (task_id,))
        contents = await in_thread(self._lane.pictures.contents, request)
        self._forget(uploads)
        for reference, data in contents.items():
            key = base_url, reference
            if key not in self._sent:
                slot = await self._put(uploads, base_url, reference, data, about)
                if isinstance(slot, Failure):
                    return slot
                self._sent[key] = _Sent(slot, self._lane.clock.now())
            if failure := await self._ready(uploads, key, about):
                return failure
        return None

    def addresses(self, base_url: str) -> Mapping[str, str]:
        """Return where the pictures are that were uploaded, by reference."""
        return {
            reference: sent.slot.address
            for (base, reference), sent in self._sent.items()
            if base == base_url and sent.ready
        }

    def _forget(self, uploads: Uploads) -> None:
        oldest = self._lane.clock.now() - uploads.keeps
        self._sent = {key: sent for key, sent in self._sent.items() if sent.at > oldest}

    async def _put(
        self, uploads: Uploads, base_url: str, reference: str, data: bytes, about: About
    ) -> UploadSlot | Failure:
        answer = await self._lane.send(uploads.ask(upload_name(reference, data)), base_url, about)
        slot = answer if isinstance(answer, Failure) else uploads.read_slot(answer)
        if isinstance(slot, Failure):
            return slot
        failure = await self._lane.connection.put(slot.put_url, data, slot.media_type, about=about)
        return failure or slot

    async def _ready(self, uploads: Uploads, key: tuple[str, str], about: About) -> Failure | None:
        sent, clock = self._sent[key], self._lane.clock
        until = clock.monotonic() + uploads.patience
        while not sent.ready:
            answer = await self._lane.send(uploads.look(sent.slot), key[0], about)
            ready = answer if isinstance(answer, Failure) else uploads.read_ready(answer)
            if isinstance(ready, Failure):
                if not ready.kind.is_passing:
                    del self._sent[key]
                return ready
            sent.ready = ready
            if not ready and clock.monotonic() >= until:
                del self._sent[key]
                return _NOT_READY
            if not ready:
                await clock.sleep(uploads.step)
        return None


_NOT_READY = Failure(
    kind=FailureKind.TRANSIENT,
    meaning=N_("The provider has not made the uploaded picture available in time."),
    money=N_("Only a picture was uploaded: no task was created, nothing is charged."),
    next_step=N_("It is uploaded again by itself."),
)
