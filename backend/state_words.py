"""What the states of things are called in the chosen language. Values stay English."""

from __future__ import annotations

from backend.language import N_, _

_STATUSES = (
    N_("waiting"),
    N_("submitting"),
    N_("queued"),
    N_("running"),
    N_("succeeded"),
    N_("failed"),
    N_("cancelled"),
    N_("unconfirmed"),
    N_("rejected"),
    N_("lost"),
)
_ARTIFACT_STATES = (N_("remote"), N_("downloading"), N_("saved"))
_FAILURE_KINDS = (
    N_("auth"),
    N_("quota"),
    N_("rate_limit"),
    N_("transient"),
    N_("invalid"),
    N_("policy"),
    N_("forbidden"),
    N_("not_found"),
    N_("duplicate"),
    N_("failed_task"),
    N_("protocol"),
)
_EVENTS = (
    N_("created"),
    N_("sending"),
    N_("accepted"),
    N_("status"),
    N_("refused"),
    N_("found"),
    N_("trouble"),
    N_("recovered"),
    N_("download"),
    N_("stopped"),
    N_("resumed"),
    N_("resend"),
    N_("edited"),
    N_("imported"),
    N_("deleted"),
)


def state_word(state: str) -> str:
    """Return a status, a file's state, a kind of failure or what an event is, as a person reads it."""
    return _(str(state))
