"""Signatures are verified as this gateway has decided, and two verifiers that disagree are never silent."""

from collections.abc import Sequence
from datetime import datetime

import structlog
from cryptography import x509

from gateway.errors import SignatureRefused
from gateway.flows.ports import Node
from gateway.signatures.verified import VerifiedDocument
from gateway.signatures.verify import verify
from gateway.xmlio.canonical import sha256_hex
from gateway.xmlio.parse import ParsedDocument

logger = structlog.get_logger(__name__)


def verify_here(
    document: ParsedDocument,
    trusted: Sequence[x509.Certificate],
    node: Node,
    *,
    at: datetime,
    now: datetime | None = None,
) -> VerifiedDocument:
    """
    Prove who sealed a document, by the policy and with the revocation lists of this gateway.

    `at` is the moment that counts for the certificate, `now` the present, when `at` is not it. A refusal on
    which our verifier and the oracle disagree goes into the running log as an error: a mistake in one of them
    is for people to find, and the digest says in which document.

    Raises `SignatureRefused`.
    """
    try:
        return verify(document, trusted, at=at, now=now, policy=node.policy, revocations=node.revocations)
    except SignatureRefused as error:
        if error.verdict.alarm:
            node.metrics.disagreement()
            logger.error(
                "verifiers_disagree",
                digest=sha256_hex(document.data),
                signer=error.verdict.signer,
                error=error.message,
                advice=error.advice,
            )
        raise
