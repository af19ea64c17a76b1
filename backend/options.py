"""What a front end asks for, and where that is kept. Imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from backend.errors import UsageError
from backend.language import _
from backend.paths import Paths

if TYPE_CHECKING:
    from urllib.parse import SplitResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a front end asks for."""

    paths: Paths
    sandbox: bool = False
    """Use the sandbox even if accounts are configured."""
    sandbox_url: str | None = None
    """Use a sandbox that is already running."""
    work: bool = True
    """Submit, poll and download if no other reeltop does; otherwise leave that to others."""
    read_only: bool = False
    """Change nothing, whatever the configuration says."""
    sandbox_speed: float = 1.0
    sandbox_seed: int = 0


def places(options: Options, downloads: Path | None, *, is_sandbox: bool) -> Paths:
    """Return where a service keeps its things: a sandbox's are apart from real ones.

    `downloads` is what the configuration says. Raises UsageError for a sandbox's address that is none.
    """
    if options.sandbox_url is not None:
        where = _address(options.sandbox_url)
        return options.paths.for_sandbox(f"sandbox-{where.hostname}-{where.port or 80}")
    if is_sandbox:
        return options.paths.for_sandbox()
    if downloads is not None and not options.paths.downloads_given:
        return replace(options.paths, downloads=downloads)
    return options.paths


def _address(url: str) -> SplitResult:
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/"):
        raise UsageError(
            _("--sandbox-url {url}: must be an address such as http://127.0.0.1:8900").format(url=url)
        )
    return parts
