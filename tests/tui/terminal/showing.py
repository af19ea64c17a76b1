"""The dashboard with one clip, in a process of its own: ``python -m tests.tui.terminal.showing CLIP``."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from backend.display import choose_display
from tests.tui.clips import saved_clip
from tests.tui.fakes import FakeService
from tui.app import ReeltopApp, run_app


def main() -> int:
    """Show it; return the exit code."""
    service = FakeService([saved_clip(Path(sys.argv[1]))])
    display = choose_display(lean=False, refresh=None, config=Path(os.devnull), environment=os.environ)
    return asyncio.run(run_app(ReeltopApp(service.open, display=display)))


if __name__ == "__main__":
    sys.exit(main())
