"""What a request looks like on its way out: pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

from backend.language import recorded
from backend.providers.contract import HttpRequest


def weight(value: object) -> int:
    """Return about how many characters a body has."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(map(weight, value.values()))
    return sum(map(weight, value)) if isinstance(value, list) else 8


def encode(request: HttpRequest) -> bytes | None:
    """Return the body, if there is one. Raises ValueError for what JSON or UTF-8 cannot hold."""
    if request.body is None:
        return None
    return json.dumps(request.body, ensure_ascii=False, allow_nan=False).encode()


def join(base: str, request: HttpRequest) -> str:
    """Return the address of `request` below `base`."""
    url = base.rstrip("/") + request.path
    return f"{url}?{urlencode(request.query, safe=',')}" if request.query else url


def check_headers(headers: Mapping[str, str]) -> None:
    """Raise ValueError for what no header can hold."""
    for name, value in headers.items():
        if not value.isascii() or not value.isprintable():
            raise ValueError(
                recorded("the value of header {name} has characters that HTTP forbids").format(name=name)
            )


def origin(url: str) -> str:
    """Return scheme and host of an address; what is none, as it is."""
    try:
        parts = urlsplit(url)
    except ValueError:  # no address at all
        return url
    return f"{parts.scheme}://{parts.netloc}"
