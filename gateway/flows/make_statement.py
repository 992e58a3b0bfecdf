"""An issuer states in brief what a sealed permit says, to be drawn as a QR code."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from cryptography import x509

from gateway.codec.registry import decode
from gateway.errors import IdentityMismatch, MalformedRequest
from gateway.permits.model import Permit
from gateway.permits.statement import KIND, LONGEST_STATEMENT, Statement, statement_of, to_claims
from gateway.signatures.compact import sign_compact
from gateway.signatures.issuer_folder import party_of
from gateway.signatures.keys import SigningKey, subject_of
from gateway.signatures.policy import DEFAULT_POLICY, SignaturePolicy
from gateway.signatures.verify import verify
from gateway.xmlio.canonical import sha256_hex
from gateway.xmlio.parse import parse


@dataclass(frozen=True, slots=True)
class MadeStatement:
    """A statement and the text that goes into the QR code."""

    statement: Statement
    text: str


def make_statement(
    document: bytes,
    key: SigningKey,
    trusted: Sequence[x509.Certificate],
    *,
    at: datetime,
    policy: SignaturePolicy = DEFAULT_POLICY,
) -> MadeStatement:
    """
    State what a sealed permit says.

    1. The seal holds: nothing is stated about a document that would be refused.
    2. The key belongs to the Party that issued the permit.
    3. The statement is made from what was sealed, with the digest of the document as it is handed on.
    4. It is signed, with as many lines as a telephone can read from paper.

    `at` is aware. Raises `DocumentError`, `SignatureRefused`, `IdentityMismatch`, or `MalformedRequest` when
    the permit does not say enough.
    """
    # 1
    permit = decode(verify(parse(document), trusted, at=at, policy=policy)).permit
    # 2
    party = party_of(key.certificate)
    if party != permit.issuer:
        raise IdentityMismatch(
            f"the permit was issued by {permit.issuer or 'nobody'}, and the key is that of "
            f"{subject_of(key.certificate)}",
            advice="use the seal key of the issuing Management Authority",
        )
    # 3
    statement = statement_of(permit, sha256_hex(document), at)
    # 4
    return _signed(statement, key)


def state(permit: Permit, digest: str, key: SigningKey, at: datetime) -> str:
    """
    The signed text about a permit whose seal was proven a moment ago, `digest` being that of its document.

    Empty when the permit does not say enough for one, or the certificate names another Party.
    """
    if party_of(key.certificate) != permit.issuer:
        return ""
    try:
        return _signed(statement_of(permit, digest, at), key).text
    except MalformedRequest:
        return ""


def _signed(statement: Statement, key: SigningKey) -> MadeStatement:
    """Lines are left out at the end until the text is short enough; without any it always is."""
    text = sign_compact(to_claims(statement), key, kind=KIND)
    if len(text) <= LONGEST_STATEMENT or not statement.lines:
        return MadeStatement(statement, text)
    return _signed(replace(statement, lines=statement.lines[:-1]), key)
