"""Chanjing's file API, by which local pictures become addresses (FACTS 1.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backend.language import N_
from backend.models import Failure, FailureKind
from backend.providers import envelopes
from backend.providers.chanjing_errors import FAILURES
from backend.providers.contract import HttpAnswer, HttpRequest, Uploads, UploadSlot
from backend.providers.envelopes import open_envelope
from backend.providers.failures import PROTOCOL, Asked, Cause, make

_READY = frozenset({"1", "2"})
_UNUSABLE = frozenset({"98", "99", "100"})
_SPOILED = Cause(
    kind=FailureKind.INVALID,
    meaning=N_("Chanjing cannot use the uploaded picture."),
    next_step=N_("Save the picture anew as .jpg or .png, or give its public address."),
)
_MEDIA_TYPES = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg"}


class ChanjingUploads(Uploads):
    """``create_upload_url``, then PUT, then ``file_detail`` until the file has appeared: up to a minute."""

    def __init__(self, service: str) -> None:
        self._service = service

    def ask(self, name: str) -> HttpRequest:
        """Return the request for a signed address to put a file to."""
        query = (("service", self._service), ("name", name))
        return HttpRequest(method="GET", path="/open/v1/common/create_upload_url", query=query)

    def read_slot(self, answer: HttpAnswer) -> UploadSlot | Failure:
        """Decode the answer to :meth:`ask`."""
        envelope = open_envelope(answer)
        if not envelope.ok:
            return FAILURES.of_answer(envelope, Asked.CHECK)
        data: Mapping[str, Any] = envelope.data if isinstance(envelope.data, Mapping) else {}
        put_url, address = envelopes.web(data.get("sign_url")), envelopes.web(data.get("full_path"))
        file_id = envelopes.id_text(data.get("file_id"))
        if put_url is None or address is None or file_id is None:
            return make(PROTOCOL, envelope, Asked.CHECK)
        suffix = address.partition("?")[0].rpartition(".")[2].lower()
        media_type = envelopes.line(data.get("mime_type")) or _MEDIA_TYPES.get(suffix, "image/jpeg")
        return UploadSlot(put_url=put_url, media_type=media_type, address=address, file_id=file_id)

    def look(self, slot: UploadSlot) -> HttpRequest:
        """Return the request that asks whether the file has appeared."""
        path = "/open/v1/common/file_detail"
        return HttpRequest(method="GET", path=path, query=(("id", slot.file_id),))

    def read_ready(self, answer: HttpAnswer) -> bool | Failure:
        """Decode the answer to :meth:`look`; sources disagree whether 1 or 2 is ready, so both are."""
        envelope = open_envelope(answer)
        if not envelope.ok:
            unknown = FAILURES.of_answer(envelope, Asked.READ).kind is FailureKind.NOT_FOUND
            # A file that is not known yet may still appear.
            return False if unknown else FAILURES.of_answer(envelope, Asked.CHECK)
        if not isinstance(envelope.data, Mapping):
            return make(PROTOCOL, envelope, Asked.CHECK)
        status = envelopes.line(envelope.data.get("status"))
        if status in _UNUSABLE:
            return make(_SPOILED, envelope, Asked.CHECK)
        return status in _READY
