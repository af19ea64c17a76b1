"""The accounts: how they are doing, what they may do, where their credentials come from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType

from backend.display import Display
from backend.errors import ReeltopError
from backend.language import N_, _, spoken
from backend.text import clean_line
from tui.account_rows import quota_rows, record_rows, traffic_rows
from tui.action import Scope
from tui.actions import ACTIONS, also, bindings, key
from tui.detail import Row, Section, failure_rows
from tui.formatters import code_and_words, retry
from tui.messages import AccountsChanged, ServiceOpened, TasksChanged
from tui.screens.account_editing import AccountEditing
from tui.widgets.header_bar import SANDBOX
from tui.widgets.key_note import KeyNote
from tui.widgets.line_table import Cell, Column, LineTable
from tui.widgets.section_view import SectionView

if TYPE_CHECKING:
    from backend.clock import Clock
    from backend.service import AccountCheck, AccountHealth, AccountView, Service

_COLUMNS = (
    Column("name", N_("Account"), 12, grow=1),
    Column("provider", N_("Provider"), 12, priority=1),
    Column("state", N_("State"), 22, grow=3),
    Column("slots", N_("Slots"), 7, align="right"),
    Column("waiting", N_("Waiting"), 7, align="right"),
    Column("requests", N_("Req/min"), 7, align="right", priority=1),
    Column("errors", N_("Errors"), 6, align="right", priority=1),
)


class AccountsScreen(AccountEditing):
    """The accounts in a table, the one under the cursor in full below it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Scope.LIST, Scope.ACCOUNTS),
        also("accounts", "cancel"),
    ]

    def __init__(self, service: Service, clock: Clock, first: str = "") -> None:
        """`first` is the account that the cursor begins on, if it is there."""
        super().__init__(_("Accounts"), is_sandbox=service.is_sandbox)
        self._first = first
        self._service = service
        self._clock = clock
        self._checks: dict[str, AccountCheck] = {}
        self._checking: set[str] = set()
        self.add_class("-tall")

    def compose_box(self) -> ComposeResult:
        yield LineTable(
            _COLUMNS,
            self._row,
            empty_text=_("No accounts yet: {key} adds one").format(key=key("add_account")),
        )
        yield SectionView()
        offers = getattr(self.app, "offers", lambda _: True)
        keys = [
            (each.first_key, _(each.hint))
            for each in ACTIONS
            if each.scope is Scope.ACCOUNTS and offers(each)
        ]
        yield KeyNote(*keys, (key("close"), _("close")))

    def on_mount(self) -> None:
        self._show_accounts()
        table = self.query_one(LineTable)
        table.move_to(self._first)
        table.focus()
        self.set_interval(getattr(self.app, "display_settings", Display()).refresh, self._refresh)

    def _show_accounts(self) -> None:
        names = [account.name for account in self._service.accounts()]
        table = self.query_one(LineTable)
        table.styles.height = len(names) + 1 if names else 3
        table.set_keys(names)

    @on(ServiceOpened)
    def _take_up(self, event: ServiceOpened) -> None:
        """Show the accounts that a changed configuration has."""
        self._service = event.service
        self._checks.clear()
        box = self.query_one("#box")
        box.border_subtitle = _(SANDBOX) if event.service.is_sandbox else ""
        self._show_accounts()
        self._refresh()

    def account_at_hand(self) -> str | None:
        return self.query_one(LineTable).cursor_key

    @on(LineTable.RowSelected)
    def _edit(self) -> None:
        self.action_edit()

    def _row(self, name: str) -> Sequence[Cell]:
        account, health = self._service.account(name), self._service.health(name)
        return (
            Cell(account.name),
            Cell(account.provider, "empty"),
            self._state(account, health),
            Cell(f"{health.unfinished}/{account.concurrency}"),
            Cell(str(health.waiting)),
            Cell("" if health.requests is None else str(health.requests)),
            Cell("" if health.errors is None else str(health.errors), "mark" if health.errors else ""),
        )

    def _state(self, account: AccountView, health: AccountHealth) -> Cell:
        if account.name in self._checking:
            return Cell(_("asking …"), "mark")
        known = self._checks.get(account.name)
        if known is None or account.disabled or account.problem or health.trouble is not None:
            return state_cell(account, health, self._clock.now())
        return Cell(_check_words(known)[0], "" if known.ok else "mark")

    @on(LineTable.CursorMoved)
    @on(TasksChanged)
    @on(AccountsChanged)
    def _refresh(self) -> None:
        table = self.query_one(LineTable)
        table.refresh_visible()
        if table.cursor_key is not None:
            self.query_one(SectionView).show_sections(list(self._sections(table.cursor_key)))

    def _sections(self, name: str) -> Iterator[Section]:
        now = self._clock.now()
        account, health = self._service.account(name), self._service.health(name)
        if name in self._checking:
            yield Section(_("Test"), (Row("", _("asking …"), "active"),))
        elif name in self._checks:
            yield Section(_("Test"), tuple(_check_rows(self._checks[name])))
        at_a_time = _("{count} unfinished tasks; {now} now")
        if health.unwatched:
            at_a_time = _(
                "{count} unfinished tasks; {now} now, "
                "{unwatched} of them no longer watched: the provider works on"
            )
        disabled = _("nothing is sent, asked or fetched with it until you press {key}; its tasks stay")
        waiting = _("{count} not sent yet")
        if health.paused:
            waiting = _(
                "{count} not sent yet; paused: nothing is sent until you press {key}; "
                "what was sent is watched on"
            )
        waiting = waiting.format(count=health.waiting, key=key("pause_account"))
        facts = [
            Row(_("Address"), clean_line(account.base_url)),
            Row(
                _("At a time"),
                at_a_time.format(
                    count=account.concurrency, now=health.unfinished, unwatched=health.unwatched
                ),
            ),
            *(
                (Row(_("Disabled"), disabled.format(key=key("disable_account")), "doubtful"),)
                if account.disabled
                else ()
            ),
            Row(_("Waiting"), waiting),
            *traffic_rows(health),
            *record_rows(self._service.track_record(name), now),
        ]
        for view in account.credentials:
            words = _("{key} from {source}").format(key=clean_line(view.key), source=clean_line(view.source))
            if view.problem:
                words = _("{reason}: {words}").format(reason=words, words=clean_line(view.problem))
            facts.append(Row(_("Credential"), words, "bad" if view.problem else ""))
        yield Section("", tuple(facts))
        if health.trouble is not None:
            when = Row(_("Now"), retry(health.trouble.next_try, now), "doubtful")
            yield Section(_("Trouble"), (when, *failure_rows(health.trouble.failure)))

    @work(group="account pause", exit_on_error=False)
    async def action_pause(self) -> None:
        """Hold back what waits for the account under the cursor, or let it go on."""
        name, queue = self.query_one(LineTable).cursor_key, self._service.queue
        if name is None:
            return
        try:
            await (queue.go_on(name) if queue.is_paused(name) else queue.pause(name))
        except (ReeltopError, OSError) as error:
            self.notify(clean_line(str(error)), severity="error", markup=False)
        self._refresh()

    def action_test(self) -> None:
        """Prove the credential of the account under the cursor."""
        name = self.query_one(LineTable).cursor_key
        if name is not None and name not in self._checking:
            self._checking.add(name)
            self._refresh()
            self.query_one(SectionView).scroll_to(y=0)
            self._check(name)

    @work(group="account check", exit_on_error=False)
    async def _check(self, name: str) -> None:
        try:
            self._checks[name] = await self._service.check_account(name)
        except ReeltopError as error:
            self.notify(clean_line(str(error)), severity="error", markup=False)
        finally:
            self._checking.discard(name)
        self._refresh()


def state_cell(account: AccountView, health: AccountHealth, now: datetime) -> Cell:
    """Return how an account is doing in a few words."""
    if account.disabled:
        return Cell(f"– {_('disabled')}", "mark")
    if account.problem:
        return Cell(f"✗ {account.problem}", "mark")
    if health.trouble is not None:
        words = code_and_words(health.trouble.failure)
        told = _("{reason}: {words}").format(reason=retry(health.trouble.next_try, now), words=words)
        return Cell(f"! {told}", "mark")
    if health.paused:
        return Cell(f"‖ {_('paused')}", "mark")
    if health.waiting and health.unfinished >= account.concurrency:
        return Cell(f"✓ {_('well, all slots in use')}")
    return Cell(f"✓ {_('well')}")


def _check_words(check: AccountCheck) -> tuple[str, str]:
    seconds = f"{check.seconds:.1f}"
    if check.ok:
        return f"✓ {_('it works ({seconds} s)').format(seconds=seconds)}", "good"
    return f"✗ {_('it does not work ({seconds} s)').format(seconds=seconds)}", "bad"


def _check_rows(check: AccountCheck) -> Iterator[Row]:
    yield Row(_("Result"), *_check_words(check))
    yield Row(_("Proof"), spoken(clean_line(check.words)))
    yield from quota_rows(check)
    if check.failure is not None:
        yield from failure_rows(check.failure)
