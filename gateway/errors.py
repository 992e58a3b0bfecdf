"""
The errors of the gateway, one tree, one file.

    GatewayError                      the world failed us, or what came cannot be worked with
    ├── DocumentError                 the bytes are not a document that we can work with
    │   ├── EmptyDocument
    │   ├── DocumentTooLarge
    │   ├── DocumentTooComplex
    │   ├── NotXML
    │   ├── DoctypeRefused
    │   ├── UnknownDocument
    │   ├── SchemaInvalid
    │   ├── AlreadySigned
    │   └── NotSignable
    ├── RequestError                  the caller asked in a way that cannot be answered
    │   ├── MalformedRequest
    │   ├── BodyUnreadable
    │   ├── BodyTooSlow
    │   ├── WrongContentType
    │   ├── WrongContentEncoding
    │   ├── WrongMethod
    │   ├── NotAcceptable
    │   ├── Unauthenticated
    │   ├── Forbidden
    │   ├── SignInRefused
    │   ├── ScopeMissing
    │   ├── NotFound
    │   ├── MessageNotFresh
    │   ├── AcknowledgementRefused
    │   ├── TooManyCallers
    │   ├── TooManyRequests
    │   └── TooManyGuesses
    ├── Conflict                      what came contradicts what is already stored
    │   ├── MessageIdReused
    │   ├── PermitNumberTaken
    │   ├── IdempotencyKeyReused
    │   ├── NotFetched
    │   └── AlreadyAcknowledged
    ├── PermitInvalid                 the permit breaks rules; carries the report
    ├── UseRefused                    a permit cannot be used or changed so; carries the findings
    ├── SignatureRefused              the signature does not hold; carries the verdict
    ├── ProofRefused                  a proof or a checkpoint of a message log does not hold
    ├── DirectoryRefused              a directory of partners cannot be taken over
    ├── IdentityMismatch              header, payload and identity do not say the same
    ├── GatewayBusy                   there is too much to do at this moment
    ├── SearchTooSlow                 a search took longer than searches may
    ├── ExchangeError                 a partner did not do its part
    │   ├── PartnerUnreachable
    │   ├── PartnerAnsweredWrongly
    │   ├── ReceiptRefused
    │   └── NotCollected
    └── OperationError                this gateway is not in order
        ├── ConfigurationError
        ├── KeyMaterialError
        ├── StorageError
        ├── InternalError
        └── DemonstrationFailed

No HTTP status lives here: `web/problems.py` holds the one table from errors to answers.
Every leaf has a stable `code`. `str(error)` is a sentence for a person; `fields` are for machines.
"""

from typing import Any, ClassVar


class GatewayError(Exception):
    """
    Base of everything that the gateway raises on purpose.

    `message` says what is wrong; `advice` what to do about it; `fields` are JSON-ready details.
    """

    code: ClassVar[str] = "gateway_error"

    def __init__(self, message: str, *, advice: str = "", **fields: Any) -> None:
        """Keep the sentence, the advice and the details apart, so that each door can show them its way."""
        super().__init__(message)
        self.message = message
        self.advice = advice
        self.fields = fields


class DocumentError(GatewayError):
    """The bytes are not a document that we can work with."""

    code = "document_error"


class EmptyDocument(DocumentError):
    """Nothing was sent."""

    code = "document_empty"


class DocumentTooLarge(DocumentError):
    """More bytes than the limit."""

    code = "document_too_large"


class DocumentTooComplex(DocumentError):
    """More elements, attributes, namespaces or depth than a permit needs; `fields` say limit and found."""

    code = "document_too_complex"


class NotXML(DocumentError):
    """The bytes are not well-formed XML in UTF-8."""

    code = "not_xml"


class DoctypeRefused(DocumentError):
    """The document carries a DOCTYPE, which no permit needs."""

    code = "doctype_refused"


class UnknownDocument(DocumentError):
    """The root element is not one of the documents that we know."""

    code = "unknown_document"


class SchemaInvalid(DocumentError):
    """The document does not fit its schema; `fields["findings"]` says where."""

    code = "schema_invalid"


class AlreadySigned(DocumentError):
    """The document has a signature; a second one is never added."""

    code = "already_signed"


class NotSignable(DocumentError):
    """The document holds something that no signed document may hold."""

    code = "not_signable"


class RequestError(GatewayError):
    """The caller asked in a way that cannot be answered."""

    code = "request_error"


class MalformedRequest(RequestError):
    """A field is missing or has the wrong shape."""

    code = "malformed_request"


class BodyUnreadable(RequestError):
    """The body breaks off, or is not compressed as declared; the connection cannot be used again."""

    code = "body_unreadable"


class BodyTooSlow(RequestError):
    """The body does not come in the time that there is for it; the connection is closed."""

    code = "body_too_slow"


class WrongContentType(RequestError):
    """The body is declared as something that this address does not take."""

    code = "wrong_content_type"


class WrongContentEncoding(RequestError):
    """The body is compressed in a way that is not unpacked here; `fields["accepted"]` says which are."""

    code = "wrong_content_encoding"


class WrongMethod(RequestError):
    """The address exists and does not take this method; `fields["allowed"]` says which it takes."""

    code = "wrong_method"


class NotAcceptable(RequestError):
    """The answer is wanted in a form that it does not have."""

    code = "not_acceptable"


class Unauthenticated(RequestError):
    """No token, or one that we do not know."""

    code = "unauthenticated"


class Forbidden(RequestError):
    """The caller is known and may not do this."""

    code = "forbidden"


class SignInRefused(RequestError):
    """Name, password or code is wrong, or the account is closed: which of these is not said."""

    code = "sign_in_refused"


class ScopeMissing(RequestError):
    """The caller's token does not open this; `fields["scope"]` names what it lacks."""

    code = "scope_missing"


class NotFound(RequestError):
    """There is no such thing, or none that this caller may see."""

    code = "not_found"


class MessageNotFresh(RequestError):
    """A message that was not received before is from the future, or too old to be still on its way."""

    code = "message_not_fresh"


class AcknowledgementRefused(RequestError):
    """What came as the receipt of a message in a mailbox is not one that can be believed."""

    code = "acknowledgement_refused"


class TooManyCallers(RequestError):
    """So many callers wait already that this one may not wait too."""

    code = "too_many_callers"


class TooManyRequests(RequestError):
    """The caller asks more often than it may; `fields["retry_after"]` is in whole seconds."""

    code = "too_many_requests"


class TooManyGuesses(RequestError):
    """
    So many wrong tokens of permits were given that none is compared for a while.

    `fields["retry_after"]` says for how long.
    """

    code = "too_many_guesses"


class Conflict(GatewayError):
    """What came contradicts what is already stored."""

    code = "conflict"


class MessageIdReused(Conflict):
    """The same message id came with other bytes."""

    code = "message_id_reused"


class PermitNumberTaken(Conflict):
    """Another document of this issuer already has the number."""

    code = "permit_number_taken"


class IdempotencyKeyReused(Conflict):
    """The same idempotency key came with other bytes."""

    code = "idempotency_key_reused"


class NotFetched(Conflict):
    """A message in a mailbox is acknowledged before anybody has fetched it."""

    code = "not_fetched"


class AlreadyAcknowledged(Conflict):
    """Another receipt stands already for a message in a mailbox."""

    code = "already_acknowledged"


class PermitInvalid(GatewayError):
    """The permit breaks rules; `fields["findings"]` is the report."""

    code = "permit_invalid"


class UseRefused(GatewayError):
    """
    Customs cannot write this off, or an authority cannot change a permit so.

    `fields["findings"]` says everything that stands against it.
    """

    code = "use_refused"


class SignatureRefused(GatewayError):
    """The signature does not hold; `verdict` is the `Verdict` of `signatures/verdict.py`."""

    code = "signature_refused"

    def __init__(self, verdict: Any) -> None:
        """The message of the error is the message of the verdict."""
        super().__init__(verdict.message, **verdict.as_dict())
        self.verdict = verdict


class ProofRefused(GatewayError):
    """A proof, a checkpoint or the tree of a message log does not hold."""

    code = "proof_refused"


class DirectoryRefused(GatewayError):
    """A directory of partners is older than, or contradicts, what this gateway knows already."""

    code = "directory_refused"


class IdentityMismatch(GatewayError):
    """Header, payload and identity do not say the same; `fields` names the two that disagree."""

    code = "identity_mismatch"


class GatewayBusy(GatewayError):
    """Too many requests, or too large ones, are being handled; the same again, a little later, is welcome."""

    code = "gateway_busy"


class SearchTooSlow(GatewayError):
    """A search took longer than searches may, so that they hold up nobody; a narrower one is welcome."""

    code = "search_too_slow"


class ExchangeError(GatewayError):
    """A partner did not do its part; worth another try unless the leaf says otherwise."""

    code = "exchange_error"


class PartnerUnreachable(ExchangeError):
    """No connection, or no answer in time."""

    code = "partner_unreachable"


class PartnerAnsweredWrongly(ExchangeError):
    """The partner answered with something that is not a receipt."""

    code = "partner_answered_wrongly"


class ReceiptRefused(ExchangeError):
    """The receipt is not for this message, or not by this partner."""

    code = "receipt_refused"


class NotCollected(ExchangeError):
    """The partner has not collected a message from its mailbox in time."""

    code = "not_collected"


class OperationError(GatewayError):
    """This gateway is not in order; an operator must act."""

    code = "operation_error"


class ConfigurationError(OperationError):
    """The configuration is missing, unreadable or contradicts itself."""

    code = "configuration_error"


class KeyMaterialError(OperationError):
    """A key or a certificate is missing, unreadable, or does not fit."""

    code = "key_material_error"


class StorageError(OperationError):
    """The database is missing, behind, or does not answer."""

    code = "storage_error"


class InternalError(OperationError):
    """A mistake of ours; the details are in the gateway's own log under the correlation id."""

    code = "internal_error"


class DemonstrationFailed(OperationError):
    """A gateway of `ecites demo` did not start or does not answer."""

    code = "demonstration_failed"
