"""What can be done on the accounts screen and in its form; the usual keys."""

from __future__ import annotations

from backend.language import N_
from tui.action import Action, Group, Scope


def _account(id: str, keys: str, title: str, help: str, hint: str) -> Action:
    return Action(id, keys, title, help, Group.ACCOUNTS, Scope.ACCOUNTS, id.removesuffix("_account"), hint)


ACCOUNTS: tuple[Action, ...] = (
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
)
