"""What network troubles mean, in constant sentences: for the task, for the money, and what to do next."""

from __future__ import annotations

import ssl
from dataclasses import replace
from urllib.parse import urlsplit

from backend.language import N_, recorded
from backend.models import Creation, Failure, FailureKind

_NOT_PERFORMED = frozenset({307, 308})
"""Redirects which by definition say that the request was not acted upon here."""
PAID = N_("The video is paid for and stays at the provider until its link expires.")
_NOTHING = N_("Nothing was sent, nothing is charged.")
_ONLY_A_PICTURE = N_("Only a picture was uploaded: no task was created, nothing is charged.")


def from_error(error: Exception, words: str, *, host: str, sent: bool) -> Failure:
    """A network error between here and `host`; `sent`: whether a byte of the request may have left."""
    import httpx

    not_reached = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
    if isinstance(error, (httpx.InvalidURL, httpx.UnsupportedProtocol)):
        return unsendable(words)
    if isinstance(error, not_reached) or not sent:
        return unreached(f"{host}: {words}", certificate=_is_certificate(error))
    if isinstance(error, (TimeoutError, httpx.TimeoutException)):
        words = recorded("no answer in time")
    return unanswered(
        f"{host}: {words}" if words else recorded("{host}: the connection was lost").format(host=host)
    )


def host_of(url: str) -> str:
    """Return host and port of an address as a person is told them: without what may be secret."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        return f"{host}:{parts.port}" if parts.port else host
    except ValueError:  # no address at all
        return ""


def of_question(failure: Failure) -> Failure:
    """The same trouble of a request that creates nothing: a poll, a look, a download."""
    if failure.creation is Creation.NOT_CREATED:
        return failure
    return replace(
        failure,
        creation=Creation.NOT_CREATED,
        money=N_("Only a question was asked: that costs nothing."),
        next_step=N_("Watched tasks are asked about again by themselves; a single command can be repeated."),
    )


def of_upload(failure: Failure) -> Failure:
    """The same trouble of the upload of a picture."""
    return replace(
        failure,
        creation=Creation.NOT_CREATED,
        money=_ONLY_A_PICTURE,
        next_step=N_("It is uploaded again by itself."),
    )


def of_file(failure: Failure) -> Failure:
    """The same trouble of a download."""
    if failure.kind is FailureKind.AUTH:  # of no credential, but of an address that is none
        return astray(FailureKind.INVALID, failure.words)
    if failure.creation is Creation.NOT_CREATED:
        return replace(failure, money=PAID)
    return replace(
        failure, creation=Creation.NOT_CREATED, money=PAID, next_step=N_("It is resumed by itself.")
    )


def astray(kind: FailureKind, words: str, status: int | None = None) -> Failure:
    """The link to a file leads nowhere that one can be fetched from."""
    return Failure(
        kind=kind,
        words=words,
        http_status=status,
        meaning=N_("The link leads to where no file can be fetched."),
        money=PAID,
        next_step=N_("Download it again later: each time the provider is asked for a fresh link."),
        creation=Creation.NOT_CREATED,
    )


def not_taken(words: str, status: int | None) -> Failure:
    """The host for uploads refuses a picture."""
    return Failure(
        kind=FailureKind.TRANSIENT,
        words=words,
        http_status=status,
        meaning=N_("The picture could not be uploaded."),
        money=_ONLY_A_PICTURE,
        next_step=N_("It is uploaded again by itself; a public address of the picture works as well."),
    )


def _is_certificate(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError) or "CERTIFICATE_VERIFY" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False


def unreached(words: str, *, certificate: bool) -> Failure:
    """No connection: proof that nothing was sent."""
    if certificate:
        return Failure(
            kind=FailureKind.TRANSIENT,
            words=words,
            meaning=N_("The server's certificate cannot be verified, so nothing was sent."),
            money=_NOTHING,
            next_step=N_(
                "Check the address, the clock and any proxy in between. It is tried again by itself."
            ),
        )
    return Failure(
        kind=FailureKind.TRANSIENT,
        words=words,
        meaning=N_("The server cannot be reached."),
        money=_NOTHING,
        next_step=N_("Check the network and the account's address. It is tried again by itself."),
    )


def unanswered(words: str) -> Failure:
    """Sent, or perhaps sent, and no answer."""
    return Failure(
        kind=FailureKind.TRANSIENT,
        words=words,
        meaning=N_("The connection broke before the answer was here."),
        money=N_("A request that creates a task may have been carried out and charged."),
        next_step=N_(
            "It is looked for where the provider has a way; it is sent again by itself only where that "
            "cannot make a second one."
        ),
        creation=Creation.MAY_EXIST,
    )


def unreadable(status: int, words: str) -> Failure:
    """An answer that is too long, broken or packed in an unknown way."""
    return Failure(
        kind=FailureKind.PROTOCOL,
        words=words,
        http_status=status,
        meaning=N_("The answer cannot be read."),
        money=N_("A request that creates a task may have been carried out and charged."),
        next_step=N_("Check that the account's address is that of the API."),
        creation=Creation.MAY_EXIST,
    )


def redirected(status: int, location: str = "") -> Failure:
    """A redirect where an answer of the API belongs; `location` is where to."""
    where = host_of(location)
    return Failure(
        kind=FailureKind.PROTOCOL,
        words=recorded("redirect {status} to {where}").format(status=status, where=where)
        if where
        else recorded("redirect {status}").format(status=status),
        http_status=status,
        meaning=N_("The server points to another address; credentials are not taken along."),
        money=""
        if status in _NOT_PERFORMED
        else N_("A request that creates a task may have been carried out."),
        next_step=N_("Set the account's base_url to the API's own address."),
        creation=Creation.NOT_CREATED if status in _NOT_PERFORMED else Creation.MAY_EXIST,
    )


def unspeakable(words: str) -> Failure:
    """What one task asks for cannot be written down as HTTP."""
    return Failure(
        kind=FailureKind.INVALID,
        words=words,
        meaning=N_("This request cannot be sent."),
        money=_NOTHING,
        next_step=N_("Correct the request and submit it anew."),
    )


def unsendable(words: str) -> Failure:
    """The account's address or credential cannot be used at all."""
    return Failure(
        kind=FailureKind.AUTH,
        words=words,
        meaning=N_("The account's address or credential cannot be used."),
        money=_NOTHING,
        next_step=N_("Correct the account's address or credential."),
    )


def untrusted(origin: str) -> Failure:
    """An address that the account's credential does not go to."""
    return Failure(
        kind=FailureKind.AUTH,
        words=origin,
        meaning=N_("This address is no longer one of the account's, so its credential is not sent there."),
        money=_NOTHING,
        next_step=N_("Add the address to the account's former_base_urls to go on with its tasks."),
    )


def no_credential(words: str) -> Failure:
    """No credential to sign with."""
    return Failure(
        kind=FailureKind.AUTH,
        words=words,
        meaning=N_("The account has no usable credential."),
        money=_NOTHING,
        next_step=N_("Set the credential that the account names."),
    )
