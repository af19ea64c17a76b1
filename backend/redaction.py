"""Takes secrets out of what servers and errors say (DESIGN rule 11). Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from functools import lru_cache

_SHORTEST = 6
"""Shorter ones would blank out ordinary words."""
# Every way to write a character begins with a character of its own: by that the search skips what is none.
_BACKSLASHES = r"\\\\{0,7}"
"""JSON in a text of JSON doubles them each time; bounded, so that no answer costs more than its length."""
# What is dropped before a text is shown, which would put the parts of a secret together again.
_GAP = (
    r"(?:[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f"
    r"\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
    rf"|{_BACKSLASHES}u(?:00[018][0-9a-fA-F]|007[fF]|009[0-9a-fA-F]|00[aA][dD]|061[cC]"
    r"|20[0246][0-9a-fA-F]|[fF][eE]0[0-9a-fA-F]|[fF][eE][fF][fF]|[fF]{3}[9abAB]|[dD][89a-fA-F][0-9a-fA-F]{2}))*"
)


def redact(text: str, secrets: Iterable[str]) -> str:
    """Return `text` with every secret in it replaced, also where JSON, HTML or a URL would escape it."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST:
            text = _pattern(secret).sub("[secret]", text)
    return text


def redact_bytes(body: bytes, secrets: Iterable[str]) -> bytes:
    """Like :func:`redact`, for what is not decoded yet; whatever is no UTF-8 stays as it is."""
    return redact(body.decode("utf-8", "surrogateescape"), secrets).encode("utf-8", "surrogateescape")


@lru_cache(maxsize=64)
def _pattern(secret: str) -> re.Pattern[str]:
    return re.compile(_GAP.join(map(_spellings, secret)))


def _spellings(char: str) -> str:
    """Return a pattern for all ways to write one character."""
    code = f"{ord(char):04x}"
    ways = [
        re.escape(char),
        f"{_BACKSLASHES}u{_hex(code)}",
        "".join(f"%{_hex(f'{byte:02x}')}" for byte in char.encode("utf-8", "surrogatepass")),
        f"&#(?:0{{0,4}}{ord(char)}|[xX]0{{0,4}}{_hex(code.lstrip('0'))});",
    ]
    if not char.isalnum():
        ways.append(_BACKSLASHES + re.escape(char))
    if html.escape(char).endswith(";"):
        ways.append(html.escape(char))
    return f"(?:{'|'.join(ways)})"


def _hex(digits: str) -> str:
    return "".join(f"[{digit}{digit.upper()}]" if digit.isalpha() else digit for digit in digits)
