"""The providers by name. Importing this costs nothing: a provider's module is imported on first use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from backend.errors import UsageError
from backend.language import _

if TYPE_CHECKING:
    from backend.providers.contract import Operation, Provider

_MODULES: dict[str, str] = {
    "kling": "backend.providers.kling",
    "kling-relay": "backend.providers.kling_relay",
    "openai-video": "backend.providers.openai_video",
    "chanjing": "backend.providers.chanjing",
}
"""Module by provider name; each has its :class:`~backend.providers.contract.Provider` as ``PROVIDER``."""


class _Providers(Mapping[str, "Provider"]):
    """The registered providers; looking one up imports its module."""

    def __getitem__(self, name: str) -> Provider:
        found: Provider = import_module(_MODULES[name]).PROVIDER
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(_MODULES)

    def __len__(self) -> int:
        return len(_MODULES)


def register(name: str, module: str) -> None:
    """Add a provider whose `module` has it as ``PROVIDER``. Raises ValueError if the name is taken."""
    if _MODULES.setdefault(name, module) != module:
        raise ValueError(f"provider {name!r} is registered already")


def providers() -> Mapping[str, Provider]:
    """Return all providers by name: a live, read-only view that imports on look-up."""
    return _Providers()


def provider(name: str) -> Provider:
    """Return a provider. Raises UsageError that names the known ones."""
    if name not in _MODULES:
        known = ", ".join(_MODULES)
        raise UsageError(_("unknown provider {name!r}; known: {known}").format(name=name, known=known))
    return providers()[name]


def operation(provider_name: str, name: str) -> Operation:
    """Return an operation of a provider. Raises UsageError that names the known ones."""
    operations = provider(provider_name).operations
    if name not in operations:
        known = ", ".join(operations)
        said = _("provider {provider} has no operation {name!r}; known: {known}")
        raise UsageError(said.format(provider=provider_name, name=name, known=known))
    return operations[name]
