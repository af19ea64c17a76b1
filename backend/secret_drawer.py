"""Where secrets go that the user types in: the keyring, or a file that nobody else can read."""

from __future__ import annotations

import secrets
from contextlib import suppress
from pathlib import Path
from typing import Protocol, cast

from backend.files import replace_file
from backend.secrets import SecretRef

_SERVICE = "reeltop"


class Keyring(Protocol):
    """What is used of the Python package keyring."""

    def set_password(self, service: str, name: str, password: str) -> None: ...
    def get_password(self, service: str, name: str) -> str | None: ...
    def delete_password(self, service: str, name: str) -> None: ...


def find_keyring() -> Keyring | None:
    """Return the keyring, if the package is there."""
    try:
        import keyring  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        return None
    return cast(Keyring, keyring)


class SecretDrawer:
    """Puts each secret under a name never used before, so that one is only dropped when nothing names it."""

    def __init__(self, folder: Path, keyring: Keyring | None) -> None:
        self._folder = folder
        self._keyring = keyring

    def put(self, label: str, secret: str) -> SecretRef:
        """Keep `secret` and return its reference. Blocks. Raises OSError."""
        name = f"{label}.{secrets.token_hex(4)}"
        if self._keyring is not None and self._put_in_keyring(self._keyring, name, secret):
            return SecretRef("keyring", f"{_SERVICE}/{name}")
        path = self._folder / name
        replace_file(path, secret)
        return SecretRef("file", str(path))

    def drop(self, ref: SecretRef) -> None:
        """Remove a secret that :meth:`put` kept; any other is left alone. Blocks, never raises."""
        service, _, name = ref.target.partition("/")
        if ref.kind == "file" and Path(ref.target).parent == self._folder:
            with suppress(OSError):
                Path(ref.target).unlink(missing_ok=True)
        elif ref.kind == "keyring" and service == _SERVICE and self._keyring is not None:
            with suppress(Exception):
                self._keyring.delete_password(service, name)

    @staticmethod
    def _put_in_keyring(keyring: Keyring, name: str, secret: str) -> bool:
        # Whatever is wrong with it (none unlocked, none on this machine), the file is there instead.
        try:
            keyring.set_password(_SERVICE, name, secret)
            return keyring.get_password(_SERVICE, name) == secret
        except Exception:
            return False
