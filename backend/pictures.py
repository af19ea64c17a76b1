"""Pictures on the user's disk that a request names by path.

A request holds a reference, ``file:///home/me/a.png#sha256=…``; the bytes are copied into a folder of ours
when the task is recorded, named by their hash. So the ledger stays small, the user may change or delete the
file afterwards, and a task that is sent again after a crash goes out with the very same bytes: they are
checked against the hash each time. Everything here blocks: call it in a thread.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import stat
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes, urlsplit

from backend.errors import Issue, RequestError
from backend.language import _
from backend.paths import PRIVATE_FILE, make_private_folder

if TYPE_CHECKING:
    from pydantic import BaseModel

    from backend.providers.fields import RequestModel

SMALLEST_SIDE = 300
STEEPEST = 2.5
MARK = "#sha256="
_DIGEST = re.compile(r"[0-9a-f]{64}")
_KEPT_SECONDS = 24 * 3600.0
"""How long a copy stays that no task needs: another process may just be recording one that does."""
_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_SIZEMARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


@dataclass(frozen=True, slots=True)
class _Found:
    """A field of a request that names a local file."""

    path: tuple[str | int, ...]
    text: str
    largest: int

    @property
    def field(self) -> str:
        return ".".join(map(str, self.path))


class PictureStore:
    """Copies of pictures in a folder of ours, by hash."""

    def __init__(self, folder: Path, *, base: Path | None = None) -> None:
        """`base` is where relative paths start: where reeltop was started, if not given."""
        self._folder = folder
        self._base = base or Path()

    def keep(self, request: RequestModel) -> RequestModel:
        """Check and copy what `request` names by path; return it with references instead.

        Raises RequestError with an issue for each field whose file cannot be used.
        """
        return self._with(request, self._take_in)

    def embed(self, request: RequestModel) -> RequestModel:
        """Return `request` with bare Base64 in place of references. Raises RequestError."""
        return self._with(request, self._encoded)

    def contents(self, request: RequestModel) -> dict[str, bytes]:
        """Return the bytes of each picture that `request` names, by reference. Raises RequestError."""
        found: dict[str, bytes] = {}

        def take(one: _Found) -> str:
            found[one.text] = self._bytes(one)
            return one.text

        self._with(request, take)
        return found

    def link(self, request: RequestModel, addresses: Mapping[str, str]) -> RequestModel:
        """Return `request` with `addresses` in place of references. Raises RequestError."""

        def address(one: _Found) -> str:
            if one.text not in addresses:
                raise ValueError(_("is not uploaded yet"))
            return addresses[one.text]

        return self._with(request, address)

    def prune(self, needed: Iterable[str]) -> None:
        """Remove old copies that none of the `needed` references names."""
        digests = {_split(text)[1] for text in needed}
        try:
            copies = list(self._folder.iterdir())
        except OSError:
            return
        for copy in copies:
            try:
                if copy.name not in digests and time.time() - copy.stat().st_mtime > _KEPT_SECONDS:
                    copy.unlink()
            except OSError:
                continue

    def _with(self, request: RequestModel, change: Any) -> RequestModel:
        values, issues = request.values(), list[Issue]()
        changed = False
        for found in local_files(request):
            try:
                _put(values, found.path, change(found))
                changed = True
            except ValueError as error:
                issues.append(Issue(found.field, str(error)))
        if issues:
            raise RequestError(issues)
        return type(request).parse(values) if changed else request

    def _take_in(self, found: _Found) -> str:
        path, digest = _split(found.text, self._base)
        if digest and self._copy(digest) is not None:
            (self._folder / digest).touch()
            return found.text
        data = _read(path, found.largest)
        check_picture(data)
        actual = hashlib.sha256(data).hexdigest()
        if digest and actual != digest:
            raise ValueError(
                _("{path} has changed since; name the file anew to use it as it is now").format(path=path)
            )
        try:
            self._write(actual, data)
        except OSError as error:
            raise ValueError(
                _("no copy of the picture can be kept: {reason}").format(reason=error.strerror)
            ) from None
        return f"{path.as_uri()}{MARK}{actual}"

    def _encoded(self, found: _Found) -> str:
        return base64.b64encode(self._bytes(found)).decode("ascii")

    def _bytes(self, found: _Found) -> bytes:
        path, digest = _split(found.text, self._base)
        data = self._copy(digest)
        if data is None:
            data = _read(path, found.largest)
            if hashlib.sha256(data).hexdigest() != digest:
                raise ValueError(
                    _("{path} is not the picture any more that the task was made with").format(path=path)
                )
        return data

    def _copy(self, digest: str) -> bytes | None:
        """Return the copy with this hash, if it is here and whole."""
        if not digest:
            return None
        try:
            data = (self._folder / digest).read_bytes()
        except OSError:
            return None
        return data if hashlib.sha256(data).hexdigest() == digest else None

    def _write(self, digest: str, data: bytes) -> None:
        """Write a copy that is whole and on disk once it has its name. Raises OSError."""
        make_private_folder(self._folder)
        descriptor, name = tempfile.mkstemp(dir=self._folder, prefix=".new-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fchmod(file.fileno(), PRIVATE_FILE)
                os.fsync(file.fileno())
            Path(name).replace(self._folder / digest)
            folder = os.open(self._folder, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def local_files(request: RequestModel) -> Iterator[_Found]:
    """Yield the fields of `request` that name a local file. Pure and quick."""
    yield from _local(request, ())


def references(values: Any) -> Iterator[str]:
    """Yield every reference in a recorded request."""
    if isinstance(values, str):
        if values.startswith("file:") and MARK in values:
            yield values
    elif isinstance(values, Mapping):
        for value in values.values():
            yield from references(value)
    elif isinstance(values, list | tuple):
        for value in values:
            yield from references(value)


def check_length(length: int, largest: int) -> None:
    """Check how many bytes a picture has. Raises ValueError."""
    if length > largest:
        size, most = length / 2**20, largest // 2**20
        raise ValueError(_("has {size:.1f} MB; at most {most} MB are taken").format(size=size, most=most))


def check_picture(data: bytes) -> None:
    """Check type and size of a picture. Raises ValueError that says what is wrong."""
    width, height = dimensions(data)
    if min(width, height) < SMALLEST_SIDE:
        raise ValueError(
            _("is {width} × {height} pixels; each side must have {least} or more").format(
                width=width, height=height, least=SMALLEST_SIDE
            )
        )
    if max(width, height) > STEEPEST * min(width, height):
        raise ValueError(
            _("is {width} × {height} pixels; the proportions must be within 1:2.5 and 2.5:1").format(
                width=width, height=height
            )
        )


def dimensions(data: bytes) -> tuple[int, int]:
    """Return width and height from the head of a PNG or JPEG. Raises ValueError for anything else."""
    size = None
    if data.startswith(_PNG) and data[12:16] == b"IHDR" and len(data) >= 24:
        size = int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    elif data.startswith(_JPEG):
        size = _jpeg_size(data)
    if size is None or 0 in size:
        raise ValueError(_("is no whole .jpg or .png picture, whatever its name says"))
    return size


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 < len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF or marker == 0x01 or 0xD0 <= marker <= 0xD8:
            at += 1 if marker == 0xFF else 2  # fill bytes, and markers that stand alone
            continue
        if marker in _SIZEMARKERS:
            height, width = (int.from_bytes(data[at + n : at + n + 2], "big") for n in (5, 7))
            return width, height
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if marker in (0xD9, 0xDA) or length < 2:
            return None
        at += 2 + length
    return None


def _local(model: BaseModel, path: tuple[str | int, ...]) -> Iterator[_Found]:
    from backend.providers.specs import picture_limit
    from backend.providers.values import is_local_path

    for name, info in type(model).model_fields.items():
        value = getattr(model, name)
        if isinstance(value, str):
            largest = picture_limit(info) if is_local_path(value) else None
            if largest is not None:
                yield _Found((*path, name), value, largest)
        elif isinstance(value, list):
            for index, entry in enumerate(value):
                if hasattr(type(entry), "model_fields"):
                    yield from _local(entry, (*path, name, index))
        elif value is not None and hasattr(type(value), "model_fields"):
            yield from _local(value, (*path, name))


def upload_name(reference: str, data: bytes) -> str:
    """Return the name under which a picture is uploaded: true of its type, and telling nothing of the user's
    folders."""
    return f"{_split(reference)[1][:16]}.{'png' if data.startswith(_PNG) else 'jpg'}"


def local_path(text: str) -> Path:
    """Return the file that a field's text names: a path, a ``file:`` address or a reference."""
    return _split(text)[0]


def _split(text: str, base: Path = Path()) -> tuple[Path, str]:
    """Return the path and the hash that a field's text names; no hash where a person typed it."""
    plain, mark, digest = text.partition(MARK)
    if not (mark and _DIGEST.fullmatch(digest)):
        plain, digest = text, ""
    if plain.startswith("file:"):
        plain = os.fsdecode(unquote_to_bytes(urlsplit(plain).path))
    return Path(os.path.abspath(base / Path(plain).expanduser())), digest  # noqa: PTH100  resolve() follows links


def _read(path: Path, largest: int) -> bytes:
    try:
        with path.open("rb") as file:
            told = os.fstat(file.fileno())
            if not stat.S_ISREG(told.st_mode):
                raise ValueError(_("{path} is no file").format(path=path))
            data = file.read(largest + 1)
    except (OSError, RuntimeError) as error:
        raise ValueError(f"{path}: {getattr(error, 'strerror', None) or error}") from None
    check_length(max(told.st_size, len(data)), largest)
    return data


def _put(values: Any, path: tuple[str | int, ...], value: str) -> None:
    *parents, last = path
    for part in parents:
        values = values[part]
    values[last] = value
