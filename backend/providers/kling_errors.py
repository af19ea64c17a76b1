"""What Kling's error codes mean (FACTS 2.10, both standards)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from backend.language import N_
from backend.models import Creation, FailureKind
from backend.providers.failures import (
    AUTH,
    BY_STATUS,
    DUPLICATE,
    FORBIDDEN,
    INVALID,
    NOT_FOUND,
    POLICY,
    QUOTA,
    RATE_LIMIT,
    TRANSIENT,
    WRONG_ADDRESS,
    Asked,
    Cause,
    FailureTable,
    WordRule,
)

_CHECK_HOST = N_(
    "Check the key, and that the account's base URL is the host of the region where the key was made "
    "(api-singapore or api-beijing)."
)
_CHECK_CLOCK = N_("Check this machine's clock: reeltop signs again by itself once.")

CODES: Mapping[str, Cause] = {
    "1000": replace(AUTH, meaning=N_("Kling could not sign you in."), next_step=_CHECK_HOST),
    "1001": replace(AUTH, meaning=N_("The request carried no credential."), next_step=_CHECK_HOST),
    "1002": replace(AUTH, meaning=N_("Kling does not accept this credential."), next_step=_CHECK_HOST),
    "1003": replace(AUTH, meaning=N_("The token is not valid yet."), next_step=_CHECK_CLOCK),
    "1004": replace(AUTH, meaning=N_("The token has expired."), next_step=_CHECK_CLOCK),
    "1100": replace(
        QUOTA,
        meaning=N_("Something is wrong with the account at Kling."),
        next_step=N_("Look at the account in Kling's console."),
    ),
    "1101": replace(
        QUOTA, meaning=N_("The account is in arrears."), next_step=N_("Pay what is due in Kling's console.")
    ),
    "1102": replace(
        QUOTA,
        meaning=N_("The resource pack is used up or has expired."),
        next_step=N_("Buy or renew a resource pack in Kling's console."),
    ),
    "1103": replace(FORBIDDEN, meaning=N_("The account has no right to this interface or model.")),
    "1200": replace(INVALID, meaning=N_("The request's parameters are not right.")),
    "1201": replace(INVALID, meaning=N_("A value in the request is not right.")),
    "1202": replace(
        WRONG_ADDRESS,
        meaning=N_("Kling does not know this method."),
        next_step=N_("Check the account's base URL; otherwise report it as a fault of reeltop."),
    ),
    "1203": replace(
        NOT_FOUND,
        meaning=N_("Something that the request names does not exist, such as the model."),
        next_step=N_("Choose another model, or check the account's base URL."),
    ),
    "1300": replace(POLICY, meaning=N_("Kling's platform rules forbid this request.")),
    "1301": replace(POLICY, meaning=N_("Kling's content safety rules forbid the prompt or the pictures.")),
    "1302": replace(RATE_LIMIT, meaning=N_("Too many requests to Kling in a short time.")),
    "1303": replace(
        RATE_LIMIT,
        meaning=N_("As many tasks as the resource pack allows are running already."),
        next_step=N_("reeltop sends it again by itself when a running task has ended."),
    ),
    "1304": replace(
        FORBIDDEN,
        meaning=N_("This machine's IP address is not on the account's list of allowed ones."),
        next_step=N_("Add the address to the list in Kling's console."),
    ),
    "5000": replace(TRANSIENT, meaning=N_("Kling had an internal error.")),
    "5001": replace(TRANSIENT, meaning=N_("Kling is not available just now, perhaps for maintenance.")),
    "5002": replace(TRANSIENT, meaning=N_("Kling did not answer in time.")),
}

WORDS = (
    WordRule(
        re.compile(r"already exist|duplicat|已存在|重复", re.IGNORECASE),
        DUPLICATE,
        frozenset({"1201"}),
        Asked.CREATE,
    ),
    WordRule(
        re.compile(r"not found|not exist|不存在|未找到", re.IGNORECASE),
        NOT_FOUND,
        frozenset({"1201"}),
        Asked.READ,
    ),
)

OWN_CODES = re.compile(r"1\d{3}")
"""Codes of the families in which Kling refuses before it creates anything."""

# Four of Kling's six 429s never pass, so one without a known code proves nothing.
_UNTOLD_429 = replace(
    RATE_LIMIT,
    meaning=N_("Too many requests, says a server that is perhaps not Kling itself."),
    next_step=N_("reeltop looks for the task before it sends anything again."),
    creation=Creation.MAY_EXIST,
)

KLING_FAILURES = FailureTable(
    codes=CODES,
    words=WORDS,
    statuses={**BY_STATUS, 429: _UNTOLD_429},
    task_money=N_("Kling counts units when a task ends; what a failed one costs is not documented."),
    unknown_is_refusal=OWN_CODES,
    missing_is_404=False,
)

_RELAY_SIGN_IN = Cause(
    kind=FailureKind.AUTH,
    meaning=N_("The key was not accepted, by the relay or by Kling behind it."),
    next_step=N_("Check the account's key and base URL; if they are right, ask the relay."),
)
_RELAY_QUOTA = replace(
    QUOTA,
    meaning=N_("The account at the relay, or the relay's own at Kling, has no credit left."),
    next_step=N_("Top up the account at the relay; if it has credit, ask the relay."),
)
_RELAY_CONFIG = replace(
    FORBIDDEN,
    meaning=N_("The relay has no way to this model just now."),
    next_step=N_("Choose another model, or ask the relay to enable this one."),
)
_RELAY_BUILD = replace(
    INVALID,
    meaning=N_("The relay could not build the request for Kling."),
    next_step=N_("Try the duration as text, or fewer fields; then ask the relay."),
)

RELAY_CODES: Mapping[str, Cause] = {
    "insufficient_user_quota": _RELAY_QUOTA,
    "pre_consume_token_quota_failed": _RELAY_QUOTA,
    "model_not_found": _RELAY_CONFIG,
    "model_price_error": _RELAY_CONFIG,
    "model_mapping_failed": _RELAY_CONFIG,
    "do_request_failed": replace(TRANSIENT, meaning=N_("The relay could not reach the provider.")),
    "read_response_body_failed": replace(TRANSIENT, meaning=N_("The relay lost the provider's answer.")),
    "unmarshal_response_failed": replace(TRANSIENT, meaning=N_("The relay did not understand the provider.")),
    "get_task_failed": replace(TRANSIENT, meaning=N_("The relay could not look the task up.")),
    "build_request_failed": _RELAY_BUILD,
    "invalid_request": INVALID,
    "task_not_exist": NOT_FOUND,
}
"""Error codes of gateways of the new-api family (FACTS 4.6)."""

RELAY_FAILURES = FailureTable(
    codes={
        **CODES,
        **dict.fromkeys(("1000", "1001", "1002", "1003", "1004"), _RELAY_SIGN_IN),
        **dict.fromkeys(("1100", "1101", "1102"), _RELAY_QUOTA),
        **RELAY_CODES,
    },
    words=WORDS,
    task_money=N_("What a failed task costs is the relay's affair; look at the account there."),
    unknown_is_refusal=OWN_CODES,
)
