"""How results are kept: what the configuration says of downloads."""

from __future__ import annotations

from dataclasses import dataclass, field

from backend.filenames import DEFAULT_PATTERN, NamePattern

AT_ONCE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadRules:
    """For all accounts; an account may have a name pattern and a limit of its own."""

    name: NamePattern = field(default_factory=lambda: NamePattern.parse(DEFAULT_PATTERN))
    at_once: int = AT_ONCE
    """Tasks whose files are fetched at the same time."""
    sidecar: bool = True
    """Whether to write beside each file what it was made from."""
