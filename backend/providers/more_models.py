"""Model codes from the configuration: new models need no release."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import Any, Literal, get_args, get_origin

from pydantic import create_model

from backend.language import N_
from backend.providers.contract import Operation, OptionSpec
from backend.providers.fields import RequestModel, Role
from backend.providers.specs import extra

MODELS = OptionSpec(
    key="models",
    title=N_("Models"),
    help=N_("more model codes that requests may name, letters, digits, dots, dashes and underscores"),
    many=True,
    pattern=r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}",
)


def with_models(operations: Mapping[str, Operation], codes: Sequence[str]) -> Mapping[str, Operation]:
    """Return `operations` with `codes` added to what their model fields take or suggest."""
    if not codes:
        return operations
    return {
        name: replace(operation, model=_extended(operation.model, codes))
        for name, operation in operations.items()
    }


def _extended(model: type[RequestModel], codes: Sequence[str]) -> type[RequestModel]:
    name = next(
        (name for name, info in model.model_fields.items() if extra(info).get("role") is Role.MODEL), None
    )
    if name is None:
        return model
    info = copy(model.model_fields[name])
    annotation: Any = info.annotation
    if get_origin(annotation) is Literal:
        annotation = Literal[tuple(dict.fromkeys((*get_args(annotation), *codes)))]
    else:
        told = dict(extra(info))
        told["choices"] = list(dict.fromkeys((*told.get("choices", ()), *codes)))
        info.json_schema_extra = told
    fields: dict[str, Any] = {name: (annotation, info)}
    return create_model(model.__name__, __base__=model, __doc__=model.__doc__, **fields)
