"""One draft for several accounts: which can take it, as what, and for how much."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from backend.language import N_, _, named
from backend.service import Draft, Prepared
from backend.text import clean_line
from tui.action import Scope
from tui.actions import also, bindings, key
from tui.screens.builder_blanks import with_blanks
from tui.screens.builder_draft import Carrier, left_behind
from tui.screens.builder_target import Target
from tui.screens.dialog import Dialog
from tui.widgets.field_words import told_of
from tui.widgets.key_note import KeyNote
from tui.widgets.line_table import Cell, Column, LineTable

if TYPE_CHECKING:
    from backend.service import AccountView, Service


@dataclass(frozen=True, slots=True)
class Offer:
    """What a draft becomes for an account."""

    target: Target
    draft: Draft
    prepared: Prepared
    lost: tuple[str, ...]
    """Titles of the fields that have no place there."""

    @property
    def problem(self) -> str:
        """Why it cannot be sent; empty if it can."""
        issues = self.prepared.issues
        told = told_of(self.target.operation.model, issues[0]) if issues else ""
        return clean_line(self.target.account.problem or told)

    @property
    def state(self) -> str:
        """How it stands, in a few words."""
        if self.problem:
            return f"✗ {self.problem}"
        cost = (
            _("free") if self.target.account.sandbox else str(self.prepared.estimate or _("cost not known"))
        )
        parts = [f"✓ {clean_line(cost)}"]
        if self.lost:
            parts.append(_("without {names}").format(names=named(map(clean_line, self.lost)).lower()))
        return " · ".join(parts)


def offers(service: Service, here: Target, draft: Draft) -> list[Offer]:
    """Return what `draft` becomes for each account: as it is, or as the operation that holds most of it."""
    found = []
    for account in service.accounts():
        every = list(_offers(service, here, draft, account))
        found.append(max(every, key=lambda offer: _rank(offer, here)))
    return found


def _offers(service: Service, here: Target, draft: Draft, account: AccountView) -> Iterator[Offer]:
    for operation in service.provider(account.provider).operations.values():
        there = Target(account, operation)
        carrier = Carrier({})
        carrier.leave(here.key, here.specs, draft.texts)
        texts = carrier.enter(there.key, there.specs)
        made = there.draft(texts)
        prepared = with_blanks(service.prepare(made), texts)
        yield Offer(there, made, prepared, tuple(left_behind(draft.texts, here.specs, there.specs)))


def _rank(offer: Offer, here: Target) -> tuple[bool, bool, int, bool]:
    same = offer.target.operation.name == here.operation.name
    return same and offer.target.key == here.key, not offer.prepared.issues, -len(offer.lost), same


class SeveralScreen(Dialog[list[Draft] | None]):
    """Returns the drafts of the accounts that were chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Scope.LIST, Scope.CHOOSING, Scope.SEVERAL),
        also("keep", "take"),
    ]

    def __init__(self, offers: Sequence[Offer], current: str, *, is_sandbox: bool) -> None:
        """`current` is the account that the form is for."""
        super().__init__(_("To several accounts"), is_sandbox=is_sandbox)
        self._offers = {offer.target.account.name: offer for offer in offers}
        self._chosen = {name for name in (current,) if not self._offers[name].problem}

    def compose_box(self) -> ComposeResult:
        columns = (
            Column("on", "", 3),
            Column("account", N_("Account"), 14),
            Column("operation", N_("As"), 18),
            Column("state", "", 10, grow=1),
        )
        yield LineTable(columns, self._row)
        yield Static(id="found", markup=False)
        yield KeyNote(
            (key("switch"), _("on or off")),
            (key("all_accounts"), _("all that fit")),
            ("enter", _("go on")),
            (key("close"), _("back")),
        )

    def _row(self, key: str) -> Sequence[Cell]:
        offer = self._offers[key]
        return (
            Cell("[x]" if key in self._chosen else "[ ]", "mark"),
            Cell(clean_line(key)),
            Cell(clean_line(_(offer.target.operation.title))),
            Cell(offer.state),
        )

    @property
    def _table(self) -> LineTable:
        return self.query_one(LineTable)

    def on_mount(self) -> None:
        self._table.set_keys(list(self._offers))
        self._table.styles.height = len(self._offers) + 1
        self._table.focus()

    @on(LineTable.CursorMoved)
    def _tell(self) -> None:
        key = self._table.cursor_key
        if key is not None:
            self.query_one("#found", Static).update(Content(self._offers[key].state))

    def action_switch(self) -> None:
        """Take an account or leave it out."""
        key = self._table.cursor_key
        if key is not None and not self._offers[key].problem:
            self._chosen.symmetric_difference_update({key})
            self._table.refresh_visible()
        self._tell()

    def action_all(self) -> None:
        """Take all that can be sent, or none if all are taken."""
        fitting = {name for name, offer in self._offers.items() if not offer.problem}
        self._chosen = set() if self._chosen == fitting else fitting
        self._table.refresh_visible()

    @on(LineTable.RowSelected)
    def action_take(self) -> None:
        """Go on with what is chosen."""
        if self._chosen:
            self.dismiss([offer.draft for name, offer in self._offers.items() if name in self._chosen])
        else:
            note = Content.styled(_("Choose an account with space first."), "$text-warning")
            self.query_one("#found", Static).update(note)
