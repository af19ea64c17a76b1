"""Whatever a server sends: an answer is understood or it is a Failure, never an exception, and never a
success without a film."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.errors import RequestError
from backend.models import Creation, Failure, FailureKind, Snapshot, Status, Submission
from backend.providers import registry
from backend.providers.contract import HttpAnswer, HttpRequest, Provider, Token, Uploads
from backend.text import clean_line

from .helpers import EVERY_OPERATION, codec, model, reference

NOW = datetime(2026, 9, 21, tzinfo=UTC)
STATUSES = st.one_of(st.just(200), st.integers(100, 599))
KEYS = st.sampled_from(
    (
        *("code", "message", "msg", "data", "error", "detail", "request_id", "id", "task_id", "unique_id"),
        *("status", "task_status", "progress_desc", "task_status_msg", "fail_reason", "err_msg", "progress"),
        *("task_result", "videos", "outputs", "output_url", "url", "video_url", "metadata", "list", "type"),
        *("created_at", "updated_at", "completed_at", "create_time", "expires_at", "motion_info"),
        *("deleted", "object", "has_more", "last_id", "next_cursor", "result", "access_token", "expire_in"),
        *("sign_url", "full_path", "mime_type", "file_id", "model_code"),
        *("task_info", "external_task_id", "external_id", "billing", "amount", "final_unit_deduction"),
    )
)
WORDS = st.sampled_from(
    (
        "succeed",
        "SUCCESS",
        "failed",
        "processing",
        "t-1",
        "https://x.example/v.mp4",
        "video",
        "0",
        "1201",
        "{",
        "50%",
    )
)
SCALARS = st.one_of(
    WORDS,
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(0, 10**30),
    st.floats(),
    st.text(max_size=8),
    st.just(0),
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=7)),
    max_leaves=25,
)
ENVELOPES = st.fixed_dictionaries(
    {}, optional={"code": SCALARS, "message": SCALARS, "data": JSON, "error": JSON}
)
HEADERS = st.dictionaries(
    st.sampled_from(("retry-after", "date", "x-request-id")), st.text(max_size=30), max_size=2
)
ODD = [
    b"",
    b"\xff\xfe\x00",
    b"\x00" * 50,
    b"null",
    b"NaN",
    b'{"code": NaN, "data": {"task_id": Infinity, "task_status": "succeed"}}',
    b'{"code": 0, "data": {"task_id": 1e999999999999999999999, "updated_at": 1e400}}',
    b'{"code": 0, "data": {"task_id": ' + b"9" * 5000 + b"}}",
    b'{"code": 0, "data": {"task_id": ' + b"9" * 4000 + b', "task_status": "succeed", "updated_at": 9e300}}',
    b'{"code": 0, "data": {"task_id": "t-1", "updated_at": 1e30, "progress": 1e-400}}',
    b'{"code": 0, "data": {"task_id": "t\\ud800", "task_status": "\\udfff", "task_status_msg": "\\ud800"}}',
    b"[" * 200_000,
    b'{"data":' * 100_000,
    b'{"data":' * 900 + b"{}" + b"}" * 900,
    b'{"error":' * 900 + b"{}" + b"}" * 900,
    b'{"code": 1, "message": "' + b'{\\"message\\":' * 3000 + b'"}',
    b"<html>" + b"<" * 20_000,
    b"<script>" * 20_000,
]


def read_everything(raw: HttpAnswer) -> None:
    """Decode `raw` in every way there is and check what comes out."""
    for provider, operation in EVERY_OPERATION:
        used = codec(provider, operation)
        created = used.read_created(raw)
        assert isinstance(created, Submission | Failure)
        if isinstance(created, Submission):
            assert created.remote_id
            assert 200 <= raw.status < 300
            json.dumps([created.remote_id, created.status_words]).encode()
            created.remote_id.encode()
        refs = [reference(provider, operation, "t-1", "e-1", {"ref_prompt": "p"})]
        if used.batch_size > 1:
            check_result(
                used.read_query(raw, [*refs, reference(provider, operation, "t-2", task_id="t2")]), 2
            )
        check_result(used.read_query(raw, refs), 1)
        found = used.read_found(raw, refs[0], frozenset({"t-9"}))
        if found is not None:
            check_result({"t1": found}, 1)
        if used.uploads is not None:
            check_upload(used.uploads, raw)
    for known in registry.providers().values():
        read_of_an_account(known, raw)


def read_of_an_account(known: Provider, raw: HttpAnswer) -> None:
    """Decode `raw` as an answer that concerns no single task."""
    proof = known.read_check(raw)
    assert isinstance(proof, str) or check_failure(proof)
    quotas = known.read_quota(raw)
    if isinstance(quotas, Failure):
        check_failure(quotas)
    else:
        assert all(quota.left.is_finite() and clean_line(quota.name) == quota.name for quota in quotas)
    for operation in known.operations:
        listed = known.read_list(operation, raw)
        if isinstance(listed, Failure):
            check_failure(listed)
            continue
        for snapshot in listed:
            check_snapshot(snapshot)
            assert known.operation_of(snapshot, operation) in known.operations
        following = known.next_page(operation, raw, 10)
        assert following is None or json.dumps([following.path, following.query, following.body]).encode()
    gone = known.read_deleted(raw)
    if known.delete_task("x") is not None:
        assert gone is not None or (raw.status < 300 and b"deleted" in raw.body)
    assert gone is None or check_failure(gone)
    auth = known.auth(dict.fromkeys(known.credential_sets[-1], "value"))
    assert isinstance(auth.is_stale(raw), bool)
    if isinstance(auth.token(NOW), HttpRequest):
        token = auth.read_token(raw)
        if isinstance(token, Token):
            assert token.value.isascii()
            assert token.value.isprintable()
        else:
            check_failure(token)


def check_upload(uploads: Uploads, raw: HttpAnswer) -> None:
    slot = uploads.read_slot(raw)
    if isinstance(slot, Failure):
        check_failure(slot)
        assert slot.creation is Creation.NOT_CREATED
    else:
        assert slot.put_url.startswith(("http://", "https://"))
        assert slot.address.startswith(("http://", "https://"))
        assert slot.file_id
        uploads.look(slot)
    ready = uploads.read_ready(raw)
    assert isinstance(ready, bool) or check_failure(ready)
    assert ready is not True or 200 <= raw.status < 300


def check_result(result: Any, count: int) -> None:
    assert len(result) == count
    for found in result.values():
        assert isinstance(found, Snapshot | Failure)
        if isinstance(found, Snapshot):
            check_snapshot(found)
        else:
            check_failure(found)


def check_snapshot(snapshot: Snapshot) -> None:
    assert snapshot.remote_id
    assert bool(snapshot.files) == (snapshot.status is Status.SUCCEEDED)
    for file in snapshot.files:
        assert file.url.startswith(("http://", "https://")) or file.authorized
        file.url.encode()
    assert snapshot.progress is None or 0 < snapshot.progress <= 1
    (snapshot.status_words + (snapshot.external_id or "")).encode()
    if snapshot.failure is not None:
        check_failure(snapshot.failure)
        assert snapshot.status is Status.FAILED


def check_failure(failure: Failure) -> bool:
    assert failure.meaning
    assert failure.money
    assert failure.next_step
    assert len(failure.words) <= 1000
    (failure.words + (failure.code or "") + (failure.request_id or "")).encode()
    assert isinstance(failure.kind, FailureKind)
    return True


@given(body=st.binary(max_size=200), status=STATUSES, headers=HEADERS)
def test_any_bytes(body: bytes, status: int, headers: dict[str, str]) -> None:
    read_everything(HttpAnswer(status=status, body=body, headers=headers))


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(body=st.one_of(JSON, ENVELOPES), status=STATUSES)
def test_any_json(body: Any, status: int) -> None:
    read_everything(HttpAnswer(status=status, body=json.dumps(body).encode()))


@pytest.mark.parametrize("body", ODD, ids=range(len(ODD)))
@pytest.mark.parametrize("status", [200, 400, 404, 429, 500])
def test_odd_bodies(body: bytes, status: int) -> None:
    read_everything(HttpAnswer(status=status, body=body))


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    body=st.dictionaries(
        st.one_of(KEYS, st.sampled_from(("contents", "settings", "prompt"))), JSON, max_size=6
    )
)
def test_any_body_is_read_or_refused(body: dict[str, Any]) -> None:
    for provider, operation in EVERY_OPERATION:
        kind = model(provider, operation)
        with suppress(RequestError):
            request = kind.from_body(body, unknown="ignore")
            assert kind.parse(request.values()).to_body() == request.to_body()
