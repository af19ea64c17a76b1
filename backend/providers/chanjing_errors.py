"""What Chanjing's error codes mean (FACTS 1.8)."""

from __future__ import annotations

import re
from dataclasses import replace

from backend.language import N_
from backend.providers.failures import (
    AUTH,
    INVALID,
    NOT_FOUND,
    RATE_LIMIT,
    TRANSIENT,
    Asked,
    FailureTable,
    WordRule,
)

TOKEN_REFUSED = replace(
    AUTH,
    meaning=N_("Chanjing did not accept the access token."),
    next_step=N_("Check app_id and secret_key; another program that fetches a token ends this one's."),
)

_NO_SUCH_MODEL = replace(
    INVALID,
    meaning=N_("Chanjing does not know this model code."),
    next_step=N_("Use another model, or correct the code in the account's options."),
)

FAILURES = FailureTable(
    codes={
        "400": replace(INVALID, meaning=N_("Chanjing could not read the request's parameters.")),
        "10400": TOKEN_REFUSED,
        "10401": TOKEN_REFUSED,
        "40000": replace(INVALID, meaning=N_("A parameter of the request is not right.")),
        "40001": replace(RATE_LIMIT, meaning=N_("Too many requests to Chanjing in a short time.")),
        "50000": replace(TRANSIENT, meaning=N_("Chanjing had an internal error.")),
    },
    words=(
        WordRule(
            re.compile(r"不存在|未找到|not found|not exist", re.IGNORECASE),
            NOT_FOUND,
            frozenset({"400", "40000"}),
            Asked.READ,
        ),
        WordRule(re.compile(r"模型不存在"), _NO_SUCH_MODEL, frozenset({"400", "40000"}), Asked.CREATE),
    ),
    task_money=N_("Chanjing says in such answers that a failed task is not charged."),
    unknown_is_refusal=re.compile(r"[14]\d{2,4}"),
    missing_is_404=False,
)
