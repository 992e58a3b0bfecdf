"""
The one table from errors to answers (RFC 9457, problem details).

A test walks the error tree and fails on a leaf that is missing here. The SOAP column joins it with the SOAP
door.
"""

import json
from typing import Any

from aiohttp import web

from gateway import errors

STATUS: dict[type[errors.GatewayError], int] = {
    errors.EmptyDocument: 400,
    errors.DocumentTooLarge: 413,
    errors.DocumentTooComplex: 422,
    errors.NotXML: 400,
    errors.DoctypeRefused: 400,
    errors.UnknownDocument: 422,
    errors.SchemaInvalid: 422,
    errors.AlreadySigned: 422,
    errors.NotSignable: 422,
    errors.MalformedRequest: 400,
    errors.BodyUnreadable: 400,
    errors.BodyTooSlow: 408,
    errors.WrongContentType: 415,
    errors.WrongContentEncoding: 415,
    errors.WrongMethod: 405,
    errors.NotAcceptable: 406,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.SignInRefused: 403,
    errors.ScopeMissing: 403,
    errors.NotFound: 404,
    errors.MessageNotFresh: 422,
    errors.AcknowledgementRefused: 422,
    errors.TooManyCallers: 429,
    errors.TooManyRequests: 429,
    errors.TooManyGuesses: 429,
    errors.MessageIdReused: 409,
    errors.PermitNumberTaken: 409,
    errors.IdempotencyKeyReused: 409,
    errors.NotFetched: 409,
    errors.AlreadyAcknowledged: 409,
    errors.PermitInvalid: 422,
    errors.UseRefused: 422,
    errors.SignatureRefused: 403,
    errors.ProofRefused: 422,
    errors.DirectoryRefused: 409,
    errors.IdentityMismatch: 403,
    errors.GatewayBusy: 503,
    errors.SearchTooSlow: 503,
    errors.PartnerUnreachable: 502,
    errors.PartnerAnsweredWrongly: 502,
    errors.ReceiptRefused: 502,
    errors.NotCollected: 502,
    errors.ConfigurationError: 500,
    errors.KeyMaterialError: 500,
    errors.StorageError: 503,
    errors.InternalError: 500,
    errors.DemonstrationFailed: 500,
}

TITLES = {
    400: "The request cannot be read",
    401: "Who are you?",
    403: "Not allowed",
    404: "Not found",
    405: "Wrong method",
    406: "Not in that form",
    408: "Too slow",
    409: "Contradicts what is stored",
    413: "Too large",
    415: "Wrong kind of content",
    422: "The document is not accepted",
    429: "Too many at once",
    500: "The gateway is not in order",
    502: "A partner did not do its part",
    503: "Not now",
}

RETRY_AFTER_SECONDS = {429: 30, 503: 5}
"""
By status, for an error that does not know better. Too many callers: as long as those that wait already may
wait. Not now: what waits in front, or a database that is started again, takes seconds; partners wait longer
of their own accord when it lasts.
"""


def status_of(error: errors.GatewayError) -> int:
    """The HTTP status of an error."""
    return STATUS[type(error)]


def body_of(error: errors.GatewayError, correlation_id: str) -> dict[str, Any]:
    """
    The problem details of an error.

    Members: `type` (urn:ecites-gateway:problem:CODE), `title`, `status`, `code`, `detail`, `advice`,
    `correlation_id`, and the error's own fields (`findings`, `line`, ...).
    """
    status = status_of(error)
    own = {name: value for name, value in error.fields.items() if value not in (None, "")}
    return {
        "type": f"urn:ecites-gateway:problem:{error.code}",
        "title": TITLES[status],
        "status": status,
        "code": error.code,
        "detail": error.message,
        "advice": error.advice,
        "correlation_id": correlation_id,
        **own,
    }


def problem(error: errors.GatewayError, correlation_id: str) -> web.Response:
    """The answer to an error."""
    headers = {}
    status = status_of(error)
    if status == 401:  # noqa: PLR2004 - RFC 9110, 11.6.1 asks for the header with this status
        headers["WWW-Authenticate"] = 'Bearer realm="ecites"'
    if status in RETRY_AFTER_SECONDS:  # RFC 6585, 4; RFC 9110, 10.2.3
        headers["Retry-After"] = str(error.fields.get("retry_after", RETRY_AFTER_SECONDS[status]))
    if status == 405:  # noqa: PLR2004 - RFC 9110, 10.2.1
        headers["Allow"] = ", ".join(error.fields.get("allowed", []))
    if isinstance(error, errors.WrongContentEncoding):  # RFC 9110, 12.5.3
        headers["Accept-Encoding"] = ", ".join(error.fields["accepted"])
    response = web.Response(
        status=status,
        body=json.dumps(body_of(error, correlation_id), ensure_ascii=False).encode(),
        content_type="application/problem+json",
        headers=headers,
    )
    if isinstance(error, (errors.BodyUnreadable, errors.BodyTooSlow)):
        response.force_close()
    return response
