"""Everything a user can do, with the keys it has unless the user says otherwise."""

from __future__ import annotations

from tui.action import Action, Group, Scope


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


def _form(id: str, keys: str, title: str, help: str) -> Action:
    return Action(id, keys, title, help, Group.BUILDER, Scope.FORM, "")


DEFAULTS: tuple[Action, ...] = (
    Action(
        "new",
        "n",
        "New request",
        "Make a request and send it.",
        Group.TASKS,
        Scope.DASHBOARD,
        "new",
        "new",
    ),
    Action(
        "open",
        "enter",
        "Open the task",
        "Everything about it, on the whole screen.",
        Group.TASKS,
        Scope.DASHBOARD,
        "open",
        "open",
    ),
    _task("resend", "R", "Send again", "An unconfirmed one, knowing that it may be paid twice.", "resend"),
    _task(
        "resume",
        "w",
        "Watch again",
        "Ask the provider again about a task that is no longer watched.",
        "watch",
    ),
    _task(
        "retry",
        "r",
        "Ask again now",
        "Try at once what waits for an account or a provider to recover.",
        "retry",
    ),
    _task("download", "d", "Download now", "Fetch the result without waiting for the next try.", "download"),
    _task(
        "view",
        "v",
        "Play the clip",
        "Here in the terminal; space holds it, any other key ends it. Needs reeltop[preview].",
        "view",
    ),
    _task(
        "compare",
        "equals_sign",
        "Compare two tasks",
        "Press it on one and then on another: their clips side by side, and what differs.",
        "",
    ),
    _task(
        "open_file",
        "o",
        "Open the file",
        "With this desktop's own program; over SSH, y offers an scp line instead.",
        "open file",
    ),
    _task(
        "copy", "y", "Copy", "Id, link, path, scp line, prompt, the provider's words, or the request.", "copy"
    ),
    _task(
        "duplicate",
        "c",
        "Use as a new request",
        "Open the builder with this task's fields; also the way to retry a failed one.",
        "clone",
    ),
    _task(
        "stop",
        "s",
        "Stop watching, or withdraw",
        "Withdraw what was not sent; of the rest, only stop watching: providers know no cancel.",
        "stop",
    ),
    _task("log", "l", "Its requests", "What was asked of the provider about this task, and what came of it."),
    _find(
        "filter",
        "slash",
        "filter",
        "Filter",
        "Words, status:failed, age<2h; tab completes, f1 explains.",
        "filter",
    ),
    _find(
        "views",
        "right_square_bracket",
        "next_view(1)",
        "Next view",
        "All, running, needs attention, done, your own, each account.",
        "views",
    ),
    _find("views_back", "left_square_bracket", "next_view(-1)", "View before", "The other way round."),
    Action(
        "view_number",
        "1,2,3,4,5,6,7,8,9",
        "View by its number",
        "From the left.",
        Group.FIND,
        Scope.TABLE,
        "",
    ),
    _find("problems_only", "E", "problems_only", "Problems only", "Or all again.", "problems only"),
    _find(
        "failures",
        "F",
        "failures",
        "Why tasks fail",
        "What failed alike, or is in the same trouble, with how many tasks; enter shows those.",
    ),
    _find("sort", "S", "sort", "Sort", "By any field; chosen again, the other way round.", "sort"),
    _find("turn_sort", "I", "turn_sort", "Turn the order round", "The greatest first, or the smallest."),
    _find("by_batch", "b", "by_batch", "By batch", "Tasks of a batch together, or not."),
    _find("columns", "C", "columns", "Columns", "Choose them and their order."),
    _find("wide", "W", "wide", "All columns", "All that have room, or those chosen."),
    _mark(
        "mark",
        "space",
        "mark",
        "Mark",
        "And go on; the keys of tasks then mean all that is marked.",
        "mark",
    ),
    _mark("mark_range", "V", "mark_range", "Mark up to here", "From the task marked last."),
    _mark("mark_shown", "plus", "mark_shown", "Mark all shown", "With a filter: all that fit."),
    _mark("invert_marks", "asterisk", "invert_marks", "Invert the marks", "Of the tasks shown."),
    _mark("clear_marks", "minus", "clear_marks", "No marks", "Takes all away."),
    _many("tag", "t", "Tags", "ad gives a tag, -ad takes it away.", "tag"),
    _many("note", "N", "Note", "Your own words; has:note and note: find them."),
    _many("again", "M", "Make again", "The same requests as new tasks, asked about with their cost."),
    _many("archive", "A", "Archive", "What has ended: out of the way, never lost."),
    _many("export", "X", "Export", "As JSON, a task a line, into a new file."),
    _mark(
        "fix",
        "x",
        "fix",
        "Next step",
        "Of a task that needs you: accounts, download, watch or send again.",
    ),
    _mark("undo", "u", "undo", "Undo", "Tags, notes, marks, archiving, and stopping."),
    Action(
        "problem",
        "e",
        "Next problem",
        "Jump to the next task that failed, is unconfirmed, lost or in trouble.",
        Group.VIEW,
        Scope.DASHBOARD,
        "problem",
        "problem",
    ),
    Action(
        "follow",
        "g",
        "Follow the newest",
        "Go to the top and stay with what comes in, until the cursor is moved.",
        Group.VIEW,
        Scope.DASHBOARD,
        "follow",
        "newest",
    ),
    Action(
        "pane",
        "p",
        "Detail pane on or off",
        "Beside the table on wide terminals, below it on others.",
        Group.VIEW,
        Scope.DASHBOARD,
        "pane",
        "pane",
    ),
    Action(
        "scroll_down",
        "ctrl+d",
        "Scroll the detail down",
        "Half a page, from wherever the cursor is.",
        Group.VIEW,
        Scope.TASK,
        "scroll_detail(1)",
    ),
    Action(
        "scroll_up",
        "ctrl+u",
        "Scroll the detail up",
        "Half a page, from wherever the cursor is.",
        Group.VIEW,
        Scope.TASK,
        "scroll_detail(-1)",
    ),
    Action("move", "up,down,k,j", "Move", "One task up or down.", Group.VIEW, Scope.TABLE, ""),
    Action(
        "page",
        "pageup,pagedown,ctrl+b,ctrl+f",
        "Move by pages",
        "A page up or down.",
        Group.VIEW,
        Scope.TABLE,
        "",
    ),
    Action(
        "ends", "home,end,G", "First or last", "The newest or the oldest task.", Group.VIEW, Scope.TABLE, ""
    ),
    Action(
        "focus",
        "tab",
        "Table or detail",
        "Move the focus, to scroll with the arrows.",
        Group.VIEW,
        Scope.TABLE,
        "",
    ),
    Action("back", "escape", "Back", "Close what is open on top.", Group.VIEW, Scope.TASK, "back", "back"),
    _builder("submit", "ctrl+s,f5", "submit", "Submit", "Asks first, with the cost.", "submit", first=True),
    _builder(
        "request", "f2,ctrl+r", "preview", "Request on or off", "What exactly would be sent.", "request"
    ),
    _builder("curl", "f3", "turn", "Request as curl or HTTP", "Change between the two.", "curl"),
    _builder(
        "editor",
        "f4,ctrl+e",
        "edit",
        "Edit the text in $EDITOR",
        "The focused text, or else the prompt.",
        "editor",
    ),
    _builder("clear", "ctrl+n", "clear", "Clear the form", "Nothing is lost: ^z.", "clear"),
    _builder(
        "copy_request", "f8", "copy_request", "Copy the request", "As it is shown: HTTP or curl.", "copy"
    ),
    _builder(
        "paste",
        "f9",
        "paste_request",
        "Fill from curl or JSON",
        "Paste a command or a body; its headers are not kept.",
        "paste curl",
    ),
    _builder(
        "several",
        "ctrl+t",
        "several",
        "To several accounts",
        "Choose among those that can take it, with what each costs.",
        "several",
    ),
    _builder(
        "library",
        "ctrl+o",
        "library",
        "Templates and former requests",
        "Find one by words, to fill the form with.",
        "templates",
    ),
    _builder(
        "save_template", "f12", "save_template", "Save as a template", "A TOML file beside the configuration."
    ),
    _builder("restore", "ctrl+z", "restore", "Undo", "In a text, else bring back what was cleared."),
    _form("fields", "up,down,tab", "Move", "One field up or down."),
    _form("groups", "pageup,pagedown", "Move by groups", "To the next title; enter folds and unfolds it."),
    _form("choose", "left,right,enter", "Choose", "Step through the choices, or list them all."),
    _form("on_request", "c,y,v", "On the request", "As curl or HTTP, copy, show as plain text."),
    _builder("leave", "escape,q", "leave", "Back", "What is typed is kept as a draft.", "back, draft kept"),
    _account(
        "test_account", "t", "Test it", "A free call that proves the credential, or says why not.", "test"
    ),
    _account(
        "pause_account", "p", "Pause it, or go on", "What waits is held; what was sent is watched.", "pause"
    ),
    _account("add_account", "n", "Add one", "From presets; the key goes into the keyring or a file.", "new"),
    _account("edit_account", "e,enter", "Change it", "Address, key, limits, options.", "edit"),
    _account(
        "disable_account",
        "d",
        "Disable or enable it",
        "Nothing is sent, asked or fetched; tasks stay.",
        "disable",
    ),
    _account("remove_account", "x,delete", "Remove it", "Asks first; its tasks stay.", "remove"),
    Action(
        "save_account",
        "ctrl+s,f5",
        "Save the account",
        "Or show what is wrong, each at its field.",
        Group.ACCOUNTS,
        Scope.ACCOUNT_FORM,
        "save",
        "save",
        first=True,
    ),
    Action(
        "accounts",
        "a",
        "Accounts",
        "State and limits; add, change, test, pause, disable, remove.",
        Group.PROGRAM,
        Scope.TASK,
        "app.accounts",
        "accounts",
    ),
    Action(
        "requests",
        "L",
        "All requests",
        "What was asked of the providers: status, time, bytes; / finds words in it.",
        Group.PROGRAM,
        Scope.TASK,
        "app.requests",
    ),
    Action("help", "question_mark,f1", "Help", "This list.", Group.PROGRAM, Scope.APP, "app.help", "help"),
    Action(
        "palette",
        "ctrl+p,colon",
        "Command palette",
        "Find any action by its name.",
        Group.PROGRAM,
        Scope.APP,
        "app.command_palette",
        "commands",
    ),
    Action(
        "redraw",
        "ctrl+l",
        "Draw the screen anew",
        "If something else wrote over it.",
        Group.PROGRAM,
        Scope.APP,
        "app.redraw",
    ),
    Action(
        "suspend",
        "ctrl+z",
        "Back to the shell for a while",
        "As a stopped job: nothing is sent, asked or fetched until fg brings it back.",
        Group.PROGRAM,
        Scope.TASK,
        "app.suspend",
    ),
    Action(
        "quit",
        "q,ctrl+q",
        "Quit",
        "Asks first if that would stop something.",
        Group.PROGRAM,
        Scope.TASK,
        "app.quit",
        "quit",
    ),
)
