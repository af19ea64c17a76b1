"""Signing: keys, signed tokens, fetched tokens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import jwt
import pytest

from backend.errors import AccountError
from backend.models import Failure, FailureKind
from backend.providers import registry
from backend.providers.contract import HttpRequest, Token

from .helpers import answer

NOW = datetime(2026, 9, 21, 12, 0, 0, tzinfo=UTC)
GET = HttpRequest(method="GET", path="/")
PAIR = {"access_key": "ak", "secret_key": "sk-0123456789"}
CHANJING = {"app_id": "AK-1", "secret_key": "SK-1"}


@pytest.mark.parametrize("name", ["kling", "kling-relay", "openai-video"])
@pytest.mark.parametrize("key", ["k-1", " k-1\n", "Bearer k-1"])
def test_a_key_is_a_bearer(name: str, key: str) -> None:
    auth = registry.provider(name).auth({"api_key": key})
    assert auth.token(NOW) is None
    assert auth.sign(GET, None).headers == {"Authorization": "Bearer k-1"}
    assert not auth.is_stale(answer({"code": 1004}, 401))


def test_a_key_pair_signs_a_token() -> None:
    auth = registry.provider("kling").auth(PAIR)
    token = auth.token(NOW)
    assert isinstance(token, Token)
    header, claims = (
        jwt.get_unverified_header(token.value),
        jwt.decode(token.value, options={"verify_signature": False}),
    )
    at = int(NOW.timestamp())
    assert header == {"alg": "HS256", "typ": "JWT"}
    assert claims == {"iss": "ak", "exp": at + 1800, "nbf": at - 5}
    assert auth.sign(GET, token).headers == {"Authorization": f"Bearer {token.value}"}


def test_the_signature_is_that_of_the_secret_key() -> None:
    pair = {"access_key": "ak", "secret_key": "s" * 32}
    token = registry.provider("kling").auth(pair).token(datetime.now(UTC))
    assert isinstance(token, Token)
    assert jwt.decode(token.value, "s" * 32, algorithms=["HS256"])["iss"] == "ak"
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(token.value, "t" * 32, algorithms=["HS256"])


def test_a_signed_token_is_kept_and_renewed_before_it_ends() -> None:
    auth = registry.provider("kling").auth(PAIR)
    first = auth.token(NOW)
    assert isinstance(first, Token)
    assert auth.token(first.expires_at - timedelta(seconds=1)) is first
    assert first.expires_at < NOW + timedelta(seconds=1800)
    assert auth.token(first.expires_at) is not first


@pytest.mark.parametrize(("code", "stale"), [(1003, True), (1004, True), (1002, False), (0, False)])
def test_a_stale_signed_token_is_made_anew(code: int, stale: bool) -> None:
    auth = registry.provider("kling").auth(PAIR)
    first = auth.token(NOW)
    assert auth.is_stale(answer({"code": code, "message": "x"}, 401)) is stale
    assert (auth.token(NOW) is first) is not stale


def test_an_api_key_goes_before_a_key_pair() -> None:
    auth = registry.provider("kling").auth({"api_key": "k", **PAIR})
    assert auth.sign(GET, None).headers == {"Authorization": "Bearer k"}


@pytest.mark.parametrize(
    ("name", "credentials", "key"),
    [
        ("kling", {}, "api_key"),
        ("kling", {"access_key": "a"}, "api_key"),
        ("kling-relay", {"api_key": " "}, "api_key"),
        ("openai-video", {"api_key": "a\nb"}, "api_key"),
        ("openai-video", {"api_key": "ключ"}, "api_key"),
        ("chanjing", {"app_id": "a"}, "secret_key"),
    ],
)
def test_unusable_credentials_are_named_and_never_shown(
    name: str, credentials: dict[str, str], key: str
) -> None:
    with pytest.raises(AccountError, match=key) as caught:
        registry.provider(name).auth(credentials)
    assert not any(value in str(caught.value) for value in ("a\nb", "ключ"))


def test_every_provider_says_what_it_needs() -> None:
    for provider in registry.providers().values():
        known = {spec.key for spec in provider.credentials}
        assert all(set(keys) <= known for keys in provider.credential_sets)
        for keys in provider.credential_sets:
            assert provider.auth(dict.fromkeys(keys, "value"))
        assert provider.limits.poll_first <= provider.limits.poll_max
        assert all(
            url.startswith("https://") and not url.endswith("/") for url in provider.base_urls.values()
        )
        assert len(provider.base_urls) < 2 or provider.regions.keys() == provider.base_urls.keys()


def test_base_urls_and_what_is_promised() -> None:
    providers = registry.providers()
    assert list(providers["kling"].base_urls.values()) == [
        "https://api-singapore.klingai.com",
        "https://api-beijing.klingai.com",
    ]
    assert list(providers["chanjing"].base_urls.values()) == ["https://open-api.chanjing.cc"]
    assert not providers["kling-relay"].base_urls
    assert not providers["openai-video"].base_urls
    assert [name for name, provider in providers.items() if provider.refuses_duplicates] == ["kling"]
    assert providers["kling"].retention == timedelta(days=30)


def test_chanjings_token_is_fetched() -> None:
    auth = registry.provider("chanjing").auth(CHANJING)
    request = auth.token(NOW)
    assert isinstance(request, HttpRequest)
    assert (request.method, request.path, request.body) == ("POST", "/open/v1/access_token", CHANJING)
    ends = int((NOW + timedelta(hours=24)).timestamp())
    token = auth.read_token(
        answer({"trace_id": "t", "code": 0, "data": {"access_token": "o" * 600, "expire_in": ends}})
    )
    assert token == Token(value="o" * 600, expires_at=NOW + timedelta(hours=24) - timedelta(seconds=300))
    assert auth.sign(GET, token).headers == {"access_token": "o" * 600}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"code": 40000, "msg": "bad secret"}, FailureKind.AUTH),
        ({"code": 10400, "msg": "bad secret"}, FailureKind.AUTH),
        ({"code": 40001, "msg": "QPS"}, FailureKind.RATE_LIMIT),
        ({"code": 50000, "msg": "oops"}, FailureKind.TRANSIENT),
        ({"code": 0, "data": None}, FailureKind.PROTOCOL),
        ({"code": 0, "data": {"access_token": "x"}}, FailureKind.PROTOCOL),
        ({"code": 0, "data": {"access_token": "x", "expire_in": 7200}}, FailureKind.PROTOCOL),
        ({"code": 0, "data": {"access_token": "x\ny", "expire_in": 1790000000}}, FailureKind.PROTOCOL),
        ({"code": 0, "data": {"access_token": 5, "expire_in": 1790000000}}, FailureKind.PROTOCOL),
        (b"<html>", FailureKind.PROTOCOL),
    ],
)
def test_a_token_that_cannot_be_had(body: object, kind: FailureKind) -> None:
    failure = registry.provider("chanjing").auth(CHANJING).read_token(answer(body))
    assert isinstance(failure, Failure)
    assert failure.kind is kind


@pytest.mark.parametrize(("code", "stale"), [(10400, True), ("10401", True), (40000, False), (0, False)])
def test_chanjing_says_in_the_body_that_a_token_was_replaced(code: object, stale: bool) -> None:
    auth = registry.provider("chanjing").auth(CHANJING)
    assert auth.is_stale(answer({"code": code, "msg": "x"})) is stale


@pytest.mark.parametrize("path", ["/tasks", "/text-to-video/kling-3.0-turbo", "/image-to-video/kling-2.6"])
def test_api_2_is_never_asked_with_a_signed_token(path: str) -> None:
    auth = registry.provider("kling").auth({"access_key": "ak", "secret_key": "s" * 32})
    now = datetime(2026, 9, 21, tzinfo=UTC)
    with pytest.raises(AccountError, match="API key only"):
        auth.sign(HttpRequest(method="GET", path=path), auth.token(now))  # type: ignore[arg-type]
