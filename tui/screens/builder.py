"""The request builder: account, operation, fields, and what they would send."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Static

from backend.errors import Issue, ReeltopError, RequestError, UsageError
from backend.language import _
from backend.providers.fields import Role
from backend.service import Draft, Prepared
from backend.text import clean_line
from tui.action import Scope
from tui.actions import BY_ID
from tui.editor import EditorError, edit_text
from tui.screens.builder_blanks import blank_words, with_blanks
from tui.screens.builder_delays import Delays
from tui.screens.builder_draft import Carrier
from tui.screens.builder_many import BuilderMany
from tui.screens.builder_target import Target, account_choices, nearest, operation_choices
from tui.screens.builder_words import BINDINGS, findings, hints, place, submit_question
from tui.screens.confirm import ConfirmScreen
from tui.screens.preview import PreviewPane, PreviewScreen, copy_request
from tui.widgets.field_chooser import Chooser
from tui.widgets.field_inputs import FieldArea
from tui.widgets.field_row import FieldRow, marked
from tui.widgets.header_bar import HeaderBar
from tui.widgets.request_form import RequestForm
from tui.widgets.status_bar import StatusBar

if TYPE_CHECKING:
    from backend.service import Service

_TOLD = (Role.MODEL, Role.SCENE, Role.QUALITY, Role.RESOLUTION, Role.DURATION, Role.SOUND)
"""What a person wants to see once more before paying."""
WIDTHS = [(0, "-narrow"), (120, "-wide")]
HEIGHTS = [(0, "-short"), (20, "-high")]
CHECK_AFTER = 0.15
SWITCH_AFTER = 0.15
"""Seconds of rest before the work that typing and choosing cause."""


class SubmitButton(Button):
    """Shows the focus without colour, too."""

    def __init__(self, *, id: str) -> None:
        super().__init__(f"  {_('Submit')}", id=id, compact=True)
        self.help_line = _(BY_ID["submit"].help)

    def watch_has_focus(self, has_focus: bool) -> None:
        super().watch_has_focus(has_focus)
        self.label = f"{'›' if has_focus else ' '} {_('Submit')}"


class BuilderScreen(BuilderMany):
    """Returns the id of the task that was submitted, or None. What is typed survives either way."""

    CSS_PATH = "builder.tcss"
    AUTO_FOCUS = None
    SCOPES = (Scope.BUILDER,)
    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS
    BINDINGS: ClassVar[list[BindingType]] = [*BINDINGS]

    def __init__(self, service: Service, given: Sequence[Draft] = ()) -> None:
        """The drafts that are `given` come behind those that were kept. One that names a task, to change its
        request, comes alone."""
        super().__init__(given)
        self._service = service
        self._carrier = Carrier({})
        self._target: Target | None = None
        self._prepared = Prepared()
        self._delays = Delays(self)
        self._message: Content | None = None
        self._status = Content("")
        self._submitting = False

    def compose(self) -> ComposeResult:
        yield HeaderBar(self._service, self.heading)
        with Vertical(id="what"):
            yield FieldRow("account", _("Account"), Chooser((), title=_("Account")))
            yield FieldRow("operation", _("Operation"), Chooser((), title=_("Operation")))
        with Horizontal(id="work"):
            yield RequestForm(id="form")
            yield PreviewPane(self._service.media)
        yield Static(markup=False, id="help")
        with Horizontal(id="bottom"):
            yield Static(markup=False, id="status")
            yield SubmitButton(id="submit")
        yield StatusBar(*hints())

    @property
    def form(self) -> RequestForm:
        return self.query_one(RequestForm)

    @property
    def pane(self) -> PreviewPane:
        return self.query_one(PreviewPane)

    @property
    def draft(self) -> Draft:
        """What is typed now, and what was put aside."""
        if self._target is None:
            return self.here.keeper.newest if self._drafts else Draft()
        draft = self._target.draft({**self._carrier.aside, **self.form.texts})
        return replace(draft, task=self._editing)

    # -- starting, switching ------------------------------------------------------------------------------

    async def on_mount(self) -> None:
        self._account_row, self._operation_row = self.query("#what FieldRow").results(FieldRow)
        await self.open_drafts()

    async def start(self, draft: Draft) -> None:
        """Fill the form with a draft."""
        self._delays.stop("switch")
        self._message = None
        target = nearest(self._service, draft.account, draft.operation)
        if target is None:
            self._say(_("There is no account yet: reeltop accounts --help says how to add one."), bad=True)
            return
        self._carrier = Carrier(draft.texts)
        self._offer_accounts(target)
        await self._show(target, draft)
        if draft.account and draft.account != target.account.name:
            words = _("The draft's account, {account}, is no longer configured.")
            self._say(words.format(account=draft.account), bad=True)
        self.form.focus_start()

    def _offer_accounts(self, target: Target) -> None:
        choices = account_choices(self._service)
        if self._editing:
            choices = [choice for choice in choices if choice.value == target.account.name]
        self._account_row.offer(choices, target.account.name)

    async def _show(self, target: Target, draft: Draft) -> None:
        self._target = target
        account, operation = target.account, target.operation
        choices = operation_choices(self._service, account)
        if self._editing:
            choices = [choice for choice in choices if choice.value == operation.name]
        self._operation_row.offer(choices, operation.name)
        self._operation_row.help_line = clean_line(f"{_(operation.summary)} · {_(operation.source)}")
        self._account_row.help_line = clean_line(f"{place(account)} · {_('enter lists all accounts')}")
        if self.focused is not None:
            self._show_help(self.focused)
        found = self._service.prepare(target.draft(draft.texts))
        await self.form.load(operation.model, draft.texts, found.issues, found.idle)
        self._check()
        self.suggest_former()

    @on(FieldRow.Edited)
    def _chosen(self, event: FieldRow.Edited) -> None:
        """An account or an operation was chosen; the form keeps its own messages."""
        self._message = None
        if event.row is self._account_row:
            target = nearest(self._service, event.text, self._operation_row.text)
            if target is not None:
                choices = operation_choices(self._service, target.account)
                self._operation_row.offer(choices, target.operation.name)
        self._delays.start("switch", SWITCH_AFTER, self._switch)

    async def _switch(self) -> None:
        """Make the form that is chosen, with what was typed so far."""
        self._delays.stop("switch")
        before = self._target
        after = nearest(self._service, self._account_row.text, self._operation_row.text)
        if before is None or after is None:
            return
        texts = self.form.texts
        if before.key != after.key:
            self._carrier.leave(before.key, before.specs, texts)
            texts = self._carrier.enter(after.key, after.specs)
            await self._show(after, after.draft(texts))
        else:
            self._target = after
            self._check()
        self._keep()

    # -- checking, keeping --------------------------------------------------------------------------------

    @on(RequestForm.Edited)
    def _typed(self) -> None:
        self._message = None
        self._delays.start("check", CHECK_AFTER, self._check)
        self._keep()

    def _check(self) -> None:
        self._delays.stop("check")
        if self._target is None:
            return
        try:
            texts = self.form.texts
            prepared = self._service.prepare(self._target.draft(texts))
            # A task cannot become many.
            self._prepared = prepared if self._editing else with_blanks(prepared, texts)
        except UsageError as error:
            self._say(str(error), bad=True)
        else:
            self._show_findings(self._target.account.problem)

    def _show_findings(self, problem: str = "") -> None:
        found = self._prepared
        homeless = self.form.show(found.issues, found.warnings, found.idle)
        self._account_row.show([Issue("", problem)] if problem else [], ())
        self.pane.show(self._prepared, self.form.pictures(self._prepared.request))
        if homeless and self._message is None:
            self._message = marked(homeless[0])
        self._draw_status()

    def _draw_status(self) -> None:
        prepared, form = self._prepared, self.form
        wrong, doubtful = form.titles(prepared.issues), form.titles(prepared.warnings)
        line = self._message or findings(prepared, wrong, doubtful)
        if self._message is None and not prepared.issues and not self._editing and (blanks := self.blanks):
            line = blank_words(blanks)
        if line != self._status:
            self._status = line
            self.query_one("#status", Static).update(line, layout=False)

    def _say(self, text: str, *, bad: bool = False) -> None:
        """Show a message until something is typed."""
        self._message = Content.styled(clean_line(text), "$text-error" if bad else "$text-success")
        self._draw_status()

    @property
    def has_message(self) -> bool:
        return self._message is not None

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self._show_help(event.widget)

    def _show_help(self, focused: Widget) -> None:
        for node in (focused, *focused.ancestors):
            if line := getattr(node, "help_line", ""):
                if isinstance(node, FieldRow) and self.takes_file(node.field_name):
                    line += " · " + _("{key}: choose a file").format(key=BY_ID["files"].first_key)
                self.query_one("#help", Static).update(Content(line), layout=False)
                return

    # -- doing --------------------------------------------------------------------------------------------

    @on(Button.Pressed, "#submit")
    def action_submit(self) -> None:
        """Ask, put the task on disk, and leave; or go to the first field that is wrong."""
        if not self._submitting and self._target is not None:
            self._submitting = True
            self._submit()

    @work(group="submit", exit_on_error=False)
    async def _submit(self) -> None:
        try:
            await self._ask_and_submit()
        except RequestError as error:
            self._prepared = replace(self._prepared, issues=error.issues)
            self._show_findings()
            await self.form.focus_first_bad()
        except (ReeltopError, OSError) as error:
            self._say(_("Not submitted: {reason}").format(reason=error), bad=True)
        finally:
            self._submitting = False

    async def settle(self) -> None:
        """Do now what waits for the user to rest."""
        await self.catch_up()
        self._message = None
        self._check()

    async def catch_up(self) -> None:
        if self._delays.stop("switch"):
            await self._switch()

    async def _ask_and_submit(self) -> None:
        await self.settle()
        target, prepared = self._target, self._prepared
        if target is not None and not prepared.issues and not self._editing and self.blanks:
            await self.send_many([target.draft(self.form.texts)])
            return
        if target is None or prepared.request is None or prepared.issues:
            await self.form.focus_first_bad()
            return
        sent = prepared.request.values()
        settings, prompt = self.form.told(sent, _TOLD), self.form.told(sent, (Role.PROMPT,))
        if self._editing:
            if await self.send_change(target, prepared, settings, prompt):
                self._delays.stop("save")
                self.app.say(_("The waiting request is changed; nothing else was sent"))
                self.leave(self._editing)
            return
        question = submit_question(target.account, target.operation, prepared, settings, prompt)
        if not await self.app.push_screen_wait(ConfirmScreen(question, is_sandbox=target.account.sandbox)):
            self._say(_("Not submitted; everything is still here."))
            return
        task = await self._service.submit(target.account.name, target.operation.name, prepared.request)
        await self.leave_with(task.id)

    def action_preview(self) -> None:
        """Show or hide the request: beside the form if there is room, else over it."""
        if self.has_class("-wide"):
            self.toggle_class("-no-preview")
        else:
            self._check()
            screen = PreviewScreen(
                self._prepared,
                self.form.pictures(self._prepared.request),
                self._service.media,
                curl=self.pane.curl,
                is_sandbox=self._service.is_sandbox,
            )
            self.app.push_screen(screen)

    def action_turn(self) -> None:
        """Change the preview between HTTP and curl."""
        self.pane.turn()
        if not self.pane.display:
            self.action_preview()

    def action_copy_request(self) -> None:
        """Copy the request as the preview shows it."""
        self._check()
        by_hand = _("tab to the request, then v")
        if not self.pane.display:
            by_hand = _("{key}, then v").format(key=BY_ID["request"].first_key)
        copy_request(self.pane, by_hand)

    def action_all_fields(self) -> None:
        """Show the fields that are of no use now, too, or leave them out again."""
        if not self.form.turn_idle():
            self._say(_("All fields are shown: each of them is of use here."))

    @work(group="editor", exclusive=True, exit_on_error=False)
    async def action_edit(self) -> None:
        """Edit the focused text, or the prompt, in the user's editor."""
        area = self.focused if isinstance(self.focused, FieldArea) else self.form.prompt_area()
        if area is None:
            return
        try:
            text = await edit_text(self.app, area.text, suffix=area.editor_suffix)
        except (EditorError, OSError) as error:
            self._say(str(error), bad=True)
            return
        if text != area.text:
            area.take(text)
        area.focus()
