"""Any valid request reaches the sandbox as it was meant."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.models import Submission
from backend.providers import registry
from backend.providers.contract import HttpAnswer
from backend.providers.fields import RequestModel
from backend.sandbox.answers import Answer, Call
from backend.sandbox.server import SandboxServer
from tests.backend.sandbox.conftest import HandClock

from .requests import valid

OPERATIONS = [
    (name, operation) for name, known in registry.providers().items() for operation in known.operations
]
ADDED: Mapping[tuple[str, str], tuple[str, ...]] = {
    **{("kling", name): ("model_name",) for name in registry.provider("kling").operations},
    ("kling-relay", "turbo-text2video"): ("settings",),
    ("openai-video", "remix"): ("model", "video_id"),
}
"""What the sandbox keeps with a job beyond the body: the model and film of the path, settings filled in."""
IN_PATH: Mapping[tuple[str, str], Callable[[str], dict[str, str]]] = {
    ("kling", "v2-text2video"): lambda path: {"model": path.rpartition("/")[2]},
    ("kling", "v2-image2video"): lambda path: {"model": path.rpartition("/")[2]},
    ("openai-video", "remix"): lambda path: {"video_id": path.split("/")[-2]},
}
"""Fields that go into the path instead of the body."""


class Desk:
    """One protocol of a sandbox, without a wire."""

    def __init__(self, provider: str) -> None:
        self.clock = HandClock()
        server = SandboxServer(clock=self.clock)
        self.face = next(face for face in server._faces if face.name == provider)
        self.headers = {"content-type": "application/json"}
        credentials = self.face.credentials
        if provider == "chanjing":
            told = self.send("POST", "/open/v1/access_token", dict(credentials)).payload
            assert told is not None
            self.headers["access_token"] = told["data"]["access_token"]
        else:
            self.headers["authorization"] = f"Bearer {credentials['api_key']}"

    def send(self, method: str, path: str, body: Any) -> Answer:
        call = Call(method=method, path=path, query={}, headers=self.headers, body=body)
        route, values = self.face.find_route(call)
        answer = self.face.handle(call, route, values)
        assert isinstance(answer, Answer)
        return answer

    def film(self) -> str:
        """Return the id of a finished film of the gateway."""
        told = self.send("POST", "/v1/videos", {"model": "kling-2.5", "prompt": "[ok]"}).payload
        assert told is not None
        self.clock.pass_(60)
        return str(told["id"])


@pytest.mark.parametrize(("provider", "operation"), OPERATIONS)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
@given(data=st.data())
def test_a_request_arrives_unchanged(provider: str, operation: str, data: st.DataObject) -> None:
    known = registry.operation(provider, operation)
    request: RequestModel = data.draw(valid(known.model))
    desk = Desk(provider)
    if operation == "remix":
        request = known.model.parse({**request.values(), "video_id": desk.film()})
    sent = known.codec.create(request, None)
    body: dict[str, Any] = json.loads(json.dumps(sent.body))
    answer = desk.send(sent.method, sent.path, body)
    read = known.codec.read_created(HttpAnswer(status=answer.status, body=answer.body))
    assert isinstance(read, Submission), read
    job = desk.face.books.find(provider, read.remote_id)
    assert job is not None
    added = ADDED.get((provider, operation), ())
    assert _without(job.request, body, added) == body
    read_path = IN_PATH.get((provider, operation))
    in_path = read_path(sent.path) if read_path else {}
    assert known.model.from_body({**body, **in_path}).to_body() == body


def _without(kept: Any, body: Any, added: tuple[str, ...]) -> Any:
    """Return what was kept without what the sandbox adds to `body`."""
    clean = {key: value for key, value in kept.items() if key in body or key not in added}
    for key in added:
        if isinstance(clean.get(key), dict):
            clean[key] = {name: value for name, value in clean[key].items() if name in body[key]}
    return clean


@pytest.mark.parametrize(("provider", "operation"), OPERATIONS)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
@given(data=st.data())
def test_a_request_survives_the_ledger(provider: str, operation: str, data: st.DataObject) -> None:
    known = registry.operation(provider, operation)
    request: RequestModel = data.draw(valid(known.model))
    stored = json.loads(json.dumps(request.values()))
    again = known.model.parse(stored)
    assert again.values() == request.values()
    assert known.codec.create(again, "id") == known.codec.create(request, "id")
