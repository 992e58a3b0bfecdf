"""What a verification concluded, in the words of ETSI EN 319 102-1."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gateway.errors import SignatureRefused
from gateway.permits.findings import Area, Finding, Severity


class Indication(StrEnum):
    """The main statement (EN 319 102-1, 5.1.3)."""

    PASSED = "PASSED"
    """The signature holds and the signer is who we trust."""
    FAILED = "FAILED"
    """The signature does not hold."""
    INDETERMINATE = "INDETERMINATE"
    """What is at hand does not suffice to say; for us that is a refusal."""


class SubIndication(StrEnum):
    """Why it is not PASSED (EN 319 102-1, 5.1.3, tables 5 and 6)."""

    FORMAT_FAILURE = "FORMAT_FAILURE"
    """There is no signature, or it does not have the one shape that is accepted."""
    HASH_FAILURE = "HASH_FAILURE"
    """The document is not the one that was signed."""
    SIG_CRYPTO_FAILURE = "SIG_CRYPTO_FAILURE"
    """The signature value does not fit the key."""
    SIG_CONSTRAINTS_FAILURE = "SIG_CONSTRAINTS_FAILURE"
    """An algorithm or a property is outside the policy."""
    NO_SIGNING_CERTIFICATE_FOUND = "NO_SIGNING_CERTIFICATE_FOUND"
    """The signer is not registered here."""
    NOT_YET_VALID = "NOT_YET_VALID"
    """The moment that counts is before the certificate's first second."""
    OUT_OF_BOUNDS_NO_POE = "OUT_OF_BOUNDS_NO_POE"
    """The certificate has ended and nothing proves that the signature was made before."""
    REVOKED = "REVOKED"
    """The certificate was revoked before the moment that counts."""
    REVOKED_NO_POE = "REVOKED_NO_POE"
    """The certificate is revoked, and nothing proves that the signature was made before."""
    CERTIFICATE_CHAIN_GENERAL_FAILURE = "CERTIFICATE_CHAIN_GENERAL_FAILURE"
    """The key of the certificate, or what the certificate allows it to do, is outside the policy."""
    TRY_LATER = "TRY_LATER"
    """The revocation list is missing or too old to say."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The conclusion about one signature."""

    indication: Indication
    message: str
    """A sentence for a person: what was concluded and what to do."""
    sub: SubIndication | None = None
    """None exactly when the indication is PASSED."""
    signer: str = ""
    """Subject of the certificate that the signature was checked against, or of the one it names."""
    alarm: bool = False
    """Two verifiers disagreed: a mistake in one of them, which people must look at."""

    @property
    def rule(self) -> str:
        """The stable id of the finding for this verdict."""
        return "signature." + (self.sub.value if self.sub else "passed").lower().replace("_", "-")

    def as_dict(self) -> dict[str, Any]:
        """The JSON shape of the conclusion, without its sentence; `alarm` is there only when it is raised."""
        said = {
            "verdict": self.indication.value,
            "sub_indication": self.sub.value if self.sub else None,
            "signer": self.signer,
        }
        return said | {"alarm": True} if self.alarm else said

    def finding(self) -> Finding:
        """The verdict as a finding, for reports and receipts."""
        severity = Severity.INFO if self.indication is Indication.PASSED else Severity.ERROR
        return Finding(
            self.rule,
            severity,
            Area.SIGNATURE,
            self.message,
            path="ds:Signature",
            source="ETSI EN 319 102-1; W3C XML Signature 1.1",
        )


def refuse(
    sub: SubIndication,
    message: str,
    *,
    signer: str = "",
    alarm: bool = False,
) -> SignatureRefused:
    """The error for a signature that is not accepted; the main indication follows from `sub`."""
    failed = {
        SubIndication.FORMAT_FAILURE,
        SubIndication.HASH_FAILURE,
        SubIndication.SIG_CRYPTO_FAILURE,
        SubIndication.SIG_CONSTRAINTS_FAILURE,
        SubIndication.REVOKED,
    }
    indication = Indication.FAILED if sub in failed else Indication.INDETERMINATE
    return SignatureRefused(Verdict(indication, message, sub, signer, alarm))
