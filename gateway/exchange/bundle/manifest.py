"""The manifest: for machines, what is in a bundle and what is claimed."""

import json
from collections.abc import Mapping
from typing import Any

from gateway.exchange.bundle.claims import claims_of
from gateway.exchange.bundle.contents import (
    CHECKPOINT,
    ENTRIES,
    ENVELOPE,
    GUIDE,
    PERMIT,
    RECEIPT,
    Bundle,
    BundledCertificate,
    Signed,
    list_names,
)
from gateway.exchange.moments import write_moment
from gateway.xmlio.canonical import sha256_hex

FORMAT = "ecites-receipt-bundle"
"""Version 1 had the receipt alone; the name stays, so that an older program says that it is too old."""

_WHAT = {
    GUIDE: "how to check this bundle, for people",
    RECEIPT: "the receiver's signed answer, as it came",
    ENVELOPE: "the signed message, as it was sent",
    PERMIT: "the document inside the message, as its issuer sealed it",
    CHECKPOINT: "size and root of the message log, signed by its gateway",
    ENTRIES: "what is logged about the message, with the proofs that it is in the log",
}
_SIGNED = {
    Signed.RECEIPT: f"signed {RECEIPT}",
    Signed.ENVELOPE: f"signed {ENVELOPE}",
    Signed.SEAL: f"sealed {PERMIT}",
    Signed.LOG: f"signed {CHECKPOINT}",
}


def manifest(bundle: Bundle, files: Mapping[str, bytes]) -> bytes:
    """JSON about the bundle and its other files, always in the same order."""
    header, receipt = bundle.envelope.header, bundle.receipt
    what = _WHAT | {each.file: f"the certificate that {_SIGNED[each.signed]}" for each in bundle.certificates}
    for number, _ in enumerate(bundle.lists, start=1):
        crl, issuer = list_names(number)
        what |= {crl: f"revocation list {number}", issuer: f"the certificate that signed {crl}"}
    told: dict[str, Any] = {
        "format": FORMAT,
        "version": bundle.version,
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
        **_log(bundle),
        "claims": [str(claim) for claim in claims_of(bundle)],
        "certificates": [_certificate(each) for each in bundle.certificates],
        "files": [
            {"name": name, "bytes": len(data), "sha256": sha256_hex(data), "what": what[name]}
            for name, data in files.items()
        ],
    }
    return (json.dumps(told, ensure_ascii=False, indent=2) + "\n").encode()


def _log(bundle: Bundle) -> dict[str, Any]:
    """What the log shows; nothing in version 1."""
    if bundle.logged is None:
        return {}
    return {
        "log": {
            "origin": bundle.logged.origin,
            "size": bundle.logged.size,
            "signed_at": write_moment(bundle.logged.signed_at),
            "entries": [
                {"at": each.at, "kind": each.kind, "outcome": each.outcome} for each in bundle.logged.entries
            ],
        },
        "revocation_lists": [
            {
                "issuer": each.issuer,
                "issuer_sha256": each.issuer_sha256,
                "made_at": write_moment(each.made_at),
            }
            for each in bundle.lists
        ],
    }


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
