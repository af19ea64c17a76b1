"""Everything a user can do, with the keys it has unless the user says otherwise."""

from __future__ import annotations

from backend.language import N_
from tui.action import Action, Group, Scope
from tui.action_table_boxes import BOXES


def _task(id: str, keys: str, title: str, help: str, hint: str = "") -> Action:
    return Action(id, keys, title, help, Group.TASKS, Scope.TASK, f"task('{id}')", hint)


def _builder(
    id: str, keys: str, call: str, title: str, help: str, hint: str = "", *, first: bool = False
) -> Action:
    return Action(id, keys, title, help, Group.BUILDER, Scope.BUILDER, call, hint, first)


def _find(id: str, keys: str, call: str, title: str, help: str, hint: str = "") -> Action:
    return Action(id, keys, title, help, Group.FIND, Scope.DASHBOARD, call, hint)


def _many(id: str, keys: str, title: str, help: str, hint: str = "") -> Action:
    return Action(id, keys, title, help, Group.MANY, Scope.DASHBOARD, f"many('{id}')", hint)


def _mark(id: str, keys: str, call: str, title: str, help: str, hint: str = "") -> Action:
    return Action(id, keys, title, help, Group.MANY, Scope.DASHBOARD, call, hint)


def _account(id: str, keys: str, title: str, help: str, hint: str) -> Action:
    return Action(id, keys, title, help, Group.ACCOUNTS, Scope.ACCOUNTS, id.removesuffix("_account"), hint)


def _file(id: str, keys: str, title: str, help: str) -> Action:
    return Action(id, keys, title, help, Group.BUILDER, Scope.FILES, id.removesuffix("_files"), first=True)


def _form(id: str, keys: str, title: str, help: str) -> Action:
    return Action(id, keys, title, help, Group.BUILDER, Scope.FORM, "")


DEFAULTS: tuple[Action, ...] = (
    Action(
        "new",
        "m,ctrl+n",
        N_("New request"),
        N_("Make a request and send it."),
        Group.TASKS,
        Scope.DASHBOARD,
        "new",
        N_("new"),
    ),
    Action(
        "open",
        "enter",
        N_("Open the task"),
        N_("Everything about it, on the whole screen."),
        Group.TASKS,
        Scope.DASHBOARD,
        "open",
        N_("open"),
    ),
    _task(
        "resend",
        "R",
        N_("Send again"),
        N_("An unconfirmed one, knowing that it may be paid twice."),
        N_("resend"),
    ),
    _task(
        "resume",
        "w",
        N_("Watch again"),
        N_("Ask the provider again about a task that is no longer watched."),
        N_("watch"),
    ),
    _task(
        "retry",
        "r",
        N_("Ask again now"),
        N_("Try at once what waits for an account or a provider to recover."),
        N_("retry"),
    ),
    _task(
        "download",
        "d",
        N_("Download now"),
        N_("Fetch the result without waiting for the next try."),
        N_("download"),
    ),
    _task(
        "delete",
        "delete",
        N_("Delete the film at the provider"),
        N_("Where it offers that; asks first, because nothing brings it back. What is saved here stays."),
    ),
    _task(
        "view",
        "v",
        N_("Play the clip"),
        N_("Here in the terminal; space holds it, any other key ends it. Needs reeltop[preview]."),
        N_("view"),
    ),
    _task(
        "compare",
        "equals_sign",
        N_("Compare two tasks"),
        N_("Press it on one and then on another: their clips side by side, and what differs."),
        "",
    ),
    _task(
        "open_file",
        "o",
        N_("Open the file"),
        N_("With this desktop's own program; over SSH, y offers an scp line instead."),
        N_("open file"),
    ),
    _task(
        "copy",
        "y",
        N_("Copy"),
        N_("Id, link, path, scp line, prompt, the provider's words, or the request."),
        N_("copy"),
    ),
    _task(
        "duplicate",
        "c",
        N_("Use as a new request"),
        N_("Open the builder with this task's fields; also the way to retry a failed one."),
        N_("clone"),
    ),
    _task(
        "edit",
        "i",
        N_("Change the request"),
        N_("Of a task that still waits to be sent; it keeps its place in the queue."),
    ),
    _task(
        "stop",
        "s",
        N_("Stop watching, or withdraw"),
        N_("Withdraw what was not sent; of the rest, only stop watching: providers know no cancel."),
        N_("stop"),
    ),
    _task(
        "log",
        "l",
        N_("Its requests"),
        N_("What was asked of the provider about this task, and what came of it."),
    ),
    _find(
        "filter",
        "slash",
        "filter",
        N_("Filter"),
        N_("Words, status:failed, age<2h; tab completes, f1 explains."),
        N_("filter"),
    ),
    _find(
        "match",
        "n",
        "match(1)",
        N_("Next match"),
        N_("Of the last filter, also when it is taken away: a task among its neighbours."),
    ),
    _find("match_before", "N", "match(-1)", N_("Match before"), N_("The other way round.")),
    _find(
        "views",
        "right_square_bracket",
        "next_view(1)",
        N_("Next view"),
        N_("All, running, needs attention, done, your own, each account."),
        N_("views"),
    ),
    _find(
        "views_back", "left_square_bracket", "next_view(-1)", N_("View before"), N_("The other way round.")
    ),
    Action(
        "view_number",
        "1,2,3,4,5,6,7,8,9",
        N_("View by its number"),
        N_("From the left."),
        Group.FIND,
        Scope.TABLE,
        "",
    ),
    _find(
        "problems_only", "E", "problems_only", N_("Problems only"), N_("Or all again."), N_("problems only")
    ),
    _find(
        "failures",
        "F",
        "failures",
        N_("Why tasks fail"),
        N_("What failed alike, or is in the same trouble, with how many tasks; enter shows those."),
    ),
    _find(
        "sort", "S", "sort", N_("Sort"), N_("By any field; chosen again, the other way round."), N_("sort")
    ),
    _find(
        "turn_sort", "I", "turn_sort", N_("Turn the order round"), N_("The greatest first, or the smallest.")
    ),
    _find("by_batch", "b", "by_batch", N_("By batch"), N_("Tasks of a batch together, or not.")),
    _find("columns", "C", "columns", N_("Columns"), N_("Choose them and their order.")),
    _find("wide", "W", "wide", N_("All columns"), N_("All that have room, or those chosen.")),
    _mark(
        "mark",
        "space",
        "mark",
        N_("Mark"),
        N_("And go on; the keys of tasks then mean all that is marked."),
        N_("mark"),
    ),
    _mark("mark_range", "V", "mark_range", N_("Mark up to here"), N_("From the task marked last.")),
    _mark("mark_shown", "plus", "mark_shown", N_("Mark all shown"), N_("With a filter: all that fit.")),
    _mark("invert_marks", "asterisk", "invert_marks", N_("Invert the marks"), N_("Of the tasks shown.")),
    _mark("clear_marks", "minus", "clear_marks", N_("No marks"), N_("Takes all away.")),
    _many("tag", "t", N_("Tags"), N_("ad gives a tag, -ad takes it away."), N_("tag")),
    _many("note", "T", N_("Note"), N_("Your own words; has:note and note: find them.")),
    _many("again", "M", N_("Make again"), N_("The same requests as new tasks, asked about with their cost.")),
    _many("archive", "A", N_("Archive"), N_("What has ended: out of the way, never lost.")),
    _many("export", "X", N_("Export"), N_("As JSON, a task a line, into a new file.")),
    _mark(
        "fix",
        "x",
        "fix",
        N_("Next step"),
        N_("Of a task that needs you: accounts, download, watch or send again."),
    ),
    _mark("undo", "u", "undo", N_("Undo"), N_("Tags, notes, marks, archiving, and stopping.")),
    Action(
        "problem",
        "e,right_parenthesis",
        N_("Next problem"),
        N_("Jump to the next task that failed, is unconfirmed, lost or in trouble."),
        Group.VIEW,
        Scope.DASHBOARD,
        "problem(1)",
        N_("problem"),
    ),
    Action(
        "problem_before",
        "left_parenthesis",
        N_("Problem before"),
        N_("The other way round."),
        Group.VIEW,
        Scope.DASHBOARD,
        "problem(-1)",
    ),
    Action(
        "follow",
        "g",
        N_("Follow the newest"),
        N_("Go to the top and stay with what comes in, until the cursor is moved."),
        Group.VIEW,
        Scope.DASHBOARD,
        "follow",
        N_("newest"),
    ),
    Action(
        "pane",
        "p",
        N_("Detail pane on or off"),
        N_("Beside the table on wide terminals, below it on others."),
        Group.VIEW,
        Scope.DASHBOARD,
        "pane",
        N_("pane"),
    ),
    Action(
        "scroll_down",
        "ctrl+d",
        N_("Scroll the detail down"),
        N_("Half a page, from wherever the cursor is."),
        Group.VIEW,
        Scope.TASK,
        "scroll_detail(1)",
    ),
    Action(
        "scroll_up",
        "ctrl+u",
        N_("Scroll the detail up"),
        N_("Half a page, from wherever the cursor is."),
        Group.VIEW,
        Scope.TASK,
        "scroll_detail(-1)",
    ),
    Action("move", "up,down,k,j", N_("Move"), N_("One task up or down."), Group.VIEW, Scope.TABLE, ""),
    Action(
        "page",
        "pageup,pagedown,ctrl+b,ctrl+f",
        N_("Move by pages"),
        N_("A page up or down."),
        Group.VIEW,
        Scope.TABLE,
        "",
    ),
    Action(
        "ends",
        "home,end,G",
        N_("First or last"),
        N_("The newest or the oldest task."),
        Group.VIEW,
        Scope.TABLE,
        "",
    ),
    Action(
        "focus",
        "tab",
        N_("Table or detail"),
        N_("Move the focus, to scroll with the arrows."),
        Group.VIEW,
        Scope.TABLE,
        "",
    ),
    Action(
        "back",
        "escape",
        N_("Back"),
        N_("Close what is open on top."),
        Group.VIEW,
        Scope.TASK,
        "back",
        N_("back"),
    ),
    _builder(
        "submit",
        "ctrl+s,f5",
        "submit",
        N_("Submit"),
        N_("Asks first, with the cost."),
        N_("submit"),
        first=True,
    ),
    _builder(
        "request",
        "f2,ctrl+r",
        "preview",
        N_("Request on or off"),
        N_("What exactly would be sent."),
        N_("request"),
    ),
    _builder("curl", "f3", "turn", N_("Request as curl or HTTP"), N_("Change between the two."), N_("curl")),
    _builder(
        "editor",
        "f4,ctrl+e",
        "edit",
        N_("Edit the text in $EDITOR"),
        N_("The focused text, or else the prompt."),
        N_("editor"),
    ),
    _builder(
        "files",
        "f6,ctrl+b",
        "files",
        N_("Choose a picture file"),
        N_("For the focused field, or the first that takes one."),
        N_("files"),
        first=True,
    ),
    _builder(
        "former",
        "f7",
        "former",
        N_("Former values"),
        N_("What the focused field, or else the prompt, held before, found by words."),
        N_("former"),
        first=True,
    ),
    _builder("clear", "ctrl+n", "clear", N_("Clear the form"), N_("Nothing is lost: ^z."), N_("clear")),
    _builder(
        "copy_request",
        "f8",
        "copy_request",
        N_("Copy the request"),
        N_("As it is shown: HTTP or curl."),
        N_("copy"),
    ),
    _builder(
        "paste",
        "f9",
        "paste_request",
        N_("Fill from curl or JSON"),
        N_("Paste a command or a body; its headers are not kept."),
        N_("paste curl"),
    ),
    _builder(
        "several",
        "ctrl+t",
        "several",
        N_("To several accounts"),
        N_("Choose among those that can take it, with what each costs."),
        N_("several"),
    ),
    _builder(
        "library",
        "ctrl+o",
        "library",
        N_("Templates and former requests"),
        N_("Find one by words, to fill the form with."),
        N_("templates"),
    ),
    _builder(
        "save_template",
        "f12",
        "save_template",
        N_("Save as a template"),
        N_("A TOML file beside the configuration."),
    ),
    _builder("restore", "ctrl+z", "restore", N_("Undo"), N_("In a text, else bring back what was cleared.")),
    _file("hidden_files", "f2,ctrl+t", N_("Hidden files"), N_("While a file is chosen: show them, or not.")),
    _file(
        "all_files",
        "f3,ctrl+o",
        N_("All files"),
        N_("While a file is chosen: those that are no pictures, too."),
    ),
    _file("newest_files", "f4,ctrl+r", N_("Newest first"), N_("While a file is chosen: or by name again.")),
    _form("fields", "up,down,tab", N_("Move"), N_("One field up or down.")),
    _form(
        "groups",
        "pageup,pagedown",
        N_("Move by groups"),
        N_("To the next title; enter folds and unfolds it."),
    ),
    _form("choose", "left,right,enter", N_("Choose"), N_("Step through the choices, or list them all.")),
    _form("on_request", "c,y,v", N_("On the request"), N_("As curl or HTTP, copy, show as plain text.")),
    _builder(
        "leave",
        "escape,q",
        "leave",
        N_("Back"),
        N_("What is typed is kept as a draft."),
        N_("back, draft kept"),
    ),
    _account(
        "test_account",
        "t",
        N_("Test it"),
        N_("A free call that proves the credential, or says why not."),
        N_("test"),
    ),
    _account(
        "pause_account",
        "p",
        N_("Pause it, or go on"),
        N_("What waits is held; what was sent is watched."),
        N_("pause"),
    ),
    _account(
        "add_account",
        "n",
        N_("Add one"),
        N_("From presets; the key goes into the keyring or a file."),
        N_("new"),
    ),
    _account("edit_account", "e,enter", N_("Change it"), N_("Address, key, limits, options."), N_("edit")),
    _account(
        "disable_account",
        "d",
        N_("Disable or enable it"),
        N_("Nothing is sent, asked or fetched; tasks stay."),
        N_("disable"),
    ),
    _account("remove_account", "x,delete", N_("Remove it"), N_("Asks first; its tasks stay."), N_("remove")),
    Action(
        "save_account",
        "ctrl+s,f5",
        N_("Save the account"),
        N_("Or show what is wrong, each at its field."),
        Group.ACCOUNTS,
        Scope.ACCOUNT_FORM,
        "save",
        N_("save"),
        first=True,
    ),
    Action(
        "accounts",
        "a",
        N_("Accounts"),
        N_("State and limits; add, change, test, pause, disable, remove."),
        Group.PROGRAM,
        Scope.TASK,
        "app.accounts",
        N_("accounts"),
    ),
    Action(
        "requests",
        "L",
        N_("All requests"),
        N_("What was asked of the providers: status, time, bytes; / finds words in it."),
        Group.PROGRAM,
        Scope.TASK,
        "app.requests",
    ),
    Action(
        "jump",
        "ctrl+g",
        N_("Go to any place"),
        N_("A letter appears at each; it goes there."),
        Group.PROGRAM,
        Scope.APP,
        "app.jump",
    ),
    Action(
        "help",
        "question_mark,f1",
        N_("Help"),
        N_("This list."),
        Group.PROGRAM,
        Scope.APP,
        "app.help",
        N_("help"),
    ),
    Action(
        "palette",
        "ctrl+p,colon",
        N_("Command palette"),
        N_("Find any action by its name."),
        Group.PROGRAM,
        Scope.APP,
        "app.command_palette",
        N_("commands"),
    ),
    Action(
        "redraw",
        "ctrl+l",
        N_("Draw the screen anew"),
        N_("If something else wrote over it."),
        Group.PROGRAM,
        Scope.APP,
        "app.redraw",
    ),
    Action(
        "suspend",
        "ctrl+z",
        N_("Back to the shell for a while"),
        N_("As a stopped job: nothing is sent, asked or fetched until fg brings it back."),
        Group.PROGRAM,
        Scope.TASK,
        "app.suspend",
    ),
    Action(
        "quit",
        "q,ctrl+q",
        N_("Quit"),
        N_("Asks first if that would stop something."),
        Group.PROGRAM,
        Scope.TASK,
        "app.quit",
        N_("quit"),
    ),
    *BOXES,
)
