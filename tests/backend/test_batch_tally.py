"""How far batches have come."""

from __future__ import annotations

from dataclasses import replace

from backend.batch_tally import BatchTally
from backend.models import Status
from tests.backend.test_query import task


def test_batches_are_counted_and_kept_up() -> None:
    tasks = {
        one.id: one
        for one in (
            task("a", batch="ads", status=Status.SUCCEEDED),
            task("b", batch="ads", status=Status.RUNNING),
            task("c", batch="猫 [b]", status=Status.WAITING),
            task("d", status=Status.FAILED),
        )
    }
    tally = BatchTally(tasks)
    assert (tally.of("ads"), tally.of("猫 [b]"), tally.of("")) == ((1, 2), (0, 1), (0, 0))
    tasks["b"] = replace(tasks["b"], status=Status.FAILED)
    tasks["e"] = task("e", batch="ads")
    del tasks["c"]
    tally.learn(["b", "c", "d", "e", "never"])
    tally.learn(["e"])
    assert (tally.of("ads"), tally.of("猫 [b]")) == ((2, 3), (0, 0))
