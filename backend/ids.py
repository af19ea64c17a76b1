"""Local task ids: short enough to type, and any unambiguous beginning will do."""

from __future__ import annotations

import secrets
from collections.abc import Container

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's: no i, l, o, u to mistake
_LENGTH = 8


def new_task_id(taken: Container[str]) -> str:
    """Return an id that is not in `taken`."""
    while True:
        task_id = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
        if task_id not in taken:
            return task_id
