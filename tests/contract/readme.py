"""The README's table of providers, made from the registry: ``python -m tests.contract.readme --write``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel

from backend.providers import registry
from backend.providers.contract import Operation, Provider, TaskRef
from backend.providers.fields import Role, leaf_specs
from backend.providers.specs import item_model, nested_model, picture_limit

README = Path(__file__).parents[2] / "README.md"
START = "<!-- providers: made by python -m tests.contract.readme --write -->"
END = "<!-- end of providers -->"


def table() -> str:
    """Return the table: a column for each provider."""
    known = list(registry.providers().values())
    lines = [["", *(f"{each.title}<br>`{each.name}`" for each in known)], ["---"] * (len(known) + 1)]
    lines += [[title, *map(tell, known)] for title, tell in _ROWS.items()]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def text_with_table(text: str) -> str:
    """Return the README's text with the table as it ought to be. Raises ValueError without its marks."""
    before, start, rest = text.partition(START)
    _, end, after = rest.partition(END)
    if not (start and end):
        raise ValueError("the README has no place for the table of providers")
    return f"{before}{START}\n{table()}\n{END}{after}"


def _operations(provider: Provider) -> str:
    return _code(provider.operations)


def _models(provider: Provider) -> str:
    found: dict[str, None] = {}
    for operation in provider.operations.values():
        for spec in leaf_specs(operation.model):
            if spec.role is Role.MODEL:
                choices = spec.choices or ([spec.default] if spec.default else [])
                found.update(dict.fromkeys(map(str, choices)))
    return _code(found)


def _keys(provider: Provider) -> str:
    return " or ".join(" and ".join(f"`{key}`" for key in keys) for keys in provider.credential_sets)


def _hosts(provider: Provider) -> str:
    hosts = [address.removeprefix("https://") for address in provider.base_urls.values()]
    return ", ".join(hosts) or "yours to say"


def _questions(provider: Provider) -> str:
    return _by_operation(provider, _question)


def _question(operation: Operation) -> str:
    most = operation.codec.batch_size
    return f"up to {most} tasks at once" if most > 1 else "each task by itself"


def _lists(provider: Provider) -> str:
    def tell(operation: Operation) -> str:
        return "yes" if provider.list_tasks(operation.name, 1, 1) else "no"

    told = [tell(operation) for operation in provider.operations.values()]
    return "yes" if "yes" in told else "no"


def _pictures(provider: Provider) -> str:
    return _by_operation(provider, _picture)


def _picture(operation: Operation) -> str:
    if not _takes_pictures(operation.model):
        return ""
    return "uploaded first" if operation.codec.uploads else "sent within the request"


def _takes_pictures(model: type[BaseModel]) -> bool:
    return any(
        picture_limit(info) is not None
        or any(
            _takes_pictures(inner)
            for inner in (nested_model(info.annotation), item_model(info.annotation))
            if inner
        )
        for info in model.model_fields.values()
    )


def _unclear(provider: Provider) -> str:
    again = "; then sent again under the same id" if provider.refuses_duplicates else ""
    return _by_operation(provider, _look) + again


def _look(operation: Operation) -> str:
    def finds(external_id: str | None, sent_at: datetime | None) -> bool:
        ref = TaskRef(
            task_id="t", remote_id=None, external_id=external_id, endpoint="/", request={}, sent_at=sent_at
        )
        return operation.codec.find(ref) is not None

    if finds("ours", None):
        return "looked for by our id"
    return "looked for in the list" if finds(None, datetime.now(UTC)) else "left to you"


def _deleting(provider: Provider) -> str:
    return "yes" if provider.delete_task("1") else "no"


def _by_operation(provider: Provider, tell: Callable[[Operation], str]) -> str:
    """Return what holds of all operations, or of which what holds."""
    told: dict[str, list[str]] = {}
    for name, operation in provider.operations.items():
        if words := tell(operation):
            told.setdefault(words, []).append(name)
    if not told:
        return "no: addresses only"
    if len(told) == 1:
        return next(iter(told))
    return "; ".join(f"{words} ({_code(names)})" for words, names in told.items())


def _code(names: Mapping[str, object] | list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


_ROWS: Mapping[str, Callable[[Provider], str]] = {
    "operations": _operations,
    "models": _models,
    "host": _hosts,
    "keys": _keys,
    "asked for": _questions,
    "has a list (`list --remote`, `import --account`)": _lists,
    "deletes films (`delete`)": _deleting,
    "local pictures": _pictures,
    "if the answer to a submit is lost": _unclear,
}


def main() -> Iterator[str]:
    """Yield what was done."""
    old = README.read_text(encoding="utf-8")
    new = text_with_table(old)
    if "--write" not in sys.argv[1:]:
        yield table()
    elif new != old:
        README.write_text(new, encoding="utf-8")
        yield f"{README} written"


if __name__ == "__main__":
    print(*main(), sep="\n")
