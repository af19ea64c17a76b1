"""What can be done in questions, lists and texts, and on the screens beside the dashboard; the usual keys."""

from __future__ import annotations

from backend.language import N_
from tui.action import Action, Group, Scope


def _box(
    id: str, keys: str, scope: Scope, call: str, title: str, help: str, *, first: bool = False
) -> Action:
    return Action(id, keys, title, help, Group.BOXES, scope, call, first=first)


BOXES: tuple[Action, ...] = (
    _box("close", "escape", Scope.BOX, "cancel", N_("Close"), N_("Leaves all as it was.")),
    _box("close_list", "q", Scope.LIST, "cancel", N_("Close"), N_("Where nothing is written.")),
    _box("yes", "y", Scope.QUESTION, "answer(True)", N_("Yes"), N_("Does what the question is about.")),
    _box("no", "n", Scope.QUESTION, "answer(False)", N_("No"), N_("Does nothing.")),
    _box(
        "buttons",
        "left,right,up,down,enter",
        Scope.QUESTION,
        "",
        N_("The other answer"),
        N_("enter gives the one that is lit."),
    ),
    _box(
        "keep",
        "ctrl+s,f5",
        Scope.WRITING,
        "keep",
        N_("Keep the text"),
        N_("On one line, enter does so too."),
        first=True,
    ),
    _box("switch", "space", Scope.CHOOSING, "switch", N_("Choose it, or not"), N_("In lists of choices.")),
    _box("all_accounts", "a", Scope.SEVERAL, "all", N_("All accounts"), N_("Or none of them.")),
    _box("usual_columns", "r", Scope.COLUMNS, "reset", N_("The usual columns"), N_("In the usual order.")),
    _box("column_down", "J", Scope.COLUMNS, "move(1)", N_("Column further down"), N_("To the right.")),
    _box("column_up", "K", Scope.COLUMNS, "move(-1)", N_("Column further up"), N_("To the left.")),
    _box(
        "as_text",
        "v",
        Scope.COPYING,
        "view",
        N_("Show as plain text"),
        N_("To be selected by hand, where the clipboard is out of reach."),
    ),
    _box(
        "letters",
        "i,r,l,p,s,f,w,t,o,u,a",
        Scope.COPYING,
        "",
        N_("Copy that one"),
        N_("By the letter before it."),
    ),
    _box(
        "complete", "tab", Scope.FILTER, "complete", N_("Complete"), N_("With what is lit below the filter.")
    ),
    _box(
        "candidate", "down,ctrl+n", Scope.FILTER, "choose(1)", N_("Next way to go on"), N_("Of those below.")
    ),
    _box(
        "earlier",
        "up",
        Scope.FILTER,
        "choose(-1)",
        N_("Earlier filters"),
        N_("Back through those that were kept."),
    ),
    _box("give_up", "escape", Scope.FILTER, "give_up", N_("As before"), N_("The filter that was there.")),
    _box("explain", "f1", Scope.FILTER, "explain", N_("What a filter can say"), N_("The whole language.")),
    _box(
        "find",
        "slash",
        Scope.TEXT,
        "focused.find",
        N_("Find in a text"),
        N_("In the detail, this help and other texts; enter keeps the words."),
    ),
    _box("find_next", "n", Scope.TEXT, "focused.find_step(1)", N_("Next match"), N_("And round again.")),
    _box(
        "find_before",
        "N",
        Scope.TEXT,
        "focused.find_step(-1)",
        N_("Match before"),
        N_("The other way round."),
    ),
    _box(
        "find_end",
        "escape",
        Scope.TEXT,
        "focused.find_end",
        N_("End finding"),
        N_("Where it has led, one stays."),
    ),
    _box("find_on", "down", Scope.FINDING, "step(1)", N_("Next match"), N_("While the words are typed.")),
    _box("find_back", "up", Scope.FINDING, "step(-1)", N_("Match before"), N_("While the words are typed.")),
    _box("find_give_up", "escape", Scope.FINDING, "give_up", N_("As before"), N_("Back to where one was.")),
    _box(
        "log_filter", "slash", Scope.LOG, "filter", N_("Filter the requests"), N_("By words; -word without.")
    ),
    _box(
        "log_match",
        "n",
        Scope.LOG,
        "match(1)",
        N_("Next request that fits"),
        N_("The last filter, also when it is taken away."),
    ),
    _box("log_match_before", "N", Scope.LOG, "match(-1)", N_("The one before"), N_("The other way round.")),
    _box("log_follow", "f", Scope.LOG, "follow", N_("Follow the newest"), N_("Request that was made.")),
    _box(
        "log_save",
        "ctrl+s,s",
        Scope.LOG,
        "save",
        N_("Save what is shown"),
        N_("The requests that fit the filter, as JSON, in the downloads folder."),
    ),
    _box("log_back", "escape", Scope.LOG, "back", N_("Back"), N_("Or first take the filter away.")),
    _box("log_leave", "q", Scope.LOG, "leave", N_("Leave"), N_("Whatever the filter.")),
    _box("play_both", "space", Scope.COMPARING, "play", N_("Play both"), N_("Or hold both.")),
)
