"""Where reeltop keeps things. Precedence: option > environment > default; ``reeltop paths`` prints them."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

import platformdirs

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """The places of one run."""

    config: Path
    """``config.toml``; need not exist."""
    data: Path
    """Ledger, drafts, token cache; a folder of ours, 0700."""
    downloads: Path
    """Where result files go."""
    config_given: bool = False
    """Whether an option or the environment names the configuration, which must then exist."""
    downloads_given: bool = False
    """Whether an option or the environment says so, which counts more than the configuration."""

    @property
    def ledger(self) -> Path:
        """The task store's folder."""
        return self.data / "ledger"

    @property
    def draft(self) -> Path:
        """The request being made, in earlier versions."""
        return self.data / "draft.json"

    @property
    def drafts(self) -> Path:
        """Requests being made, a file each: those put aside, and folders of those that are open."""
        return self.data / "drafts"

    @property
    def templates(self) -> Path:
        """Requests to be used again, a file each; beside the configuration, fit for git."""
        return self.config.parent / "templates"

    @property
    def ui_state(self) -> Path:
        """How the dashboard was left."""
        return self.data / "ui.json"

    @property
    def theme(self) -> Path:
        """The theme chosen last; the same for the sandbox, so that it is known before that is."""
        return self.data / "theme"

    @property
    def picture_folder(self) -> Path:
        """A file that names the folder from which a picture was chosen last."""
        return self.data / "picture-folder"

    @property
    def pictures(self) -> Path:
        """Copies of the local pictures that recorded tasks are sent with."""
        return self.data / "pictures"

    @property
    def tokens(self) -> Path:
        """Fetched access tokens, shared by all processes."""
        return self.data / "tokens"

    @property
    def requests(self) -> Path:
        """What was asked of whom, an object a line; older files beside it."""
        return self.data / "requests.jsonl"

    @property
    def paused(self) -> Path:
        """A file for each account that is paused."""
        return self.data / "paused"

    def for_sandbox(self, name: str = "sandbox") -> Paths:
        """Return the places of a sandbox, apart from everything real."""
        data = self.data / name
        return replace(
            self, data=data, downloads=self.downloads if self.downloads_given else data / "downloads"
        )


def find_paths(
    *, config: Path | None = None, data: Path | None = None, downloads: Path | None = None
) -> Paths:
    """Return the places, from options, ``REELTOP_CONFIG``, ``REELTOP_DATA``, ``REELTOP_DOWNLOADS``, XDG."""
    given_config = config or _environment("CONFIG")
    given_downloads = downloads or _environment("DOWNLOADS")
    # The ledger keeps paths, and is read from other folders than this one.
    return Paths(
        config=find_config(config),
        data=(data or _environment("DATA") or platformdirs.user_data_path("reeltop")).absolute(),
        downloads=(given_downloads or platformdirs.user_videos_path() / "reeltop").absolute(),
        config_given=given_config is not None,
        downloads_given=given_downloads is not None,
    )


def find_config(config: Path | None = None) -> Path:
    """Return the place of ``config.toml``, from an option, ``REELTOP_CONFIG`` or XDG."""
    given = config or _environment("CONFIG")
    return (given or platformdirs.user_config_path("reeltop") / "config.toml").absolute()


def make_private_folder(folder: Path) -> Path:
    """Create `folder`, and whatever is missing above it, for the user alone; return it."""
    if not folder.parent.exists():
        make_private_folder(folder.parent)
    folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    return folder


def _environment(name: str) -> Path | None:
    value = os.environ.get(f"REELTOP_{name}")
    return Path(value).expanduser() if value else None
