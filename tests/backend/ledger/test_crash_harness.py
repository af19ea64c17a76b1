"""The crash harness, in short; at length it is ``python -m tests.harness.crash``."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.ledger.disk import Disk
from tests.harness import crash, disks


def test_no_promise_is_broken(tmp_path: Path) -> None:
    tallies = crash.run(tmp_path, kills=15, updates=400, seed=5)
    assert [tally for tally in tallies if not tally.is_clean] == []
    assert all(tally.trials >= 5 for tally in tallies)


def test_a_store_that_does_not_sync_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disks.LossyDisk, "sync", Disk.sync)
    assert crash.lose_power(tmp_path, 20, seed=5).lost
