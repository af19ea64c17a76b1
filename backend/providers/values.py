"""Types of values that several request models share, each with its check and its words."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, PlainSerializer

from backend.errors import Issue
from backend.language import _
from backend.providers.vocabulary import VARIABLE, Kind, PictureLimit

_NOT_IN_ADDRESSES = re.compile(r"[\s\x00-\x1f\x7f]")
_LIKE_A_PATH = re.compile(r"~/|\.{1,2}/|.*\.[A-Za-z0-9]{1,5}$", re.DOTALL)
_LONGEST_PATH = 4096 + 256
_DEEPEST = 32
_LARGEST_IMAGE = 10 * 1024 * 1024
"""Bytes of an image sent as Base64 (page of kling image2video)."""
_LARGEST_V2_IMAGE = 50 * 1024 * 1024
"""The same in Kling's API 2.0."""


def is_web_address(text: str) -> bool:
    """Whether `text` is an absolute http(s) address."""
    if _NOT_IN_ADDRESSES.search(text):
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def is_local_path(text: str) -> bool:
    """Whether `text` names a file on this machine: no address and no Base64 looks like that."""
    if len(text) > _LONGEST_PATH or "\0" in text or text.lower().startswith("data:"):
        return False
    if text.startswith("file:"):
        return True
    return "://" not in text and bool(_LIKE_A_PATH.match(text)) and not VARIABLE.search(text)


def _web_address(text: str) -> str:
    if is_web_address(text) or VARIABLE.fullmatch(text):
        return text
    if text.lower().startswith("data:"):
        raise ValueError(_("must be an http(s) address; embedded images (data:) are not accepted here"))
    if is_local_path(text):
        raise ValueError(_("must be a public http(s) address; files on this machine are not taken here"))
    raise ValueError(_("must be an address that starts with http:// or https://"))


def _picture(text: str, largest: int = _LARGEST_IMAGE) -> str:
    if is_local_path(text) or is_web_address(text) or VARIABLE.fullmatch(text):
        return text
    if text.lower().startswith("data:"):
        raise ValueError(
            _("leave out the prefix up to the comma (data:image/…;base64,): Kling takes the bare Base64 text")
        )
    if not _is_base64(text):
        raise ValueError(_("must be an http(s) address, a file, or an image as Base64"))
    if not _looks_like_an_image(text):
        raise ValueError(_("this Base64 holds no JPEG or PNG image"))
    if len(text) * 3 // 4 > largest:
        raise ValueError(_("the image is larger than {limit} MB").format(limit=largest // 2**20))
    return text


def _linked_picture(text: str) -> str:
    if is_local_path(text):
        return text
    try:
        return _web_address(text)
    except ValueError as error:
        said = _("{problem}, or the path of a .jpg or .png file here").format(problem=error)
        raise ValueError(said) from None


def _large_picture(text: str) -> str:
    return _picture(text, _LARGEST_V2_IMAGE)


def _is_base64(text: str) -> bool:
    try:
        return bool(binascii.a2b_base64(text, strict_mode=True))
    except (ValueError, binascii.Error):
        return False


def _looks_like_an_image(text: str) -> bool:
    head = base64.b64decode(text[:16])
    return head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"))


def _empty_is_unset(value: Any) -> Any:
    return None if value == "" else value


def _as_whole_if_it_is(number: float) -> Any:
    return int(number) if number.is_integer() else number


def _bounded(value: dict[str, Any]) -> dict[str, Any]:
    level: list[Any] = [value]
    for _level in range(_DEEPEST):
        level = [inner for outer in level for inner in _members(outer)]
        if not level:
            return value
    raise ValueError(_("is nested more than {limit} levels deep").format(limit=_DEEPEST))


def _members(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _iso_time(text: str) -> str:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(_("must be a time as in 2026-12-31T23:59:59Z")) from None
    return text


WebAddress = Annotated[str, AfterValidator(_web_address), Kind.URL]
"""An http(s) address, or a blank such as ``{{first_frame_url}}``."""

ImageAddress = Annotated[str, AfterValidator(_web_address), Kind.IMAGE]
"""A :data:`WebAddress` of a picture."""

Picture = Annotated[str, AfterValidator(_picture), Kind.IMAGE, PictureLimit(_LARGEST_IMAGE)]
"""An http(s) address, a blank, a local file, or the bare Base64 of a JPEG or PNG of up to 10 MB."""

LargePicture = Annotated[str, AfterValidator(_large_picture), Kind.IMAGE, PictureLimit(_LARGEST_V2_IMAGE)]
"""A :data:`Picture` of up to 50 MB."""

LinkedPicture = Annotated[str, AfterValidator(_linked_picture), Kind.IMAGE, PictureLimit(_LARGEST_IMAGE)]
"""An http(s) address, a blank, or a local file that is uploaded before the request is sent."""

OptionalAddress = Annotated[WebAddress | None, BeforeValidator(_empty_is_unset)]
OptionalImage = Annotated[ImageAddress | None, BeforeValidator(_empty_is_unset)]
OptionalPicture = Annotated[Picture | None, BeforeValidator(_empty_is_unset)]
OptionalLinkedPicture = Annotated[LinkedPicture | None, BeforeValidator(_empty_is_unset)]
OptionalLargePicture = Annotated[LargePicture | None, BeforeValidator(_empty_is_unset)]
OptionalText = Annotated[str | None, BeforeValidator(_empty_is_unset)]
"""An empty text counts as not set, as the pages document for theirs."""

Number = Annotated[float, PlainSerializer(_as_whole_if_it_is, return_type=Any)]
"""A JSON number; whole ones are sent as such."""

PlainObject = Annotated[dict[str, Any], AfterValidator(_bounded)]
"""An object passed on as it is."""

IsoTime = Annotated[str, AfterValidator(_iso_time)]
"""A time as ISO 8601."""


def other_image_type(name: str, address: str | None, source: str) -> Iterator[Issue]:
    """Warn about a picture whose address ends like another type than JPEG or PNG."""
    if address and is_web_address(address):
        last = urlsplit(address).path.rsplit("/", 1)[-1].lower()
        if last.endswith((".webp", ".gif", ".bmp", ".heic", ".avif", ".tiff", ".svg")):
            suffix = last.rsplit(".", 1)[-1]
            said = _("only .jpg, .jpeg and .png are documented, this is .{suffix}").format(suffix=suffix)
            yield Issue(name, said, source)
