"""Values for the variables of a draft, one a line, and how many tasks they make."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static, TextArea

from backend.batches.drafts import DraftPlan, values_in
from backend.batches.sheet import BatchError
from backend.errors import ReeltopError
from backend.language import _, ngettext
from backend.service import Draft
from backend.text import clean_line
from tui.actions import also, key
from tui.screens.dialog import Dialog
from tui.widgets.field_inputs import FieldArea, FieldInput
from tui.widgets.key_note import KeyNote

if TYPE_CHECKING:
    from backend.service import Service

_MOST_TOLD = 3


class ValuesScreen(Dialog[DraftPlan | None]):
    """Returns the plan of all tasks, checked. `keep` hears of every change, so that nothing typed is lost."""

    BINDINGS: ClassVar[list[BindingType]] = [also("keep", "check")]

    def __init__(
        self,
        service: Service,
        drafts: Sequence[Draft],
        texts: Mapping[str, str],
        keep: Callable[[Mapping[str, str]], None],
        *,
        is_sandbox: bool,
    ) -> None:
        """`texts` are the values typed before, by variable."""
        super().__init__(_("Values, one a line"), is_sandbox=is_sandbox)
        self.add_class("-tall")
        self._service = service
        self._drafts = tuple(drafts)
        self._texts = dict(texts)
        self._keep = keep

    def compose_box(self) -> ComposeResult:
        with VerticalScroll(can_focus=False):
            for number, (name, text) in enumerate(self._texts.items()):
                yield Static(f"{{{{{name}}}}}", classes="name", markup=False)
                yield FieldArea(text, placeholder=_("one value a line"), editor_suffix=f".{number}.txt")
            yield Static(_("name of the batch"), classes="name", markup=False)
            yield FieldInput("", placeholder=_("builder and the time, if left empty"))
        yield Static(id="found", markup=False)
        yield KeyNote(
            (key("keep"), _("check all, then see what it costs")),
            ("tab", _("next field")),
            (key("close"), _("back")),
        )

    def on_mount(self) -> None:
        self._count()
        self.query(FieldArea).first().focus()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Keep the name above the values in sight."""
        rows = [*self.query_one(VerticalScroll).children]
        if event.widget in rows:
            name = rows[rows.index(event.widget) - 1]
            self.call_after_refresh(name.scroll_visible, animate=False)

    @on(TextArea.Changed)
    def _typed(self) -> None:
        areas = self.query(FieldArea)
        self._texts = {name: area.text for name, area in zip(self._texts, areas, strict=True)}
        self._keep(self._texts)
        self._count()

    @property
    def _values(self) -> dict[str, list[str]]:
        return {name: values_in(text) for name, text in self._texts.items()}

    def _count(self) -> None:
        values = self._values
        count = self._service.draft_batches.count(self._drafts, values)
        factors = [f"{len(each)} {name}" for name, each in values.items()]
        if (accounts := len(self._drafts)) > 1:
            factors.append(ngettext("{count} account", "{count} accounts", accounts).format(count=accounts))
        tasks = ngettext("{count} task", "{count} tasks", count).format(count=f"{count:,}")
        line = f"{' × '.join(factors)} = {tasks}"
        self._say(clean_line(line), "$text-success" if count else "$text-muted")

    def _say(self, words: str, style: str) -> None:
        self.query_one("#found", Static).update(Content.styled(words, style))

    @work(group="check", exclusive=True)
    async def action_check(self) -> None:
        """Check every task that would be made, and go on if nothing is wrong."""
        name = self.query_one(FieldInput).text
        try:
            plan = await self._service.draft_batches.plan(self._drafts, self._values, name)
        except BatchError as error:
            told = [f"✗ {clean_line(str(each))}" for each in error.problems[:_MOST_TOLD]]
            rest = error.count - len(told)
            self._say(
                "\n".join([*told, *([_("and {count} more").format(count=rest)] if rest else [])]),
                "$text-error",
            )
        except (ReeltopError, OSError) as error:
            self._say(f"✗ {clean_line(str(error))}", "$text-error")
        else:
            self.dismiss(plan)
