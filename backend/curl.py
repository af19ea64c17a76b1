"""Reads a curl command that somebody copied: where it goes and what it sends. Pure; no shell is run.

Of its headers nothing is kept: they hold credentials.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from backend.errors import UsageError
from backend.language import _

_PIECES = re.compile(
    r"""(?P<space> (?: \s | \\\r?\n )+ )
      | '(?P<single> [^']* )'
      | \$'(?P<ansi> (?: [^'\\] | \\. )* )'
      | "(?P<double> (?: [^"\\] | \\. )* )"
      | \\(?P<escaped> . )
      | (?P<end> [|;&<>] )
      | (?P<plain> [^\s'"\\|;&<>$]+ | \$(?!') )""",
    re.VERBOSE | re.DOTALL,
)
_IN_DOUBLE = re.compile(r'\\(?:\r?\n|([$`"\\]))')
_IN_ANSI = re.compile(r"\\(u[0-9a-fA-F]{1,4}|U[0-9a-fA-F]{1,8}|x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.)", re.DOTALL)
_ANSI = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "e": "\x1b"}
_ASSIGNMENT = re.compile(r"\w+=.*", re.DOTALL)

_BODY = frozenset({"-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--json"})
_OTHER_BODY = frozenset({"-F", "--form", "--form-string", "--data-urlencode", "-T", "--upload-file"})
_WITH_VALUE = frozenset(
    {
        *(f"-{letter}" for letter in "AbcCDeEHKmoPQrtuUwxXyYz"),
        "--cacert",
        "--cert",
        "--cert-type",
        "--config",
        "--connect-timeout",
        "--connect-to",
        "--cookie",
        "--cookie-jar",
        "--dump-header",
        "--header",
        "--interface",
        "--key",
        "--limit-rate",
        "--max-redirs",
        "--max-time",
        "--noproxy",
        "--oauth2-bearer",
        "--output",
        "--pass",
        "--proxy",
        "--proxy-header",
        "--proxy-user",
        "--referer",
        "--request",
        "--resolve",
        "--retry",
        "--retry-delay",
        "--retry-max-time",
        "--tls-max",
        "--user",
        "--user-agent",
        "--write-out",
    }
)
"""Options whose value is the next word, and of no interest."""


@dataclass(frozen=True, slots=True)
class Curl:
    """What of a command is wanted."""

    host: str
    """Lower case, with a port if there is one."""
    path: str
    body: str


def is_curl(text: str) -> bool:
    """Whether `text` looks like a curl command rather than like JSON."""
    return not text.lstrip().startswith(("{", "[", "//", "/*")) and "curl" in text


def read_curl(text: str) -> Curl:
    """Return what a curl command sends. Raises UsageError, which never repeats a word of it."""
    words = _after_curl(_words(text))
    address, bodies = "", []
    for word in words:
        option, value = _split(word)
        if option in _OTHER_BODY:
            raise UsageError(
                _("{option}: only commands that send JSON (-d, --data, --json) can be read").format(
                    option=option
                )
            )
        if option in _BODY:
            value = next(words, "") if value is None else value
            if value.startswith("@") and option != "--data-raw":
                raise UsageError(
                    _("{option} takes the body from a file: paste what is in the file instead").format(
                        option=option
                    )
                )
            bodies.append(value)
        elif option == "--url":
            address = next(words, "") if value is None else value
        elif option in _WITH_VALUE:
            if value is None:
                next(words, None)
        elif not option and not address:
            address = word
    if not bodies:
        raise UsageError(_("this curl command sends no body: there is no -d, --data or --json in it"))
    host, path = _place(address)
    return Curl(host, path, "&".join(bodies))


def _split(word: str) -> tuple[str, str | None]:
    """Return a word's option and the value written right behind it; no option for an argument."""
    if word.startswith("--"):
        option, equals, value = word.partition("=")
        return option, value if equals else None
    if word.startswith("-") and len(word) > 1:
        # Flags without a value may stand before one that has it: -sSLd '{…}'.
        for place in range(1, len(word)):
            option = f"-{word[place]}"
            if option in _BODY | _OTHER_BODY | _WITH_VALUE:
                return option, word[place + 1 :] or None
        return word, None
    return "", None


def _place(address: str) -> tuple[str, str]:
    try:
        parts = urlsplit(address if "://" in address else f"http://{address}")
    except ValueError:
        return "", ""
    return parts.netloc.rpartition("@")[2].lower(), parts.path


def _after_curl(words: Iterator[str]) -> Iterator[str]:
    for word in words:
        if word.rpartition("/")[2] in ("curl", "curl.exe"):
            return words
        if word not in ("$", "%") and not _ASSIGNMENT.fullmatch(word):
            break
    raise UsageError(_("this is neither JSON nor a curl command"))


def _words(text: str) -> Iterator[str]:
    """Yield the words of the first command as a shell would make them, with $NAMES left as they are."""
    word: str | None = None
    at = 0
    while at < len(text):
        found = _PIECES.match(text, at)
        if found is None:
            raise UsageError(_("a quote in this command is not closed"))
        at = found.end()
        kind, piece = found.lastgroup, found[found.lastgroup or 0]
        if kind in ("space", "end"):
            if word is not None:
                yield word
                word = None
            if kind == "end":
                return
            continue
        if kind == "double":
            piece = _IN_DOUBLE.sub(lambda escape: escape[1] or "", piece)
        elif kind == "ansi":
            piece = _IN_ANSI.sub(_unescaped, piece)
        word = (word or "") + piece
    if word is not None:
        yield word


def _unescaped(escape: re.Match[str]) -> str:
    said = escape[1]
    if said[0] in "uUx" and len(said) > 1:
        code = int(said[1:], 16)
        return chr(code) if code <= 0x10FFFF else ""
    if said[0] in "01234567":
        return chr(int(said, 8))
    return _ANSI.get(said, said)
