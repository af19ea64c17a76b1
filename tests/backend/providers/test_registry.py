"""The registry: lazy, and one line away from a fifth provider."""

from __future__ import annotations

import subprocess
import sys

import pytest

from backend.errors import UsageError
from backend.providers import registry

from . import toy


def test_the_four_providers_and_their_operations() -> None:
    found = {name: list(provider.operations) for name, provider in registry.providers().items()}
    assert found == {
        "kling": [
            "text2video",
            "image2video",
            "omni-video",
            "turbo-text2video",
            "turbo-image2video",
            "v2-text2video",
            "v2-image2video",
        ],
        "kling-relay": ["text2video", "image2video", "turbo-text2video", "turbo-image2video"],
        "openai-video": ["generate", "remix"],
        "chanjing": ["tx-kling2.5", "tx-kling2.1-master", "kling2.5-turbo"],
    }
    assert all(provider.name == name for name, provider in registry.providers().items())


def test_unknown_names_are_answered_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match="kling, kling-relay, openai-video, chanjing"):
        registry.provider("sora")
    with pytest.raises(UsageError, match="text2video, image2video"):
        registry.operation("kling", "sing")


def test_importing_the_registry_imports_no_provider_and_no_pydantic() -> None:
    code = (
        "import sys, backend.providers.registry as r; list(r.providers());"
        "print([m for m in ('pydantic', 'jwt', 'backend.providers.kling') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.fixture
def toy_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_MODULES", dict(registry._MODULES))
    registry.register("toy", toy.__name__)


@pytest.mark.usefixtures("toy_registered")
def test_a_fifth_provider_is_one_module_and_one_line() -> None:
    operation = registry.operation("toy", "draw")
    request = operation.model.from_body({"prompt": "a cat"})
    assert operation.codec.create(request, None).body == {"prompt": "a cat"}
    assert list(registry.providers())[-1] == "toy"


@pytest.mark.usefixtures("toy_registered")
def test_a_name_is_given_once() -> None:
    registry.register("toy", toy.__name__)
    with pytest.raises(ValueError, match="toy"):
        registry.register("toy", "elsewhere")
