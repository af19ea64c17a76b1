"""Kling's account endpoint (FACTS 2.13): one resource pack, spent as films are made; asked once a second."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from backend.sandbox.answers import Answer, Call, RefusalError
from backend.sandbox.face import Face, Route
from backend.sandbox.faults import Kind

PATH = "/account/costs"
PACK = "Sandbox trial pack"
_UNITS = Decimal(1000)
_DAY_MS = 86_400_000
_SPACING = 1.0


class AccountDesk:
    """Answers for a `face`; `spent` tells the units that its films cost."""

    def __init__(self, face: Face, spent: Callable[[], Decimal], succeed: Callable[[Any], Answer]) -> None:
        self._face = face
        self._spent = spent
        self._succeed = succeed
        self._free_at = 0.0

    def routes(self) -> Sequence[Route]:
        """Return the one route."""
        return [Route("GET", PATH, self._costs, Kind.QUERY)]

    def _costs(self, call: Call) -> Answer:
        start, end = _moment(call, "start_time"), _moment(call, "end_time")
        if start > end:
            raise RefusalError(400, 1201, "start_time must not be after end_time")
        face = self._face
        if face.now < self._free_at:
            raise face.rate_limited()
        self._free_at = face.now + _SPACING
        wanted = call.query.get("resource_pack_name")
        packs = [self._pack()] if wanted in (None, "", PACK) else []
        return self._succeed({"resource_pack_subscribe_infos": packs})

    def _pack(self) -> dict[str, Any]:
        now = int(self._face.now * 1000)
        left = max(Decimal(0), _UNITS - self._spent())
        return {
            "resource_pack_name": PACK,
            "resource_pack_id": "509f3fd3d4f4a3fe9eec5633721a2166",
            "resource_pack_type": "decreasing_total",
            "total_quantity": float(_UNITS),
            "remaining_quantity": float(left),
            "purchase_time": now - 30 * _DAY_MS,
            "effective_time": now - 30 * _DAY_MS,
            "invalid_time": now + 60 * _DAY_MS,
            "status": "online" if left else "runOut",
        }


def _moment(call: Call, key: str) -> int:
    text = call.query.get(key, "")
    if not text.isdecimal() or len(text) > 15:
        raise RefusalError(400, 1201, f"{key} value '{text}' is invalid, must be Unix milliseconds")
    return int(text)
