"""A look at the ledger without a service says what the service says, and touches nothing."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from backend.errors import ConfigError, StoreError
from backend.glance import look
from backend.ledger.tinydb_store import open_store
from backend.models import Status
from backend.options import Options
from backend.paths import Paths

from .cli.helpers import make_task

ROOT = Path(__file__).parents[2]
TASKS = [make_task(id=f"t{number:07}", prompt=f"雪 [b] {number}") for number in range(12)]


@pytest.fixture
def options(tmp_path: Path) -> Options:
    config = tmp_path / "config.toml"
    config.write_text('[accounts.kling]\nprovider = "kling"\n[accounts.odd]\nprovider = 7\n')
    return Options(paths=Paths(config=config, data=tmp_path / "data", downloads=tmp_path / "films"))


async def _record(options: Options) -> None:
    store = await open_store(options.paths.ledger)
    await store.add(TASKS)
    await store.update(TASKS[3].id, lambda task: replace(task, status=Status.RUNNING))
    await store.close()


async def test_it_sees_the_tasks_in_their_order_while_another_writes(options: Options) -> None:
    store = await open_store(options.paths.ledger)
    await store.add(TASKS)
    await store.update(TASKS[3].id, lambda task: replace(task, status=Status.RUNNING))
    seen = look(options)
    assert seen is not None
    assert seen.tasks() == list(store.tasks.values())
    assert seen.accounts == {"kling": "kling", "odd": "7"}
    assert not seen.is_sandbox
    await store.close()


def test_nothing_recorded_is_nothing_made(options: Options) -> None:
    seen = look(options)
    assert seen is not None
    assert not seen.records
    assert not options.paths.data.exists()


@pytest.mark.parametrize("change", [{"sandbox": True}, {"sandbox_url": "http://127.0.0.1:9"}])
async def test_a_sandboxs_tasks_are_others(options: Options, change: dict[str, object]) -> None:
    await _record(options)
    seen = look(replace(options, **change))  # type: ignore[arg-type]
    assert seen is not None
    assert (seen.is_sandbox, dict(seen.records), dict(seen.accounts)) == (True, {}, {})


async def test_a_line_half_written_does_not_count_yet(options: Options) -> None:
    await _record(options)
    path = options.paths.ledger / "tasks.jsonl"
    path.write_bytes(path.read_bytes()[:-5])
    seen = look(options)
    assert seen is not None
    assert seen.tasks() == [replace(task, updated_at=task.updated_at) for task in TASKS]


async def test_damage_is_left_to_a_service(options: Options) -> None:
    await _record(options)
    path = options.paths.ledger / "tasks.jsonl"
    data = bytearray(path.read_bytes())
    data[300] ^= 1
    path.write_bytes(data)
    assert look(options) is None
    assert path.read_bytes() == data


async def test_a_newer_reeltops_ledger_is_refused(options: Options) -> None:
    from backend.ledger.lines import header_line

    options.paths.ledger.mkdir(parents=True)
    newer = header_line(ledger="reeltop", format=99, generation=1, lines=0, tables=[])
    (options.paths.ledger / "tasks.jsonl").write_bytes(newer)
    with pytest.raises(StoreError, match="newer version"):
        look(options)


def test_a_configuration_that_cannot_be_read_is_told(options: Options) -> None:
    options.paths.config.write_text("accounts = [")
    with pytest.raises(ConfigError, match=r"config\.toml"):
        look(options)
    options.paths.config.unlink()
    with pytest.raises(ConfigError, match="no such file"):
        look(replace(options, paths=replace(options.paths, config_given=True)))


def test_a_list_loads_nothing_heavy(options: Options) -> None:
    asyncio.run(_record(options))
    paths = options.paths
    words = ["list", "--json", "--config", str(paths.config), "--data", str(paths.data)]
    code = (
        f"import sys\nfrom backend.cli.main import main\ncode = main({words!r})\n"
        "print(code, *sorted(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    code, *loaded = done.stderr.split()
    assert code == "0"
    assert done.stdout.count('"schema"') == len(TASKS)
    assert not {"pydantic", "httpx", "tinydb", "asyncio", "backend.service", "backend.models"} & set(loaded)
