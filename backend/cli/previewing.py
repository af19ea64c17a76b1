"""What is said of a request before it is sent: its warnings, its cost, and how it looks on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.cli.plain import plain
from backend.errors import RequestError
from backend.language import _

if TYPE_CHECKING:
    from backend.cli.choosing import Chosen
    from backend.cli.output import Output
    from backend.preview import Preview
    from backend.service import Service


def say_what_to_expect(service: Service, output: Output, chosen: Chosen) -> Preview:
    """Say what is doubtful about a request, where it goes and what it costs; return how it looks.

    Raises RequestError if it cannot be sent.
    """
    prepared = service.prepare_request(chosen.account, chosen.operation, chosen.request)
    if prepared.issues or prepared.preview is None:
        raise RequestError(prepared.issues)
    for warning in prepared.warnings:
        output.say(_("warning: {warning}").format(warning=warning))
    output.say(
        _("{operation} by account {account}. {cost}").format(
            operation=chosen.operation, account=chosen.account, cost=prepared.cost
        )
    )
    return prepared.preview


def print_preview(output: Output, preview: Preview) -> None:
    """Print the exact HTTP request, secrets as $NAMES."""
    if output.as_json:
        output.data(plain(preview))
        return
    headers = "\n".join(f"{name}: {value}" for name, value in preview.headers.items())
    output.text(f"{preview.method} {preview.url}\n{headers}\n\n{preview.json()}")
