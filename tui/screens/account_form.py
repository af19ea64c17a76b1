"""An account's fields, made from what its provider says of credentials and options."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.events import DescendantFocus
from textual.types import CSSPathType
from textual.widgets import Button, Static

from backend.errors import Issue, ReeltopError, RequestError
from backend.language import N_, _
from backend.text import clean_line
from tui.action import Scope
from tui.actions import bindings, key
from tui.formatters import joined
from tui.screens.dialog import Dialog
from tui.widgets.field_choices import Choice
from tui.widgets.field_chooser import Chooser
from tui.widgets.field_inputs import FieldInput
from tui.widgets.field_row import FieldRow
from tui.widgets.key_note import KeyNote
from tui.widgets.secret_input import SecretInput

if TYPE_CHECKING:
    from backend.account_book import AccountBook, AccountEntry, Edition, Preset
    from backend.providers.contract import OptionSpec, Provider

_NAME_HELP = N_("What you call it; tasks are kept under this name, so it stays.")
_URL_HELP = N_(
    "Where requests go. Tasks sent to another address before are watched on if former_base_urls names it."
)
_KEPT_HELP = N_("Goes into the keyring or a file of its own; env:NAME says where one is.")
_CONCURRENCY_HELP = N_("Unfinished tasks at a time; the rest waits here.")
_OPTIONS = "options."


class _Rows(VerticalScroll, can_focus=False, inherit_bindings=False):
    """Scrolls with the field at hand: the arrows go from field to field."""


class AccountForm(Dialog[str | None]):
    """Dismissed with the name of the account that was saved; with None if nothing was."""

    CSS_PATH: ClassVar[CSSPathType | None] = ["dialog.tcss", "builder.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Scope.ACCOUNT_FORM),
        Binding("up", "app.focus_previous", "Previous field", show=False),
        Binding("down", "app.focus_next", "Next field", show=False),
    ]

    def __init__(self, book: AccountBook, edition: Edition, provider: Provider, begun: Preset | str) -> None:
        """`begun` is a preset for a new account, or the name of one to be changed."""
        name = begun if isinstance(begun, str) else ""
        if name:
            heading = _("Account {name}").format(name=name)
        else:
            heading = _("New account: {provider}").format(provider=clean_line(_(provider.title)))
        super().__init__(heading)
        self._book = book
        self._edition = edition
        self._provider = provider
        self._preset = None if isinstance(begun, str) else begun
        self._account = edition.accounts[name] if name else None
        self._saving = False
        self.add_class("-tall")

    def compose_box(self) -> ComposeResult:
        with _Rows():
            yield from self._rows()
        yield Static("", id="help", markup=False)
        with Horizontal(id="buttons"):
            yield Button(_("Cancel"), id="cancel", compact=True)
            yield Button(_("Save"), id="save", compact=True)
        yield KeyNote(
            (key("save_account"), _("save")),
            ("↑↓ tab", _("next field")),
            (key("close"), _("back, nothing is changed")),
            classes="note",
        )

    def _rows(self) -> Iterator[FieldRow]:
        account, preset, provider = self._account, self._preset, self._provider
        if preset is not None:
            name = FieldInput(preset.name, placeholder=_("such as {name}").format(name="studio"))
            yield FieldRow("name", _("Name"), name, help=_(_NAME_HELP), required=True)
        url = account.base_url if account else preset.base_url if preset else ""
        known = list(provider.base_urls.values())
        address = FieldInput(url, placeholder="https://…", title=_("Address"), suggestions=known)
        yield FieldRow("base_url", _("Address"), address, help=_(_URL_HELP), required=True)
        for spec in provider.credentials:
            kept = account.credentials.get(spec.key) if account else None
            words = _("stays as it is unless you type another") if kept else _("typed unseen, or env:NAME")
            where = _("now: {source}").format(source=kept) if kept else ""
            help = joined((_(spec.help), _(_KEPT_HELP)))
            control = SecretInput(placeholder=words)
            yield FieldRow(spec.key, _(spec.title), control, help=help, standing=where)
        limit = provider.limits.concurrency
        own = self._edition.concurrency.get(account.name) if account else None
        slots = FieldInput(str(own or ""), placeholder=_("{limit} if not set").format(limit=limit))
        yield FieldRow("limits.concurrency", _("At a time"), slots, help=_(_CONCURRENCY_HELP))
        given = self._edition.options.get(account.name, {}) if account else {}
        for option in provider.options:
            yield _option_row(option, given.get(option.key, ""))

    def on_mount(self) -> None:
        self._check()
        rows = list(self.query(FieldRow))
        # What a preset cannot know is asked for first.
        first = next((row for row in rows if not row.text and row.has_issue), rows[0])
        first.field.focus()

    def _entry(self) -> AccountEntry:
        from backend.account_book import AccountEntry

        texts = {row.field_name: row.text.strip() for row in self.query(FieldRow)}
        return AccountEntry(
            name=self._account.name if self._account else texts["name"],
            provider=self._provider.name,
            base_url=texts["base_url"],
            credentials={spec.key: texts[spec.key] for spec in self._provider.credentials},
            options={option.key: texts[_OPTIONS + option.key] for option in self._provider.options},
            concurrency=texts["limits.concurrency"],
        )

    @on(FieldRow.Edited)
    def _check(self) -> None:
        self._show(self._book.check(self._edition, self._entry(), new=self._account is None))

    def _show(self, issues: Iterable[Issue]) -> list[FieldRow]:
        """Show what is wrong, each at its field; return the fields."""
        issues = list(issues)
        rows = list(self.query(FieldRow))
        for row in rows:
            row.show([issue for issue in issues if issue.field == row.field_name], ())
        names = {row.field_name for row in rows}
        if others := [issue for issue in issues if issue.field not in names]:
            self._say("; ".join(map(str, others)))
        return [row for row in rows if row.has_issue]

    def _say(self, words: str) -> None:
        self.query_one("#help", Static).update(clean_line(words))

    @on(DescendantFocus)
    def _explain(self, event: DescendantFocus) -> None:
        row = event.widget.parent
        self._say(row.help_line if isinstance(row, FieldRow) else "")

    @on(Button.Pressed)
    def _press(self, event: Button.Pressed) -> None:
        if event.button.id == "save":
            self.action_save()
        else:
            self.dismiss(None)

    def action_save(self) -> None:
        """Put the secrets away and change the configuration, or show what is wrong."""
        if not self._saving:
            self._saving = True
            self._save(self._entry())

    @work(group="account save", exit_on_error=False)
    async def _save(self, entry: AccountEntry) -> None:
        new = self._account is None
        try:
            await asyncio.to_thread(self._book.save, self._edition, entry, new=new)
        except RequestError as error:
            wrong = self._show(error.issues)
            for row in wrong:
                row.reveal()
            if wrong:
                wrong[0].field.focus()
        except ReeltopError as error:
            self._say(str(error))
        except OSError as error:
            words = _("{path}: {reason}; nothing was changed")
            self._say(words.format(path=self._book.path, reason=error.strerror))
        else:
            self.dismiss(entry.name)
        finally:
            self._saving = False


def _option_row(option: OptionSpec, given: object) -> FieldRow:
    text = ", ".join(map(str, given)) if isinstance(given, list) else str(given)
    control: Chooser | FieldInput
    if option.choices and not option.many:
        choices = [Choice(choice, choice) for choice in option.choices]
        control = Chooser(choices, value=text, title=_(option.title), unset=_("not set"))
    else:
        control = FieldInput(
            text, placeholder=_("not set; commas between several") if option.many else _("not set")
        )
    return FieldRow(_OPTIONS + option.key, _(option.title), control, help=_(option.help))
