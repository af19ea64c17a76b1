"""Any valid request reaches the sandbox as it was meant."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.providers import registry
from backend.providers.fields import RequestModel
from backend.sandbox.answers import Answer, Call
from backend.sandbox.face import Face
from backend.sandbox.server import SandboxServer

from .requests import valid

OPERATIONS = [
    (provider, operation)
    for provider in ("kling", "kling-relay")
    for operation in registry.provider(provider).operations
]
ADDED: Mapping[tuple[str, str], tuple[str, ...]] = {
    **{("kling", name): ("model_name",) for name in registry.provider("kling").operations},
    ("kling-relay", "turbo-text2video"): ("settings",),
}
"""What the sandbox keeps with a job beyond the body: the model of the path, settings filled in."""


def face_of(server: SandboxServer, name: str) -> Face:
    return next(face for face in server._faces if face.name == name)


@pytest.mark.parametrize(("provider", "operation"), OPERATIONS)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
@given(data=st.data())
def test_a_request_arrives_unchanged(provider: str, operation: str, data: st.DataObject) -> None:
    known = registry.operation(provider, operation)
    request: RequestModel = data.draw(valid(known.model))
    sent = known.codec.create(request, None)
    body: dict[str, Any] = json.loads(json.dumps(sent.body))
    face = face_of(SandboxServer(), provider)
    headers = {"content-type": "application/json", "authorization": f"Bearer {face.credentials['api_key']}"}
    call = Call(method=sent.method, path=sent.path, query={}, headers=headers, body=body)
    route, values = face.find_route(call)
    answer = face.handle(call, route, values)
    assert isinstance(answer, Answer)
    assert answer.payload is not None
    assert answer.payload["code"] == 0
    (job,) = face.books
    added = ADDED.get((provider, operation), ())
    assert {key: job.request[key] for key in job.request if key not in added or key in body} == body | {
        key: job.request[key] for key in added if key in body
    }
    named = {**body, "model": sent.path.rpartition("/")[2]} if operation.startswith("v2-") else body
    assert known.model.from_body(named).to_body() == body


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
