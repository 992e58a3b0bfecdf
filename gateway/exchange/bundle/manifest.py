"""The manifest: for machines, what is in a bundle and what is claimed."""

import json
from collections.abc import Mapping
from typing import Any

from gateway.exchange.bundle.claims import claims_of
from gateway.exchange.bundle.contents import (
    ENVELOPE,
    GUIDE,
    PERMIT,
    RECEIPT,
    VERSION,
    Bundle,
    BundledCertificate,
    Signed,
)
from gateway.exchange.moments import write_moment
from gateway.xmlio.canonical import sha256_hex

FORMAT = "ecites-receipt-bundle"

_WHAT = {
    GUIDE: "how to check this bundle, for people",
    RECEIPT: "the receiver's signed answer, as it came",
    ENVELOPE: "the signed message, as it was sent",
    PERMIT: "the document inside the message, as its issuer sealed it",
}
_SIGNED = {
    Signed.RECEIPT: f"signed {RECEIPT}",
    Signed.ENVELOPE: f"signed {ENVELOPE}",
    Signed.SEAL: f"sealed {PERMIT}",
}


def manifest(bundle: Bundle, files: Mapping[str, bytes]) -> bytes:
    """JSON about the bundle and its other files, always in the same order."""
    header, receipt = bundle.envelope.header, bundle.receipt
    what = _WHAT | {each.file: f"the certificate that {_SIGNED[each.signed]}" for each in bundle.certificates}
    told: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "message": {
            "message_id": header.message_id,
            "conversation_id": header.conversation_id,
            "sender": str(header.sender),
            "recipient": str(header.recipient),
            "kind": header.kind.value,
            "sent_at": write_moment(header.sent_at),
            "issuer": header.permit.issuer,
            "number": header.permit.number,
        },
        "receipt": {
            "sender": str(receipt.sender),
            "recipient": str(receipt.recipient),
            "received_at": write_moment(receipt.received_at),
            "outcome": receipt.outcome.value,
            "envelope_sha256": receipt.envelope_digest,
            "payload_sha256": receipt.payload_digest,
            "findings": [finding.as_dict() for finding in receipt.findings],
        },
        "claims": list(claims_of(bundle)),
        "certificates": [_certificate(each) for each in bundle.certificates],
        "files": [
            {"name": name, "bytes": len(data), "sha256": sha256_hex(data), "what": what[name]}
            for name, data in files.items()
        ],
    }
    return (json.dumps(told, ensure_ascii=False, indent=2) + "\n").encode()


def _certificate(certificate: BundledCertificate) -> dict[str, str]:
    """What people compare."""
    return {
        "file": certificate.file,
        "signed": certificate.signed.value,
        "subject": certificate.subject,
        "sha256": certificate.sha256,
        "valid_from": write_moment(certificate.begins),
        "valid_until": write_moment(certificate.ends),
    }
