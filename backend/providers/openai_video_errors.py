"""What errors of an OpenAI-style gateway mean (FACTS 4.6 and 5.7): a relay's, told of a gateway."""

from __future__ import annotations

from dataclasses import replace

from backend.language import N_
from backend.models import FailureKind
from backend.providers.failures import FORBIDDEN, INVALID, QUOTA, TRANSIENT, Cause, FailureTable
from backend.providers.kling_errors import RELAY_CODES

_QUOTA = replace(
    QUOTA,
    meaning=N_("The account at the gateway, or the gateway's own at Kling, has no credit left."),
    next_step=N_("Top up the account at the gateway; if it has credit, ask the gateway."),
)
_CONFIG = replace(
    FORBIDDEN,
    meaning=N_("The gateway has no way to this model just now."),
    next_step=N_("Choose another model, or ask the gateway to enable this one."),
)

FAILURES = FailureTable(
    codes={
        **RELAY_CODES,
        **dict.fromkeys(("insufficient_user_quota", "pre_consume_token_quota_failed"), _QUOTA),
        **dict.fromkeys(("model_not_found", "model_price_error", "model_mapping_failed"), _CONFIG),
        "do_request_failed": replace(TRANSIENT, meaning=N_("The gateway could not reach the provider.")),
        "read_response_body_failed": replace(
            TRANSIENT, meaning=N_("The gateway lost the provider's answer.")
        ),
        "unmarshal_response_failed": replace(
            TRANSIENT, meaning=N_("The gateway did not understand the provider.")
        ),
        "get_task_failed": replace(TRANSIENT, meaning=N_("The gateway could not look the task up.")),
        "build_request_failed": replace(
            INVALID,
            meaning=N_("The gateway could not build the request for Kling."),
            next_step=N_("Try the duration as text, or fewer fields; then ask the gateway."),
        ),
    },
    task_money=N_("What a failed task costs is the gateway's affair; look at the account there."),
)
NO_LIST = Cause(
    kind=FailureKind.INVALID,
    meaning=N_("This gateway has no list of its tasks; most have none."),
    next_step=N_("Use reeltop's own list: it has every task that was sent from here."),
)
NO_DELETE = Cause(
    kind=FailureKind.INVALID,
    meaning=N_("The gateway has no such finished film, or offers no deleting."),
    next_step=N_("Leave it there; what reeltop has recorded and saved is not affected."),
)
