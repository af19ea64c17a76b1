"""Small files of ours: replaced whole or not at all, for the user alone."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from backend.paths import PRIVATE_FILE, make_private_folder


def replace_file(path: Path, content: str | bytes, *, private_folder: bool = True) -> None:
    """Write `content` to `path` atomically and durably, 0600; make its folder if it is ours.

    Raises OSError.
    """
    folder = make_private_folder(path.parent) if private_folder else path.parent
    descriptor, name = tempfile.mkstemp(dir=folder, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fchmod(file.fileno(), PRIVATE_FILE)
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write_new(folder: Path, name: str, suffix: str, content: bytes) -> Path:
    """Write a new file, 0600, that overwrites none: the next of the same name gets ``-2``; return it.

    Makes the folder. Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    number = 1
    while True:
        path = folder / f"{name}{f'-{number}' if number > 1 else ''}{suffix}"
        try:
            file = open(path, "xb", opener=lambda at, flags: os.open(at, flags, PRIVATE_FILE))  # noqa: SIM115
        except FileExistsError:
            number += 1
            continue
        with file:
            file.write(content)
        return path
