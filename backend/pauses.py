"""Accounts whose waiting tasks are held back by the user's word: for every process, and after a restart."""

from __future__ import annotations

from pathlib import Path

from backend.paths import PRIVATE_FILE, make_private_folder


class Pauses:
    """A file for each paused account, in `folder`; so two processes cannot overwrite each other's word."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def has(self, account: str) -> bool:
        """Whether nothing is to be sent for an account: one call of the system, for the loop, too."""
        return self._file(account).exists()

    def add(self, account: str) -> None:
        """Pause an account. Blocks. Raises OSError."""
        make_private_folder(self._folder)
        self._file(account).touch(mode=PRIVATE_FILE)

    def remove(self, account: str) -> None:
        """Let an account go on. Blocks. Raises OSError."""
        self._file(account).unlink(missing_ok=True)

    def _file(self, account: str) -> Path:
        return self._folder / f"{account}.paused"
