"""What the builder says: hints, status, the question before submitting. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from textual.binding import Binding, BindingType
from textual.content import Content

from backend.providers.contract import Operation
from backend.service import AccountView, Prepared
from backend.text import clean_line
from tui.action import Action, Scope
from tui.actions import ACTIONS, BY_ID, bindings
from tui.widgets.status_bar import Hint
from tui.wording import Question

if TYPE_CHECKING:
    from backend.batches.plan import Plan

BINDINGS: Sequence[BindingType] = (
    *bindings(Scope.BUILDER),
    Binding("up", "app.focus_previous", "Previous field", show=False),
    Binding("down", "app.focus_next", "Next field", show=False),
)


def _hint(action: Action) -> Hint:
    return action.first_key, action.hint


_HINTED = [action for action in ACTIONS if action.scope is Scope.BUILDER and action.hint]
HINTS: Sequence[Hint] = (*(_hint(each) for each in _HINTED if each.id != "leave"), ("pgup/pgdn", "groups"))
LAST_HINTS: Sequence[Hint] = (("f1", "help"), _hint(BY_ID["leave"]))

_LONGEST_PROMPT = 160
_MOST_NAMED = 3
_MOST_PLACES = 6


def place(account: AccountView) -> str:
    """Return what stands beside an account's name: ``kling · api.example.com``."""
    host = urlsplit(account.base_url).netloc
    return " · ".join(filter(None, ("sandbox" if account.sandbox else "", account.provider, host)))


def findings(prepared: Prepared, wrong: Sequence[str], doubtful: Sequence[str]) -> Content:
    """Return the state of a draft in one line, with the titles of the fields to look at."""
    parts = [("✓ ready", "$text-success")]
    if count := len(prepared.issues):
        parts = [(f"✗ {count} to fix", "$text-error"), (_named(wrong), "$text-muted")]
    if count := len(prepared.warnings):
        parts += [(f"  ! {count} doubtful", "$text-warning"), (_named(doubtful), "$text-muted")]
    if prepared.cost and not prepared.issues:
        parts.append((f"  {clean_line(prepared.cost)}", "$text-muted"))
    return Content.assemble(*parts)


def _named(titles: Sequence[str]) -> str:
    if not titles:
        return ""
    more = ", …" if len(titles) > _MOST_NAMED else ""
    return ": " + ", ".join(title.lower() for title in titles[:_MOST_NAMED]) + more


def submit_question(
    account: AccountView,
    operation: Operation,
    prepared: Prepared,
    settings: Sequence[str],
    prompts: Sequence[str],
) -> Question:
    """Ask before a request is put in the queue."""
    what = " · ".join(map(clean_line, (operation.title, *settings)))
    asked = f"account {clean_line(account.name)} · {clean_line(place(account))}"
    doubts = [f"! {clean_line(str(warning))}" for warning in prepared.warnings]
    cost = clean_line(prepared.cost)
    if account.sandbox and "nothing" not in cost.lower():
        cost = f"Nothing here costs money: this is the sandbox. {cost}".rstrip()
    return Question(
        title="Submit 1 task?",
        what=(what, asked, *map(_short, prompts), *doubts),
        cost=cost,
        go="Submit",
        stay="Not yet",
    )


def many_question(plan: Plan, *, is_sandbox: bool) -> Question:
    """Ask before the tasks of a plan are put in the queue."""
    count = len(plan.new)
    places = Counter((entry.row.account, entry.row.operation) for entry in plan.new)
    what = [
        clean_line(f"{account} · {operation}: {tasks} {_tasks(tasks)}")
        for (account, operation), tasks in list(places.items())[:_MOST_PLACES]
    ]
    if rest := len(places) - len(what):
        what.append(f"and {rest} more")
    what.append(f"batch {clean_line(plan.name)}")
    if made := len(plan.entries) - count:
        what.append(f"{made} {_tasks(made)} of this batch are there already and are not made again")
    what += [clean_line(f"! {times}× {warning}") for warning, times in plan.warnings.items()]
    cost = "Nothing here costs money: this is the sandbox." if is_sandbox else f"Cost: {plan.cost()}."
    return Question(
        title=f"Submit {count:,} {_tasks(count)}?",
        what=tuple(what),
        cost=clean_line(cost),
        go="Submit all",
        stay="Not yet",
    )


def _tasks(count: int) -> str:
    return "task" if count == 1 else "tasks"


def _short(prompt: str) -> str:
    prompt = clean_line(prompt)
    return prompt if len(prompt) <= _LONGEST_PROMPT else prompt[:_LONGEST_PROMPT].rstrip() + "…"
