"""What the builder says: hints, status, the question before submitting. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from textual.binding import Binding, BindingType
from textual.content import Content

from backend.language import _, named, ngettext
from backend.providers.contract import Operation
from backend.service import AccountView, Prepared
from backend.text import clean_line
from tui.action import Action, Scope
from tui.actions import ACTIONS, BY_ID, bindings
from tui.formatters import joined, many, within
from tui.widgets.field_words import told_of
from tui.widgets.status_bar import Hint
from tui.wording import Question

if TYPE_CHECKING:
    from backend.batches.plan import Plan
    from tui.screens.builder_target import Target

BINDINGS: Sequence[BindingType] = (
    *bindings(Scope.BUILDER),
    Binding("up", "app.focus_previous", "Previous field", show=False),
    Binding("down", "app.focus_next", "Next field", show=False),
)


def hints() -> tuple[Sequence[Hint], Sequence[Hint]]:
    """Return the keys for the bottom line, and those that are always there."""
    shown = [
        _hint(each) for each in ACTIONS if each.scope is Scope.BUILDER and each.hint and each.id != "leave"
    ]
    return [*shown, ("pgup/pgdn", _("groups"))], [("f1", _("help")), _hint(BY_ID["leave"])]


def _hint(action: Action) -> Hint:
    return action.first_key, _(action.hint)


_LONGEST_PROMPT = 160
_MOST_NAMED = 3
_MOST_PLACES = 6


def place(account: AccountView) -> str:
    """Return what stands beside an account's name: ``kling · api.example.com``."""
    host = urlsplit(account.base_url).netloc
    return " · ".join(filter(None, (_("sandbox") if account.sandbox else "", account.provider, host)))


def findings(prepared: Prepared, wrong: Sequence[str], doubtful: Sequence[str]) -> Content:
    """Return the state of a draft in one line, with the titles of the fields to look at."""
    parts = [(f"✓ {_('ready')}", "$text-success")]
    if count := len(prepared.issues):
        parts = _counted("✗ ", _("{count} to fix").format(count=count), "$text-error", _named(wrong))
    if count := len(prepared.warnings):
        words = _("{count} doubtful").format(count=count)
        parts += _counted("  ! ", words, "$text-warning", _named(doubtful))
    if prepared.cost and not prepared.issues:
        parts.append((f"  {clean_line(prepared.cost)}", "$text-muted"))
    return Content.assemble(*parts)


def _counted(sign: str, words: str, style: str, names: str) -> list[tuple[str, str]]:
    if not names:
        return [(sign + words, style)]
    colon = _("{reason}: {words}").format(reason="", words="")
    return [(sign + words, style), (colon + names, "$text-muted")]


def _named(titles: Sequence[str]) -> str:
    if not titles:
        return ""
    more = ["…"] if len(titles) > _MOST_NAMED else []
    return named((*(within(title) for title in titles[:_MOST_NAMED]), *more))


def submit_question(
    account: AccountView,
    operation: Operation,
    prepared: Prepared,
    settings: Sequence[str],
    prompts: Sequence[str],
) -> Question:
    """Ask before a request is put in the queue."""
    what = " · ".join(map(clean_line, (_(operation.title), *settings)))
    asked = f"{_('account {name}').format(name=clean_line(account.name))} · {clean_line(place(account))}"
    doubts = [f"! {clean_line(told_of(operation.model, warning))}" for warning in prepared.warnings]
    cost = clean_line(prepared.cost)
    if account.sandbox and prepared.cost != _("Costs nothing: this is the sandbox."):
        cost = joined((_("Nothing here costs money: this is the sandbox."), cost))
    return Question(
        title=_("Submit 1 task?"),
        what=(what, asked, *map(_short, prompts), *doubts),
        cost=cost,
        go=_("Submit"),
        stay=_("Not yet"),
    )


def change_question(
    target: Target, task: str, prepared: Prepared, settings: Sequence[str], prompts: Sequence[str]
) -> Question:
    """Ask before the request of a waiting task is replaced."""
    question = submit_question(target.account, target.operation, prepared, settings, prompts)
    words = _("This takes the place of the request that waits as {task}; nothing more is sent for it.")
    return replace(
        question,
        title=_("Change 1 waiting task?"),
        what=(*question.what, words.format(task=clean_line(task))),
        go=_("Change it"),
    )


def many_question(plan: Plan, *, is_sandbox: bool) -> Question:
    """Ask before the tasks of a plan are put in the queue."""
    count = len(plan.new)
    places = Counter((entry.row.account, entry.row.operation) for entry in plan.new)
    what = [
        clean_line(_("{reason}: {words}").format(reason=f"{account} · {operation}", words=many(tasks)))
        for (account, operation), tasks in list(places.items())[:_MOST_PLACES]
    ]
    if rest := len(places) - len(what):
        what.append(_("and {count} more").format(count=rest))
    what.append(_("batch {name}").format(name=clean_line(plan.name)))
    if made := len(plan.entries) - count:
        words = ngettext(
            "{count} task of this batch is there already and is not made again",
            "{count} tasks of this batch are there already and are not made again",
            made,
        )
        what.append(words.format(count=made))
    what += [clean_line(f"! {times}× {warning}") for warning, times in plan.warnings.items()]
    if is_sandbox:
        cost = _("Nothing here costs money: this is the sandbox.")
    else:
        cost = _("Cost: {cost}.").format(cost=plan.cost())
    return Question(
        title=ngettext("Submit {count} task?", "Submit {count} tasks?", count).format(count=f"{count:,}"),
        what=tuple(what),
        cost=clean_line(cost),
        go=_("Submit all"),
        stay=_("Not yet"),
    )


def _short(prompt: str) -> str:
    prompt = clean_line(prompt)
    return prompt if len(prompt) <= _LONGEST_PROMPT else prompt[:_LONGEST_PROMPT].rstrip() + "…"
