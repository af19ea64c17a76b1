"""The direction of imports (DESIGN section 2), proved by what really gets loaded."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


def imported_by(package: str) -> Iterator[tuple[str, str]]:
    """Yield (file, imported module) for every import statement in `package`, lazy ones too."""
    for path in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            for name in names:
                yield str(path.relative_to(ROOT)), name


def loaded_after(statement: str) -> set[str]:
    """Return the modules that a fresh Python has loaded after `statement`."""
    code = f"{statement}\nimport sys; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("forbidden", ["httpx", "tinydb", "uvicorn", "starlette"])
def test_tui_never_names_the_network_or_the_store(forbidden: str) -> None:
    assert [found for found in imported_by("tui") if found[1].split(".")[0] == forbidden] == []


@pytest.mark.parametrize(
    "module", ["backend.ledger", "backend.engine", "backend.transport", "backend.sandbox", "backend.tokens"]
)
def test_tui_reaches_the_backend_only_through_the_service(module: str) -> None:
    assert [found for found in imported_by("tui") if f"{found[1]}.".startswith(f"{module}.")] == []


def test_backend_never_names_textual_or_the_tui() -> None:
    named = {
        (path, name)
        for path, name in imported_by("backend")
        if name.split(".")[0] in {"textual", "rich", "tui"}
    }
    # The one place where the command line opens the dashboard.
    assert {name.split(".")[0] for _, name in named} <= {"tui"}
    assert {path for path, _ in named} <= {"backend/cli/dashboard.py"}


def test_the_whole_backend_runs_without_textual() -> None:
    modules = ".".join(["backend"])
    # As if they were not installed: httpx imports rich for a command of its own where it finds it.
    statement = (
        "import importlib, pkgutil, sys, backend\n"
        "sys.modules.update(dict.fromkeys(('rich', 'textual')))\n"
        f"[importlib.import_module(m.name) for m in pkgutil.walk_packages(backend.__path__, '{modules}.')"
        " if not m.name.endswith('__main__')]\n"
        "[sys.modules.pop(name) for name in ('rich', 'textual')]"
    )
    loaded = loaded_after(statement)
    assert "backend.service" in loaded
    assert not loaded & {"textual", "rich", "tui"}


def test_providers_do_no_input_or_output() -> None:
    loaded = loaded_after("from backend.providers import registry; registry.providers()")
    assert not loaded & {"httpx", "tinydb", "uvicorn", "backend.transport", "backend.ledger.store"}


def test_the_first_paint_waits_for_nothing_heavy() -> None:
    loaded = loaded_after("import tui.app, tui.screens.dashboard")
    assert "textual.app" in loaded
    assert not loaded & {"httpx", "pydantic", "tinydb", "uvicorn", "starlette", "jwt"}
