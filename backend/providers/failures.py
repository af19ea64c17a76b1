"""From an error answer or a failed task to a :class:`~backend.models.Failure` in plain words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from backend.language import N_
from backend.models import Creation, Failure, FailureKind
from backend.providers.envelopes import NO_WORDS, Envelope, names_a_task


class Asked(Enum):
    """What the request was that failed: decides what it means for the user's money."""

    CREATE = "create"
    READ = "read"
    CHECK = "check"
    """A free call that concerns no task."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why something failed: constant sentences, one each, marked with N_ for translation."""

    kind: FailureKind
    meaning: str
    next_step: str
    creation: Creation = Creation.NOT_CREATED
    next_read: str = ""
    """The next step if the failure met a question instead of a create."""


@dataclass(frozen=True, slots=True)
class WordRule:
    """A cause told by the words of an answer, perhaps only under some codes or for one sort of request."""

    pattern: re.Pattern[str]
    cause: Cause
    codes: frozenset[str] | None = None
    asked: Asked | None = None

    def fits(self, code: str | None, words: str, asked: Asked) -> bool:
        """Whether the rule speaks of such an answer."""
        if self.codes is not None and code not in self.codes:
            return False
        return (self.asked is None or self.asked is asked) and bool(self.pattern.search(words))


NOTHING_CHARGED = N_("Nothing was created, nothing is charged.")
MAY_BE_CHARGED = N_("The task may exist and may be charged.")
ALREADY_THERE = N_("This request created nothing; the task that already has this id may be charged.")
ONLY_A_QUESTION = N_("Only the question failed: the task goes on as it was, and so does its price.")
FREE_CALL = N_("Nothing is charged for this call.")

_AGAIN_BY_ITSELF = N_("reeltop waits and asks again by itself.")
_LOOK_FIRST = N_("Find out whether the task exists before you send it again.")
_CORRECT = N_("Correct the request and send it again.")

AUTH = Cause(
    kind=FailureKind.AUTH,
    meaning=N_("The server did not accept the credential."),
    next_step=N_("Check the account's credential and base URL."),
)
QUOTA = Cause(
    kind=FailureKind.QUOTA,
    meaning=N_("The account has no credit left for this."),
    next_step=N_("Top up the account, then send it again."),
)
FORBIDDEN = Cause(
    kind=FailureKind.FORBIDDEN,
    meaning=N_("The account is not allowed to do this."),
    next_step=N_("Ask the provider to enable it for the account, or use another model."),
)
RATE_LIMIT = Cause(
    kind=FailureKind.RATE_LIMIT,
    meaning=N_("Too many requests in a short time."),
    next_step=N_("reeltop waits and sends it again by itself."),
    next_read=_AGAIN_BY_ITSELF,
)
INVALID = Cause(
    kind=FailureKind.INVALID,
    meaning=N_("The provider refuses the request as it is."),
    next_step=_CORRECT,
    next_read=N_("Open the task's last answer to see what the provider said."),
)
POLICY = Cause(
    kind=FailureKind.POLICY,
    meaning=N_("The provider's content rules forbid this prompt or these pictures."),
    next_step=N_("Change the prompt or the pictures, then send it as a new task."),
)
TRANSIENT = Cause(
    kind=FailureKind.TRANSIENT,
    meaning=N_("The server had a problem of its own."),
    next_step=_LOOK_FIRST,
    creation=Creation.MAY_EXIST,
    next_read=_AGAIN_BY_ITSELF,
)
NOT_FOUND = Cause(
    kind=FailureKind.NOT_FOUND,
    meaning=N_("The provider does not know this task."),
    next_step=N_("Check that the account and its base URL are those it was sent with."),
)
DUPLICATE = Cause(
    kind=FailureKind.DUPLICATE,
    meaning=N_("The provider already has a task with this external id."),
    next_step=N_("reeltop looks for the task if the id is its own; otherwise send it with another id."),
)
PROTOCOL = Cause(
    kind=FailureKind.PROTOCOL,
    meaning=N_("The answer cannot be understood."),
    next_step=_LOOK_FIRST,
    creation=Creation.MAY_EXIST,
    next_read=_AGAIN_BY_ITSELF,
)
WRONG_ADDRESS = Cause(
    kind=FailureKind.INVALID,
    meaning=N_("The server does not offer this address."),
    next_step=N_("Check the account's base URL."),
)
REDIRECTED = Cause(
    kind=FailureKind.INVALID,
    meaning=N_("The server sends the request to another address, which reeltop does not follow."),
    next_step=N_("Check the account's base URL: the scheme, the host and any path."),
)
ANOTHER_API = Cause(
    kind=FailureKind.PROTOCOL,
    meaning=N_("A server answers there, but not as this provider does: nothing is proved of the credential."),
    next_step=N_("Check the account's base URL: the host and any path."),
)
TOO_LARGE = Cause(
    kind=FailureKind.INVALID,
    meaning=N_("The request is larger than the server accepts."),
    next_step=N_("Use addresses instead of Base64, or smaller pictures."),
)
UNREADABLE_INPUT = Cause(
    kind=FailureKind.INVALID,
    meaning=N_("The provider could not fetch or read a picture or film of the request."),
    next_step=N_("Make sure that each address can be opened publicly, then send it as a new task."),
)
FAILED_TASK = Cause(
    kind=FailureKind.FAILED_TASK,
    meaning=N_("The task was accepted, then failed at the provider."),
    next_step=N_("Read the provider's words, change the request and send it as a new task."),
)

QUOTA_WORDS = re.compile(
    r"扣费失败|余额不足|蝉豆不足|欠费|额度|余额|quota|arrears|insufficient (?:balance|credit|fund|user)"
    r"|(?:balance|credits?) (?:is |are )?(?:not enough|insufficient|exhausted)",
    re.IGNORECASE,
)
POLICY_WORDS = re.compile(
    r"敏感|审核|违规|合规|风控|risk control|sensitive|moderation|polic(?:y|ies)|complian|nsfw|unsafe",
    re.IGNORECASE,
)
INPUT_WORDS = re.compile(
    r"(?:url|链接|图片|视频|image|video|picture|file).{0,40}"
    r"(?:无法访问|不可访问|下载失败|not reachable|unreachable|inaccessible|cannot be accessed"
    r"|fail(?:ed)? to (?:download|fetch|load)|download failed)"
    r"|(?:failed to|unable to|cannot) (?:download|fetch|access)",
    re.IGNORECASE | re.DOTALL,
)

TASK_RULES = (
    WordRule(QUOTA_WORDS, QUOTA),
    WordRule(POLICY_WORDS, POLICY),
    WordRule(INPUT_WORDS, UNREADABLE_INPUT),
)
"""What the words of a failed task tell (FACTS 1.8, 5.7)."""

_WORDS_COUNT_AT = frozenset({200, 400, 402, 403, 422, 429})
"""HTTP statuses under which quota and policy words are believed. Never 5xx: there a task may exist."""

BY_STATUS: Mapping[int, Cause] = {
    401: AUTH,
    402: QUOTA,
    403: FORBIDDEN,
    404: WRONG_ADDRESS,
    405: WRONG_ADDRESS,
    408: TRANSIENT,
    413: TOO_LARGE,
    429: RATE_LIMIT,
    499: TRANSIENT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureTable:
    """What one provider's errors mean."""

    codes: Mapping[str, Cause]
    words: tuple[WordRule, ...] = ()
    """Looked at before `codes`."""
    statuses: Mapping[int, Cause] = field(default_factory=lambda: BY_STATUS)
    task_money: str
    """What a failed task means for the user's money."""
    unknown_is_refusal: re.Pattern[str] = re.compile(r"(?!)")
    """Codes not in the table that prove all the same that nothing was created."""
    missing_is_404: bool = True
    """Whether a 404 with a JSON error means that a task is unknown."""

    def of_answer(self, envelope: Envelope, asked: Asked) -> Failure:
        """Return the failure that an error answer tells.

        A refusal of a create that names a task all the same contradicts itself and proves nothing; nor does
        one that a relay tells which may have tried elsewhere before.
        """
        cause = self._cause(envelope, asked)
        is_refusal = cause.creation is Creation.NOT_CREATED and cause.kind is not FailureKind.DUPLICATE
        if asked is Asked.CREATE and is_refusal and (names_a_task(envelope) or self._is_vague(envelope)):
            cause = _in_doubt(cause)
        return make(cause, envelope, asked)

    def of_check(self, envelope: Envelope) -> Failure:
        """Return the failure that a free call met whose answer was to prove a credential."""
        cause = self._cause(envelope, Asked.CHECK)
        if cause is PROTOCOL:
            cause = ANOTHER_API
        elif cause.next_read == _AGAIN_BY_ITSELF:
            cause = replace(cause, next_read=N_("Try it again in a while."))
        return make(cause, envelope, Asked.CHECK)

    def of_task(self, words: str, code: str | None, request_id: str | None) -> Failure:
        """Return the failure of a task that was accepted and then failed."""
        rule = next((rule for rule in TASK_RULES if rule.fits(code, words, Asked.READ)), None)
        cause = rule.cause if rule else FAILED_TASK
        return Failure(
            kind=cause.kind,
            words=words,
            code=code,
            request_id=request_id,
            meaning=cause.meaning,
            money=self.task_money,
            next_step=cause.next_step,
        )

    def _cause(self, envelope: Envelope, asked: Asked) -> Cause:
        code, words, status = envelope.code, envelope.words, envelope.http_status
        rule = next((rule for rule in self.words if rule.fits(code, words, asked)), None)
        if rule is not None:
            return rule.cause
        if code is not None and code in self.codes:
            return self.codes[code]
        if envelope.body is not None and status in _WORDS_COUNT_AT:
            told = next((rule for rule in TASK_RULES[:2] if rule.fits(code, words, asked)), None)
            if told is not None:
                # HTTP 200 refuses nothing by itself; then only a code of a known family does.
                known = status != 200 or (code is not None and self.unknown_is_refusal.fullmatch(code))
                return told.cause if known else _in_doubt(told.cause)
        if code is not None and status in (200, 400, 429) and self.unknown_is_refusal.fullmatch(code):
            return FORBIDDEN if status == 429 else INVALID
        return self._by_status(envelope, asked)

    def _is_vague(self, envelope: Envelope) -> bool:
        """Whether the answer itself, whatever error it holds, leaves open what became of the request."""
        outer = self.codes.get(envelope.outer_code or "")
        return outer is not None and outer.creation is Creation.MAY_EXIST

    def _by_status(self, envelope: Envelope, asked: Asked) -> Cause:
        status = envelope.http_status
        if status == 404 and asked is Asked.READ:
            # A page in front of the API says nothing about a task.
            return NOT_FOUND if envelope.body is not None and self.missing_is_404 else PROTOCOL
        if status in self.statuses:
            return self.statuses[status]
        if 500 <= status < 600:
            return TRANSIENT
        if 400 <= status < 500:
            return INVALID
        if 300 <= status < 400:
            return REDIRECTED
        understood = envelope.body is not None and envelope.code is not None
        return TRANSIENT if understood and envelope.failed else PROTOCOL


def _in_doubt(cause: Cause) -> Cause:
    return replace(
        cause,
        creation=Creation.MAY_EXIST,
        next_step=_LOOK_FIRST,
        next_read=cause.next_read or cause.next_step,
    )


def make(cause: Cause, envelope: Envelope, asked: Asked) -> Failure:
    """Return the failure with this cause, in the words of the answer."""
    next_step = cause.next_step if asked is Asked.CREATE else cause.next_read or cause.next_step
    return Failure(
        kind=cause.kind,
        words="" if envelope.words.lower() in NO_WORDS else envelope.words,
        code=envelope.code,
        request_id=envelope.request_id,
        http_status=envelope.http_status,
        meaning=cause.meaning,
        money=_money(cause, asked),
        next_step=next_step,
        creation=cause.creation if asked is Asked.CREATE else Creation.NOT_CREATED,
        retry_after=envelope.retry_after,
    )


def _money(cause: Cause, asked: Asked) -> str:
    if asked is Asked.CHECK:
        return FREE_CALL
    if asked is Asked.READ:
        return ONLY_A_QUESTION
    if cause.kind is FailureKind.DUPLICATE:
        return ALREADY_THERE
    return NOTHING_CHARGED if cause.creation is Creation.NOT_CREATED else MAY_BE_CHARGED
