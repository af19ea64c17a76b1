"""``reeltop list --remote``: the tasks that a provider itself lists."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from backend.cli.choosing import choose_account
from backend.cli.describe import failure_line, moment
from backend.cli.exits import Exit
from backend.cli.plain import plain
from backend.language import N_, _

if TYPE_CHECKING:
    from backend.cli.output import Output
    from backend.models import Snapshot
    from backend.service import Service

_HEAD = (N_("REMOTE ID"), N_("STATUS"), N_("EXTERNAL ID"), N_("FINISHED"), N_("RESULT"))


async def list_remote(service: Service, args: Namespace, output: Output) -> Exit:
    """Print one page."""
    account = choose_account(service, args.account, args.operation)
    name = (args.operation or "").rpartition("/")[2] or None
    found = await service.remote.page(account.name, name, args.page, args.size)
    if output.as_json:
        output.array(map(plain, found))
    elif found:
        output.table(_HEAD, list(map(_row, found)))
    else:
        output.say(_("no tasks on this page"))
    return Exit.DONE


def _row(snapshot: Snapshot) -> tuple[str, ...]:
    status = snapshot.status.word if snapshot.status else snapshot.status_words
    result = failure_line(snapshot.failure) if snapshot.failure else ", ".join(f.url for f in snapshot.files)
    finished = moment(snapshot.finished_at)
    return (snapshot.remote_id, status, snapshot.external_id or "", finished, result)
