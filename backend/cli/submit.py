"""``reeltop submit``: from a request to a task on disk, to one that is sent, to one that has ended."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from backend.cli import exits, watching
from backend.cli.bodies import read_body
from backend.cli.choosing import Chosen, Given, choose, read_assignments
from backend.cli.exits import Exit
from backend.cli.tasks import print_tasks
from backend.errors import RequestError
from backend.models import Status

if TYPE_CHECKING:
    from backend.cli.output import Output
    from backend.models import Task
    from backend.preparing import Prepared
    from backend.preview import Preview
    from backend.service import Service


def read_given(args: Namespace) -> Given:
    """Return what the user said about the request's fields. Blocks; raises UsageError."""
    return Given(
        body=read_body(args.request) if args.request else None,
        assignments=read_assignments(args.assignments),
    )


async def submit(service: Service, args: Namespace, output: Output, *, given: Given) -> Exit:
    """Send what was given, and stay for as long as was asked."""
    chosen = choose(service, args.account, args.operation, given)
    prepared = service.prepare_request(chosen.account, chosen.operation, chosen.request)
    if prepared.issues or prepared.preview is None:
        raise RequestError(prepared.issues)
    _say_what_to_expect(output, chosen, prepared)
    if args.dry_run:
        _print_preview(output, prepared.preview)
        return Exit.DONE
    task = await service.submit(chosen.account, chosen.operation, chosen.request)
    return await see_through(service, output, task, wait=args.wait, patience=args.timeout)


async def see_through(
    service: Service, output: Output, task: Task, *, wait: bool, patience: float | None
) -> Exit:
    """Stay until a recorded task is accepted, or with `wait` until it has ended; print it."""
    if wait:
        task = (await watching.settle(service, output, [task.id], patience))[0]
        code = exits.of_task(task)
    else:
        task = await watching.hand_in(service, output, task.id, patience)
        code = exits.of_submission(task)
    if task.status is Status.WAITING:
        if not service.leads and task.trouble is None:
            output.say("recorded; another reeltop is at work and sends it")
            code = Exit.DONE
        else:
            held = service.health(task.account).trouble if task.trouble is None else None
            if held is not None:
                code = exits.of_failure(held.failure)
                output.say(f"account {task.account} is on hold: {held.failure.words or held.failure.meaning}")
            output.say(f"not sent yet; it stays recorded: reeltop wait {task.id}")
    print_tasks(output, [task])
    return code


def _say_what_to_expect(output: Output, chosen: Chosen, prepared: Prepared) -> None:
    for warning in prepared.warnings:
        output.say(f"warning: {warning}")
    output.say(f"{chosen.operation} by account {chosen.account}. {prepared.cost}")


def _print_preview(output: Output, preview: Preview) -> None:
    if output.as_json:
        output.data(
            {
                "method": preview.method,
                "url": preview.url,
                "headers": dict(preview.headers),
                "body": dict(preview.body),
            }
        )
        return
    headers = "\n".join(f"{name}: {value}" for name, value in preview.headers.items())
    output.text(f"{preview.method} {preview.url}\n{headers}\n\n{preview.json()}")
