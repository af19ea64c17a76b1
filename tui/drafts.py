"""A task's request as a new draft. Imported when one is wanted: request models are slow to load."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from backend.drafts import texts_of
from backend.errors import ReeltopError
from backend.language import _
from backend.models import Task
from backend.service import Draft

if TYPE_CHECKING:
    from backend.service import Service


def draft_of(service: Service, task: Task) -> Draft:
    """Return a draft with the task's fields, but for its own id. Raises UsageError if its account or
    operation is gone."""
    operation = service.operation(task.account, task.operation)
    return Draft(
        account=task.account, operation=task.operation, texts=texts_of(operation.model, task.request)
    )


def change_of(service: Service, task: Task) -> Draft:
    """Return a draft that is to replace the request of a waiting task. Raises UsageError."""
    return replace(draft_of(service, task), task=task.id)


def curl_of(service: Service, task: Task) -> str:
    """Return the task's request as a curl command, secrets as variables; empty if it cannot be made anew."""
    try:
        preview = service.prepare(draft_of(service, task)).preview
    except ReeltopError:
        return ""
    return preview.curl() if preview is not None else ""


def cost_of(service: Service, task: Task) -> str:
    """Return what is known of the price of sending the task's request once more."""
    try:
        return service.prepare(draft_of(service, task)).cost
    except ReeltopError:
        return _("Its price is not known.")
