"""What can be done in the request builder; the usual keys."""

from __future__ import annotations

from backend.language import N_
from tui.action import Action, Group, Scope


def _builder(
    id: str, keys: str, call: str, title: str, help: str, hint: str = "", *, first: bool = False
) -> Action:
    return Action(id, keys, title, help, Group.BUILDER, Scope.BUILDER, call, hint, first)


def _file(id: str, keys: str, title: str, help: str) -> Action:
    return Action(id, keys, title, help, Group.BUILDER, Scope.FILES, id.removesuffix("_files"), first=True)


def _form(id: str, keys: str, title: str, help: str) -> Action:
    return Action(id, keys, title, help, Group.BUILDER, Scope.FORM, "")


BUILDER: tuple[Action, ...] = (
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
    _builder(
        "all_fields",
        "f10",
        "all_fields",
        N_("All fields, or those of use"),
        N_("Those that the model, the mode or the scene makes no use of, too."),
        N_("all fields"),
    ),
    _builder(
        "clear",
        "ctrl+n",
        "clear",
        N_("Clear the form"),
        N_("Of several drafts, closes this one. Nothing is lost: ^z, ^o."),
        N_("clear"),
    ),
    _builder(
        "draft_after",
        "ctrl+pagedown",
        "draft(1)",
        N_("Next draft"),
        N_("Behind the last one begins a new one."),
        N_("drafts"),
    ),
    _builder("draft_before", "ctrl+pageup", "draft(-1)", N_("Draft before"), N_("The other way round.")),
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
    _builder(
        "restore",
        "ctrl+z",
        "restore",
        N_("Undo"),
        N_("In a text, else bring back what was there."),
    ),
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
)
