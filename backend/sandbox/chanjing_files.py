"""Chanjing's file API (FACTS 1.3): a signed address, a PUT to it, and a while until the file has appeared."""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from backend.providers.contract import JsonObject
from backend.sandbox.answers import Answer, Call, RefusalError

_SLOT_SECONDS = 15 * 60.0
_FILE_SECONDS = 30 * 24 * 3600.0
_APPEARS_AFTER = 0.3
"""Seconds; at Chanjing up to a minute."""
_PER_MINUTE = 30
_MOST_FILES, _LARGEST = 64, 20 * 1024 * 1024
_TYPES = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp"}
_DENIED = b"<Error><Code>SignatureDoesNotMatch</Code></Error>"


@dataclass(slots=True)
class _File:
    number: int
    name: str
    media_type: str
    signature: str
    made: float
    content: bytes | None = None
    came: float = 0.0


class Files:
    """The newest uploads of the account."""

    def __init__(self, root: Callable[[], str], now: Callable[[], float]) -> None:
        self._root = root
        self._now = now
        self._files: dict[str, _File] = {}
        self._calls: deque[float] = deque(maxlen=_PER_MINUTE)
        self._count = 0

    def make_slot(self, name: str) -> JsonObject:
        """Return a place for a file with this name. Raises RefusalError above 30 a minute."""
        now = self._now()
        if len(self._calls) == _PER_MINUTE and now - self._calls[0] < 60:
            raise RefusalError(200, 40001, "超出QPS限制")
        self._calls.append(now)
        suffix = name.rpartition(".")[2].lower()
        if suffix not in _TYPES:
            raise RefusalError(200, 40000, "参数错误：unsupported file type")
        self._count += 1
        key = f"{secrets.token_hex(12)}.{suffix}"
        made = _File(self._count, name, _TYPES[suffix], secrets.token_hex(16), now)
        self._files[key] = made
        while len(self._files) > _MOST_FILES:
            del self._files[next(iter(self._files))]
        address = f"{self._root()}/uploads/{key}"
        return {
            "sign_url": f"{address}?sign={made.signature}",
            "full_path": address,
            "key": key,
            "mime_type": made.media_type,
            "file_id": str(made.number),
        }

    def detail(self, file_id: str) -> JsonObject:
        """Return where a file stands: 0 until it has appeared, then 1. Raises RefusalError."""
        for key, file in self._files.items():
            if str(file.number) == file_id:
                return {"id": file_id, "name": file.name, "key": key, "status": int(self._is_there(file))}
        raise RefusalError(200, 40000, "参数错误：文件不存在")

    def put(self, call: Call, key: str) -> Answer:
        """Take a file, as an object store does: with its signature, its type, within 15 minutes."""
        file = self._files.get(key)
        kind = call.headers.get("content-type", "")
        if (
            file is None
            or call.query.get("sign") != file.signature
            or kind != file.media_type
            or self._now() - file.made > _SLOT_SECONDS
        ):
            return Answer(status=403, content=_DENIED, headers={"content-type": "application/xml"})
        if len(call.raw) > _LARGEST:
            return Answer(status=413, content=b"", headers={"content-type": "application/xml"})
        file.content, file.came = call.raw, self._now()
        return Answer(content=b"")

    def get(self, call: Call, key: str) -> Answer:
        """Return a file, to anybody."""
        file = self._files.get(key)
        if file is None or file.content is None or not self._is_there(file):
            return Answer(status=404, content=b"", headers={"content-type": "application/xml"})
        return Answer(content=file.content, headers={"content-type": file.media_type})

    def _is_there(self, file: _File) -> bool:
        age = self._now() - file.came
        return file.content is not None and _APPEARS_AFTER <= age < _FILE_SECONDS
