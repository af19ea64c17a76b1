"""Ways of signing that several providers share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backend.errors import AccountError
from backend.language import _
from backend.providers.contract import Auth, HttpRequest, Token


class BearerAuth(Auth):
    """``Authorization: Bearer`` with a key that never changes."""

    def __init__(self, key: str) -> None:
        self._key = key.removeprefix("Bearer ").strip()

    def sign(self, request: HttpRequest, token: Token | None) -> HttpRequest:
        """Return `request` with the key on it."""
        return bearer(request, self._key)


def bearer(request: HttpRequest, key: str) -> HttpRequest:
    """Return `request` with `key` as its bearer token."""
    return request.with_header("Authorization", f"Bearer {key}")


def credential(credentials: Mapping[str, str], key: str) -> str:
    """Return one credential. Raises AccountError if it is missing or cannot stand in a header."""
    value = credentials.get(key, "").strip()
    if not value:
        raise AccountError(_("the credential {key} is empty or missing").format(key=key))
    if not (value.isascii() and value.isprintable()):
        raise AccountError(_("the credential {key} holds characters that no key has").format(key=key))
    return value


def has_all(credentials: Mapping[str, str], keys: Sequence[str]) -> bool:
    """Whether every one of `keys` has a value."""
    return all(credentials.get(key, "").strip() for key in keys)
