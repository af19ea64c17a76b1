"""What is left of Kling's resource packs (FACTS 2.13)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from backend.models import Failure, Quota
from backend.providers import envelopes
from backend.providers.contract import HttpAnswer, HttpRequest
from backend.providers.envelopes import open_envelope
from backend.providers.failures import PROTOCOL, Asked, make
from backend.providers.kling_errors import KLING_FAILURES

PATH = "/account/costs"
_LOOKED_BACK = timedelta(days=365)
_MOST = 100


def ask(now: datetime) -> HttpRequest:
    """Return the request for the resource packs of the last year."""
    start, end = (str(int(moment.timestamp() * 1000)) for moment in (now - _LOOKED_BACK, now))
    return HttpRequest(method="GET", path=PATH, query=(("start_time", start), ("end_time", end)))


def read(answer: HttpAnswer) -> tuple[Quota, ...] | Failure:
    """Decode the answer; packs without an amount are left out."""
    envelope = open_envelope(answer)
    if not envelope.ok:
        return KLING_FAILURES.of_answer(envelope, Asked.CHECK)
    data = envelope.data
    packs = data.get("resource_pack_subscribe_infos") if isinstance(data, Mapping) else None
    if not isinstance(packs, list):
        return make(PROTOCOL, envelope, Asked.CHECK)
    return tuple(_quotas(packs[:_MOST]))


def _quotas(packs: list[Any]) -> Iterator[Quota]:
    for pack in packs:
        if not isinstance(pack, Mapping):
            continue
        left = envelopes.decimal(pack.get("remaining_quantity"))
        if left is not None:
            yield Quota(
                name=envelopes.line(pack.get("resource_pack_name")),
                left=left,
                total=envelopes.decimal(pack.get("total_quantity")),
                status=envelopes.line(pack.get("status")),
                ends_at=envelopes.moment(pack.get("invalid_time")),
            )
