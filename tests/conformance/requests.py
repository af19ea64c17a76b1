"""Valid requests of any operation, made from its request model's own fields."""

from __future__ import annotations

from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from backend.providers.fields import FieldSpec, Kind, RequestModel, check, field_specs

URLS = st.builds("https://example.com/{}.png".format, st.integers(0, 99))
WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40)
_PLAIN: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.TEXT: st.from_regex(r"[A-Za-z0-9_.-]{1,20}", fullmatch=True),
    Kind.PROSE: WORDS,
    Kind.URL: URLS,
    Kind.IMAGE: URLS,
    Kind.BOOLEAN: st.booleans(),
}
_TRIES = 12


def value(spec: FieldSpec) -> st.SearchStrategy[Any]:
    """Return values that a field takes by itself."""
    if spec.choices and spec.closed:
        return st.sampled_from(spec.choices)
    if spec.fields:
        return objects(spec.fields, spec.name)
    if spec.kind is Kind.LIST:
        few, many = spec.min_length or 1, min(spec.max_length or 4, 8)
        inner = objects(spec.items, "") if spec.items else URLS
        return st.lists(inner, min_size=few, max_size=many)
    if spec.kind is Kind.OBJECT:
        return st.dictionaries(st.sampled_from(("enabled", "x")), st.booleans(), min_size=1)
    if spec.kind is Kind.INTEGER:
        low = int(spec.minimum) if spec.minimum is not None else -(10**6)
        return st.integers(low, int(spec.maximum) if spec.maximum is not None else 10**6)
    if spec.kind is Kind.NUMBER:
        least, most = float(spec.minimum or 0), float(1 if spec.maximum is None else spec.maximum)
        return st.one_of(st.floats(least, most, allow_nan=False), st.integers(int(least), int(most)))
    if spec.name.rpartition(".")[2] == "duration" and spec.unit == "s":
        return st.integers(1, 9).map(str)
    if spec.choices:
        return st.sampled_from(spec.choices)
    return _PLAIN[spec.kind]


def objects(specs: tuple[FieldSpec, ...], parent: str) -> st.SearchStrategy[dict[str, Any]]:
    """Return objects with any of some fields."""
    names = {spec.name: spec.name.removeprefix(f"{parent}.") if parent else spec.name for spec in specs}
    return st.fixed_dictionaries(
        {names[spec.name]: value(spec) for spec in specs if spec.required},
        optional={names[spec.name]: value(spec) for spec in specs if not spec.required},
    )


def valid(model: type[RequestModel]) -> st.SearchStrategy[RequestModel]:
    """Return requests that obey every rule: whatever one is against is left out or made anew."""
    specs = {spec.name: spec for spec in field_specs(model)}

    @st.composite
    def make(draw: st.DrawFn) -> RequestModel:
        values = draw(objects(tuple(specs.values()), ""))
        for _ in range(_TRIES):
            checked = check(model, values)
            if checked.request is not None:
                return checked.request
            for name in {issue.field.partition(".")[0] for issue in checked.issues}:
                if values.pop(name, None) is None or specs[name].required:
                    values[name] = draw(value(specs[name]))
        assume(False)
        raise AssertionError

    return make()
