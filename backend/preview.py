"""The exact create request, fit to be shown: secrets are ``$NAMES``. Pure."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from backend.providers.contract import HttpRequest, Token

if TYPE_CHECKING:
    from backend.providers.contract import Provider

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A request that could be sent as it is, but for its secrets."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]

    def json(self) -> str:
        """Return the body as indented JSON."""
        return json.dumps(self.body, ensure_ascii=False, indent=2)

    def curl(self) -> str:
        """Return a shell command that sends it, with the secrets taken from the environment."""
        # Double quotes, so that the shell fills in $NAMES; a header holds nothing else of the shell's.
        headers = "".join(
            f" \\\n  -H {_double_quoted(f'{name}: {value}')}" for name, value in self.headers.items()
        )
        data = shlex.quote(json.dumps(self.body, ensure_ascii=False))
        return f"curl -X {self.method} {shlex.quote(self.url)}{headers} \\\n  -d {data}"


def preview(provider: Provider, base_url: str, request: HttpRequest) -> Preview:
    """Return `request` as it would be signed for an account at `base_url`."""
    names = {key: f"${_variable(provider.name, key)}" for key in provider.credential_sets[0]}
    token = Token(value=f"${_variable(provider.name, 'token')}", expires_at=_NEVER)
    signed = provider.auth(names).sign(request, token if _needs_token(provider, names) else None)
    return Preview(
        method=signed.method,
        url=base_url + signed.path,
        headers={"Content-Type": "application/json", **signed.headers},
        body=signed.body or {},
    )


def _needs_token(provider: Provider, names: Mapping[str, str]) -> bool:
    return provider.auth(names).token(datetime.now(UTC)) is not None


def _variable(provider: str, key: str) -> str:
    return f"{provider}_{key}".upper().replace("-", "_")


def _double_quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("`", "\\`") + '"'
