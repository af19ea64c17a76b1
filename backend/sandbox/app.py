"""The sandbox as an ASGI application: finds the protocol, lets faults happen, serves the files."""

from __future__ import annotations

import asyncio
import re
import traceback
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from backend.providers.contract import JsonObject
from backend.sandbox import media
from backend.sandbox.answers import Answer, Call, FileAnswer, RefusalError
from backend.sandbox.face import Face, Route
from backend.sandbox.faults import (
    HEADER,
    Fault,
    Faults,
    Kind,
    expired_links,
    unknown_status,
    wrong_types,
)
from backend.sandbox.jobs import Phase
from backend.sandbox.wire import BodyTooLargeError, ClientGoneError, Receive, Scope, Send, Wire

_LOGGED = 2000
_CRASHES = 20
_FILE = re.compile(r"/files/([0-9a-f]+)(?:-watermark)?\.mp4")
_EXPIRED = "/files/expired/"
_HTML = b"<html><head><title>Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>"
_GONE = (
    b'<?xml version="1.0" encoding="UTF-8"?>'
    b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedRequest:
    """One line of the request log."""

    at: datetime
    method: str
    path: str
    account: str
    """Empty for the sandbox's own pages."""
    status: int | None
    """None if the connection was dropped without an answer."""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class _Delivery:
    """What goes back: an answer, a part of one, or nothing."""

    answer: Answer | None
    account: str = ""
    fault: Fault | None = None
    keep: int | None = None
    ends: bool = True


class SandboxApp:
    """All protocols, the files and the sandbox's own pages."""

    def __init__(self, faces: Sequence[Face], faults: Faults, about: Callable[[], JsonObject]) -> None:
        """`about` returns what the page at the root says, ``accounts`` included."""
        self.log: deque[LoggedRequest] = deque(maxlen=_LOGGED)
        self.crashes: deque[str] = deque(maxlen=_CRASHES)
        """Tracebacks of faults that nobody asked for."""
        self._faces = {face.prefix: face for face in faces}
        self._by_name = {face.name: face for face in faces}
        self._books = faces[0].books
        self._faults = faults
        self._about = about

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        wire = Wire(scope, receive, send)
        try:
            delivery = await self._serve(wire)
        except ClientGoneError:
            return
        except Exception:
            self.crashes.append(traceback.format_exc())
            delivery = _Delivery(Answer(status=500, payload={"error": "the sandbox itself is at fault"}))
        self.log.append(
            LoggedRequest(
                at=datetime.now(UTC),
                method=wire.method,
                path=wire.path,
                account=delivery.account,
                status=delivery.answer.status if delivery.answer else None,
                fault=str(delivery.fault or ""),
            )
        )
        if delivery.answer is None:
            await wire.drop()
        else:
            await wire.send(delivery.answer, delivery.keep, ends=delivery.ends)

    async def _serve(self, wire: Wire) -> _Delivery:
        face = self._faces.get("/" + wire.path.split("/", 2)[1]) if wire.path.startswith("/") else None
        if face is not None:
            return await self._api(face, wire)
        if wire.path.startswith("/files/"):
            return await self._file(wire)
        return _Delivery(await self._own_page(wire))

    async def _api(self, face: Face, wire: Wire) -> _Delivery:
        try:
            call = await wire.read_call(face.prefix)
        except BodyTooLargeError:
            refusal = RefusalError(413, 413, "request body too large", headers={"connection": "close"})
            return _Delivery(face.refuse(refusal), face.name)
        try:
            route, values = face.find_route(call)
        except RefusalError as refusal:
            return _Delivery(face.refuse(refusal), face.name)
        fault, broken_header = self._fault(wire, face.name, route.kind)
        if broken_header is not None:
            return _Delivery(broken_header, face.name)
        early = await self._before(face, fault)
        if early is not None:
            return early
        answer = self._answer(face, call, route, values)
        if isinstance(answer, FileAnswer):
            answer = await _video(answer, call.method, call.headers, fault)
        return _spoil(_Delivery(answer, face.name, fault), face)

    def _answer(self, face: Face, call: Call, route: Route, values: dict[str, str]) -> Answer | FileAnswer:
        try:
            return face.handle(call, route, values)
        except RefusalError as refusal:
            return face.refuse(refusal)

    async def _file(self, wire: Wire) -> _Delivery:
        found = _FILE.fullmatch(wire.path.replace(_EXPIRED, "/files/"))
        job = self._books.find_token(found[1]) if found else None
        face = self._by_name[job.provider] if job else None
        if job is None or face is None or face.phase(job) is not Phase.SUCCEEDED:
            return _Delivery(Answer(status=404, payload={"error": "no such file"}))
        fault, broken_header = self._fault(wire, face.name, Kind.FILE)
        if broken_header is not None:
            return _Delivery(broken_header, face.name)
        early = await self._before(face, fault)
        if early is not None:
            return early
        expired = wire.path.startswith(_EXPIRED) or (fault is not None and fault.name == "expired-link")
        if expired or face.is_expired(job):
            gone = Answer(status=403, content=_GONE, headers={"content-type": "application/xml"})
            return _Delivery(gone, face.name, fault)
        if wire.method not in ("GET", "HEAD"):
            return _Delivery(Answer(status=405, payload={"error": "GET or HEAD"}), face.name)
        answer = await _video(FileAnswer(job), wire.method, wire.headers, fault)
        return _spoil(_Delivery(answer, face.name, fault), face)

    def _fault(self, wire: Wire, account: str, kind: Kind) -> tuple[Fault | None, Answer | None]:
        """Return the fault that this request meets, or the answer to a header that cannot be read."""
        asked = wire.headers.get(HEADER)
        if asked is None:
            return self._faults.take(account, f"{wire.method} {wire.path}", kind), None
        try:
            return Fault.parse(asked), None
        except ValueError as error:
            return None, Answer(status=400, payload={"error": f"{HEADER}: {error}"})

    async def _before(self, face: Face, fault: Fault | None) -> _Delivery | None:
        """Let a fault happen that keeps the request from being handled."""
        if fault is None:
            return None
        match fault.name:
            case "latency":
                await asyncio.sleep(fault.wait)
            case "429":
                wait = fault.options.get("retry-after", "")
                wait = wait if wait.isascii() and wait.isprintable() else ""
                answer = face.refuse(face.rate_limited())
                return _Delivery(answer.with_headers({"retry-after": wait} if wait else {}), face.name, fault)
            case "error":
                code = fault.options.get("code", "")
                coded = face.coded(code)
                if coded is None:
                    said = f"{HEADER}: {face.name} has no error with code {code!r} to show"
                    return _Delivery(Answer(status=400, payload={"error": said}), face.name)
                return _Delivery(face.refuse(coded), face.name, fault)
            case "500-before":
                return _Delivery(face.refuse(face.broken(fault.status)), face.name, fault)
            case "redirect":
                to = fault.options.get("to", "http://localhost/")
                moved = Answer(status=302, content=b"", headers={"location": to if to.isascii() else "/"})
                return _Delivery(moved, face.name, fault)
            case "drop-before":
                return _Delivery(None, face.name, fault)
        return None

    async def _own_page(self, wire: Wire) -> Answer:
        match wire.method, wire.path:
            case "GET" | "HEAD", "/":
                return Answer(payload=self._about())
            case "GET", "/accounts":
                return Answer(payload={"accounts": self._about()["accounts"]})
            case "GET", "/faults":
                return Answer(payload={"faults": self._faults.listed()})
            case "POST", "/faults":
                return await self._set_fault(wire)
            case "DELETE", "/faults":
                self._faults.clear()
                return Answer(payload={"faults": []})
            case _:
                said = f"nothing at {wire.method} {wire.path}; see / for what is where"
                return Answer(status=404, payload={"error": said})

    async def _set_fault(self, wire: Wire) -> Answer:
        try:
            call = await wire.read_call("")
            if isinstance(call.body, dict) and call.body.get("account") not in self._by_name:
                raise ValueError(f"unknown account; known: {', '.join(self._by_name)}")
            self._faults.set_from(call.body)
        except (ValueError, BodyTooLargeError) as error:
            return Answer(status=400, payload={"error": str(error)})
        return Answer(payload={"faults": self._faults.listed()})


async def _video(answer: FileAnswer, method: str, headers: Mapping[str, str], fault: Fault | None) -> Answer:
    def serve() -> Answer:
        limit = None
        if fault is not None and fault.name == "short-file":
            limit = fault.cut(len(media.video(answer.job)))
        is_new = fault is not None and fault.name == "new-version"
        return media.serve(answer.job, method, headers, limit, is_new=is_new).with_headers(answer.headers)

    return await asyncio.to_thread(serve)


def _spoil(delivery: _Delivery, face: Face) -> _Delivery:
    """Let a fault happen to a finished answer."""
    fault, answer = delivery.fault, delivery.answer
    if fault is None or answer is None:
        return delivery
    match fault.name:
        case "500-after":
            answer = face.refuse(face.broken(fault.status))
        case "drop-after":
            answer = None
        case "truncate":
            return replace(delivery, keep=fault.cut(len(answer.body)))
        case "no-end" if answer.payload is None:
            return replace(delivery, ends=False)
        case "wrong-range" if answer.status == 206:
            answer = answer.with_headers({"content-range": f"{answer.headers['content-range']}0"})
        case "html":
            answer = Answer(status=fault.status, content=_HTML, headers={"content-type": "text/html"})
        case "bad-json" if answer.payload is not None:
            answer = replace(answer, content=answer.body[: len(answer.body) // 2])
        case "wrong-types" if answer.payload is not None:
            answer = replace(answer, payload=wrong_types(answer.payload))
        case "unknown-status" if answer.payload is not None:
            word = fault.options.get("word", "reviewing")
            answer = replace(answer, payload=unknown_status(answer.payload, word))
        case "expired-link" if answer.payload is not None:
            answer = replace(answer, payload=expired_links(answer.payload))
    return replace(delivery, answer=answer)
