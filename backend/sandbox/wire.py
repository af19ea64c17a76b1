"""One HTTP exchange over ASGI: reads a call, sends an answer, or loses the connection for real."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from email.utils import formatdate
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import Request

from backend.providers.contract import JsonObject
from backend.sandbox.answers import JSON_TYPE, Answer, Call

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

LARGEST_BODY = 64 * 1024 * 1024
_LARGE_BODY = 256 * 1024
"""Decoded in a thread, so that the loop (a dashboard's, perhaps) is not held up."""
_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
_DEEPEST_KEY = 8
_POURED = 64 * 1024
"""Bytes at a time of a body without end."""


class BodyTooLargeError(Exception):
    """The request's body exceeds :data:`LARGEST_BODY`."""


class ClientGoneError(Exception):
    """The client went away before its request was complete."""


class Wire:
    """A request and the way back."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.headers = {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
        }
        self._scope = scope
        self._receive = receive
        self._send = send

    async def read_call(self, prefix: str) -> Call:
        """Read the body and return the request as a protocol sees it. Raises BodyTooLargeError,
        ClientGoneError.
        """
        raw = await self._read_body()
        body, error = await self._decode(raw)
        query = parse_qsl(self._scope["query_string"].decode("latin-1"), keep_blank_values=True)
        return Call(
            method=self.method,
            path=self.path.removeprefix(prefix),
            query=dict(query),
            headers=self.headers,
            body=body,
            raw=raw,
            body_error=error,
        )

    async def send(self, answer: Answer, keep: int | None = None, *, ends: bool = True) -> None:
        """Send an answer; with `keep` only so many bytes of its body, then lose the connection. One that
        never `ends` has no length, and goes on until the client has enough."""
        body = answer.body
        headers = {"content-type": JSON_TYPE, "date": formatdate(usegmt=True), **answer.headers}
        if answer.status != 304 and ends:
            headers["content-length"] = str(len(body))
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        await self._send({"type": "http.response.start", "status": answer.status, "headers": raw})
        if not ends:
            await self._pour(body)
            return
        if keep is None:
            await self._send({"type": "http.response.body", "body": body})
            return
        await self._send({"type": "http.response.body", "body": body[:keep], "more_body": True})
        self._transport.close()  # after what is written, unlike abort()
        await self._disconnected()

    async def _pour(self, body: bytes) -> None:
        gone = asyncio.ensure_future(self._disconnected())
        try:
            while not gone.done():
                await self._send({"type": "http.response.body", "body": body, "more_body": True})
                body = bytes(_POURED)
                await asyncio.sleep(0)
        finally:
            gone.cancel()

    async def drop(self) -> None:
        """Lose the connection without a word."""
        self._transport.abort()
        await self._disconnected()

    @property
    def _transport(self) -> asyncio.Transport:
        transport: asyncio.Transport = self._scope["state"]["transport"]
        return transport

    async def _disconnected(self) -> None:
        """Wait until the server has seen it too; otherwise it would answer in our place."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _read_body(self) -> bytes:
        chunks: list[bytes] = []
        length = 0
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientGoneError
            chunks.append(message.get("body", b""))
            length += len(chunks[-1])
            if length > LARGEST_BODY:
                raise BodyTooLargeError
            if not message.get("more_body", False):
                return b"".join(chunks)

    async def _decode(self, raw: bytes) -> tuple[Any, str]:
        """Return the body's value, and why there is none."""
        if not raw:
            return None, ""
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        try:
            if kind in _FORMS:
                return await self._form(raw), ""
            if len(raw) > _LARGE_BODY:
                return await asyncio.to_thread(_json, raw), ""
            return _json(raw), ""
        except MultiPartException as error:
            return None, f"the form cannot be read: {error.message}"
        except (ValueError, RecursionError) as error:
            return None, f"the body is not valid JSON: {error}"

    async def _form(self, raw: bytes) -> JsonObject:
        async def replay() -> Message:
            return {"type": "http.request", "body": raw, "more_body": False}

        request = Request(self._scope, replay)
        async with request.form(max_part_size=LARGEST_BODY) as form:
            return form_object(form.multi_items())


def form_object(items: Iterable[tuple[str, Any]]) -> JsonObject:
    """Return a form as an object of texts: ``a[b]`` is nested, ``a[]`` or a repeated name a list.

    A file becomes an address, for that is what the protocol's models take.
    """
    found: JsonObject = {}
    for name, value in items:
        keys = re.findall(r"[^\[\]]+", name)[:_DEEPEST_KEY] or [name]
        target = found
        for key in keys[:-1]:
            inner = target.setdefault(key, {})
            if not isinstance(inner, dict):
                inner = target[key] = {}
            target = inner
        _put(target, keys[-1], _form_value(value), many=name.endswith("[]"))
    return found


def _put(target: JsonObject, key: str, value: Any, *, many: bool) -> None:
    if key in target:
        before = target[key]
        target[key] = [*before, value] if isinstance(before, list) else [before, value]
    else:
        target[key] = [value] if many else value


def _form_value(value: Any) -> Any:
    if isinstance(value, UploadFile):
        return f"https://upload.sandbox.invalid/{re.sub(r'[^A-Za-z0-9._-]', '_', value.filename or 'file')}"
    return value


def _json(raw: bytes) -> Any:
    return json.loads(raw, parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")
