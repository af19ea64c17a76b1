"""What ``reeltop batch`` does with one file: check, plan, ask, record, follow, tell."""

from __future__ import annotations

import shutil
import sys
from argparse import Namespace
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from backend.batches.following import Follower
from backend.batches.plan import State
from backend.batches.results import ResultFile, default_path, result_of
from backend.cli import exits
from backend.cli.asking import agree
from backend.cli.choosing import choose_account, read_assignments
from backend.cli.columns import cut
from backend.cli.describe import failure_words
from backend.cli.exits import Exit
from backend.cli.plain import plain
from backend.costs import amount, charged
from backend.language import N_, _, listed, ngettext, pgettext
from backend.models import Status
from backend.text import clean_line

if TYPE_CHECKING:
    from backend.batches.following import Progress
    from backend.batches.limits import MaxCost
    from backend.batches.plan import Entry, Plan
    from backend.batches.rows import Resolve
    from backend.batches.sheet import Sheet
    from backend.cli.output import Output
    from backend.models import Task
    from backend.service import Service

_LINE_SECONDS = 10.0
"""Between two lines of progress, where they cannot replace each other."""
_SHOWN = 10
"""Warnings and rows that are told one by one."""


async def run_batch(
    service: Service, args: Namespace, output: Output, *, name: str, path: Path, sheet: Sheet
) -> Exit:
    """Make what is missing of a batch, and stay until it has ended if that was asked for.

    Raises BatchError, UsageError, StoreError, OSError.
    """
    results = ResultFile(args.results or default_path(path), path)
    plan = await _plan(service, args, name, sheet)
    cost = _("nothing: this is the sandbox") if service.is_sandbox else str(plan.cost())
    _say_plan(output, plan, cost)
    limit = await _allowed(service, args.max_cost, plan)
    if args.dry_run:
        _print_plan(service, output, plan)
        return Exit.DONE
    if plan.new and not service.is_sandbox:
        await agree(
            _("send {tasks}, cost: {cost}").format(tasks=_tasks(len(plan.new)), cost=cost), yes=args.yes
        )
    made = _Made(service, plan, await service.batches.record(plan))
    if not args.wait:
        await results.write(made.results)
        output.say(
            _("recorded; whichever reeltop is at work sends them. Results so far: {path}").format(
                path=results.path
            )
        )
        made.print(output)
        return made.exit(is_over=False)
    followed = set(made.ids)
    before = charged(task for task in await service.batches.made(plan.name) if task.id not in followed)
    follower = Follower(service, made.ids, max_cost=limit, stop_after=args.stop_after, before=before)
    teller = _Teller(output, name, alone=args.watch is None)

    def tell(progress: Progress) -> None:
        results.touch()
        teller.tell(progress)

    async with results.kept(made.results):
        progress = await follower.run(tell, args.timeout, holds_end_it=args.watch is None)
    teller.end(progress)
    output.say(_("results: {path}").format(path=results.path))
    made.print(output)
    return made.exit(is_over=True)


async def _plan(service: Service, args: Namespace, name: str, sheet: Sheet) -> Plan:
    variables = read_variables(args.variables)
    checked = await service.batches.check(
        sheet, resolver(service), over=cells_over(args), variables=variables
    )
    return await service.batches.plan(
        name, sheet.file, checked, changed=args.changed, retry_failed=args.retry_failed
    )


def cells_over(args: Namespace) -> dict[str, Any]:
    """Return what ``--account``, ``--operation`` and ``--set`` say of every row. Raises UsageError."""
    over: dict[str, Any] = dict(read_assignments(args.assignments))
    return over | {
        key: value for key in ("account", "operation") if (value := getattr(args, key)) is not None
    }


def resolver(service: Service) -> Resolve:
    """Return what settles account and operation of a row that leaves them open."""

    def resolve(account: str | None, operation: str | None) -> tuple[str, str]:
        view = choose_account(service, account, operation)
        return view.name, service.operation(view.name, (operation or "").rpartition("/")[2] or None).name

    return resolve


def read_variables(pairs: Sequence[str]) -> dict[str, Any]:
    """Return the variables of ``NAME=VALUE``; one that is given more than once has several values.

    Raises UsageError.
    """
    found: dict[str, Any] = {}
    for pair in pairs:
        ((name, value),) = read_assignments([pair], option="--var").items()
        if name in found:
            found[name] = [*(found[name] if isinstance(found[name], list) else [found[name]]), value]
        else:
            found[name] = value
    return found


async def _allowed(service: Service, limit: MaxCost | None, plan: Plan) -> MaxCost | None:
    """Return the limit in its unit. Raises UsageError if it would be exceeded."""
    if limit is None:
        return None
    pending = [entry.row.estimate for entry in plan.entries if entry.sends or _is_under_way(entry)]
    return limit.allow(await service.batches.made(plan.name), pending)


def _is_under_way(entry: Entry) -> bool:
    return entry.task is not None and not entry.task.status.is_final and not entry.task.charges


# -- what is going to happen --------------------------------------------------------------------------


def _say_plan(output: Output, plan: Plan, cost: str) -> None:
    states = plan.states()
    again = Counter(entry.state for entry in plan.entries if entry.sends)
    parts = [_("{tasks} to send").format(tasks=_tasks(len(plan.new))) if plan.new else _("nothing to send")]
    for state, words in (
        (State.MADE, _("{count} made before")),
        (State.FAILED, _("{count} failed before (--retry-failed sends them again)")),
        (State.CHANGED, _("{count} changed since they were made (--changed sends them as they are now)")),
    ):
        left = states[state] - again[state]
        if left:
            parts.append(words.format(count=left))
    rows = ngettext("{count:,} row", "{count:,} rows", len(plan.entries)).format(count=len(plan.entries))
    output.say(
        _("batch {batch}: {rows} in {file}: {parts}").format(
            batch=plan.name, rows=rows, file=plan.file, parts=listed(parts)
        )
    )
    if plan.new:
        output.say(_("cost: {cost}").format(cost=cost))
    for warning, count in list(plan.warnings.items())[:_SHOWN]:
        output.say(
            _("warning: {warning} ({count} rows)").format(warning=warning, count=count)
            if count > 1
            else _("warning: {warning}").format(warning=warning)
        )
    if len(plan.warnings) > _SHOWN:
        output.say(_("and {count} more kinds of warnings").format(count=len(plan.warnings) - _SHOWN))
    changed = [entry for entry in plan.entries if entry.state is State.CHANGED and not entry.sends]
    for entry in changed[:_SHOWN]:
        output.say(
            _("{place}: row {key} has changed since task {task}").format(
                place=_place(plan, entry), key=entry.row.key, task=_id(entry.task)
            )
        )
    if plan.strays:
        output.say(
            _("{tasks} of this batch were made from rows that are not in the file now").format(
                tasks=_tasks(len(plan.strays))
            )
        )


def _print_plan(service: Service, output: Output, plan: Plan) -> None:
    if output.as_json:
        for entry in plan.entries:
            output.data(_planned(service, entry))
        return
    head = (N_("ROW"), N_("LINE"), N_("STATE"), N_("ACCOUNT"), N_("OPERATION"), N_("COST"))
    rows = [
        (
            entry.row.key,
            str(entry.row.line or ""),
            _("send") if entry.sends else _state(entry.state),
            entry.row.account,
            entry.row.operation,
            str(entry.row.estimate or "") if entry.sends else "",
        )
        for entry in plan.entries
    ]
    output.table(head, rows)


def _state(state: State) -> str:
    words = {
        State.NEW: pgettext("row", "new"),
        State.MADE: pgettext("row", "made"),
        State.FAILED: pgettext("row", "failed"),
        State.CHANGED: pgettext("row", "changed"),
    }
    return words[state]


def _planned(service: Service, entry: Entry) -> dict[str, Any]:
    row, estimate = entry.row, entry.row.estimate
    planned: dict[str, Any] = {
        "row": row.key,
        "line": row.line or None,
        "account": row.account,
        "operation": row.operation,
        "state": entry.state.value,
        "sends": entry.sends,
        "task": entry.task.id if entry.task else None,
        "tags": list(row.tags),
        "cost": None,
        "request": None,
    }
    if estimate is not None:
        planned["cost"] = {
            "low": str(estimate.low),
            "high": str(estimate.high),
            "unit": estimate.unit,
            "rule": estimate.rule.value,
        }
    if entry.sends:
        request = service.operation(row.account, row.operation).model.parse(row.values)
        preview = service.prepare_request(row.account, row.operation, request).preview
        planned["request"] = plain(preview)
    return planned


# -- what came of it ----------------------------------------------------------------------------------


class _Made:
    """The rows with their tasks."""

    def __init__(self, service: Service, plan: Plan, recorded: Sequence[Task]) -> None:
        self._service = service
        self._plan = plan
        self._new = {task.row: task for task in recorded}

    @property
    def ids(self) -> list[str]:
        """The tasks to stay with."""
        return [task.id for _entry, task in self._pairs() if task is not None]

    def results(self) -> Iterator[Mapping[str, Any]]:
        """Yield what came of each row so far."""
        return (result_of(self._plan.name, entry, task) for entry, task in self._pairs())

    def print(self, output: Output) -> None:
        """Print the results: each row, or for a person the sums."""
        if output.as_json:
            for result in self.results():
                output.data(result)
            return
        tasks = [task for _entry, task in self._pairs() if task is not None]
        statuses = Counter(task.status for task in tasks)
        rows = [(status.word, str(statuses[status])) for status in Status if statuses[status]]
        charged = self._service.charged(tasks)
        rows += [(_("charged"), amount(sum_, unit)) for unit, sum_ in charged.items()]
        output.rows(rows or [(_("no tasks"), "")])

    def exit(self, *, is_over: bool) -> Exit:
        """Return the exit code: of the gravest row."""
        codes = [
            Exit.FAILED if entry.state is State.CHANGED and not entry.sends else Exit.DONE
            for entry in self._plan.entries
        ]
        if is_over:
            codes += [exits.of_task(task) for _entry, task in self._pairs() if task is not None]
        return exits.gravest(codes)

    def _pairs(self) -> Iterator[tuple[Entry, Task | None]]:
        for entry in self._plan.entries:
            task = self._new.get(entry.row.key, entry.task)
            yield entry, self._service.tasks.get(task.id, task) if task is not None else None


class _Teller:
    """Tells a person how far it is: on a terminal in a line that is replaced."""

    def __init__(self, output: Output, name: str, *, alone: bool) -> None:
        self._output = output
        self._name = name
        self._said = ""
        self._at = 0.0
        self._replaces = alone and bool(sys.stderr and sys.stderr.isatty())

    def tell(self, progress: Progress) -> None:
        """Say what is new, not too often."""
        line = f"{self._name}: {_progress(progress)}"
        pause = 0.5 if self._replaces else _LINE_SECONDS
        if self._output.quiet or line == self._said or monotonic() - self._at < pause:
            return
        self._said, self._at = line, monotonic()
        if self._replaces:
            width = shutil.get_terminal_size().columns - 1
            sys.stderr.write(f"\r\x1b[K{cut(f'reeltop: {clean_line(line)}', width)}")
            sys.stderr.flush()
        else:
            self._output.say(line)

    def end(self, progress: Progress) -> None:
        """Say how it ended."""
        if self._replaces and self._said and not self._output.quiet:
            sys.stderr.write("\r\x1b[K")
        if f"{self._name}: {_progress(progress)}" != self._said or self._replaces:
            self._output.say(f"{self._name}: {_progress(progress)}")
        if progress.stopped:
            self._output.say(
                _("stopped: {reason}; what was still waiting is withdrawn").format(reason=progress.stopped)
            )
        for account, failure in progress.held.items():
            self._output.say(
                _("account {account} is on hold: {words}").format(
                    account=account, words=failure_words(failure)
                )
            )
        if not progress.is_complete:
            self._output.say(_("not ended yet; the same command goes on with it"))


def _progress(progress: Progress) -> str:
    parts = [f"{progress.statuses[status]} {status.word}" for status in Status if progress.statuses[status]]
    spent = [amount(sum_, unit) for unit, sum_ in progress.spent.items() if sum_]
    told = _("{parts} of {total}; charged {amounts}") if spent else _("{parts} of {total}")
    return told.format(parts=listed(parts) or _("no tasks"), total=progress.total, amounts=" + ".join(spent))


def _tasks(count: int) -> str:
    return ngettext("{count:,} task", "{count:,} tasks", count).format(count=count)


def _place(plan: Plan, entry: Entry) -> str:
    return f"{plan.file}:{entry.row.line}" if entry.row.line else plan.file


def _id(task: Task | None) -> str:
    return task.id if task else ""
