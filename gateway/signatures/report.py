"""
The verdict taken apart: one statement for each question that a person asks of a seal.

That a signature holds and that its certificate has ended since are two statements, and both stand here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from cryptography import x509

from gateway.signatures.keys import fingerprint
from gateway.signatures.verdict import SubIndication, Verdict
from gateway.signatures.verified import VerifiedDocument
from gateway.wording import Words, phrase, say


class Basis(StrEnum):
    """Which time counts for the certificate (ETSI EN 319 102-1, 5.2.6: a proof of existence, else now)."""

    RECEIPT = "receipt"
    """The message log proves that the seal existed when the document was received."""
    NOW = "now"
    """Nothing proves an earlier moment."""
    ASKED = "asked"
    """The moment that whoever asked has named; it proves nothing."""


class Revocation(StrEnum):
    """What is known of the certificate's revocation."""

    UNCHECKED = "unchecked"
    """Nobody looked."""
    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"
    """There is no list of the issuer."""
    TOO_OLD = "too-old"
    """The list of the issuer has ended."""
    NOT_YET = "not-yet"
    """The list of the issuer begins later."""


_BEFORE_MATHEMATICS = frozenset(
    {
        SubIndication.FORMAT_FAILURE,
        SubIndication.SIG_CONSTRAINTS_FAILURE,
        SubIndication.NO_SIGNING_CERTIFICATE_FOUND,
    }
)
_BROKEN = frozenset({SubIndication.HASH_FAILURE, SubIndication.SIG_CRYPTO_FAILURE})
_REVOKED = MappingProxyType(
    {
        SubIndication.REVOKED: Revocation.REVOKED,
        SubIndication.REVOKED_NO_POE: Revocation.REVOKED,
        SubIndication.TRY_LATER: Revocation.TOO_OLD,
    }
)
_WINDOW = MappingProxyType(
    {SubIndication.NOT_YET_VALID: "not-yet", SubIndication.OUT_OF_BOUNDS_NO_POE: "ended"}
)


@dataclass(frozen=True, slots=True)
class SealReport:
    """The answers; None where the verification stopped before the question."""

    verdict: Verdict
    checked_at: datetime
    """The moment that counts for the certificate."""
    basis: Basis
    intact: bool | None
    """The signature value and the digests hold."""
    signer_known: bool | None
    """A registered certificate made it."""
    certificate: str | None
    """At that moment: `valid`, `not-yet` or `ended`."""
    revocation: Revocation
    fingerprint: str = ""
    """SHA-256 of the certificate in hex; empty when the seal did not hold."""
    certificate_ends: datetime | None = None
    ended_since: bool | None = None
    """The certificate was valid at the moment that counts, and has ended by now."""
    claimed_at: datetime | None = None
    """The signing time that the signer claims; proves nothing."""

    def as_dict(self) -> dict[str, Any]:
        """The JSON shape; moments in ISO 8601."""
        return self.verdict.as_dict() | {
            "message": str(self.verdict.message),
            "intact": self.intact,
            "signer_known": self.signer_known,
            "checked_at": self.checked_at.isoformat(),
            "time_basis": self.basis.value,
            "certificate": self.certificate,
            "certificate_sha256": self.fingerprint or None,
            "certificate_ends": self.certificate_ends.isoformat() if self.certificate_ends else None,
            "certificate_ended_since": self.ended_since,
            "revocation": self.revocation.value,
            "claimed_signing_time": self.claimed_at.isoformat() if self.claimed_at else None,
        }

    def sentences(self) -> tuple[Words, ...]:
        """The same for people, a sentence for each answer; they can be translated."""
        said = [
            phrase(self.verdict.message)
            if not isinstance(self.verdict.message, Words)
            else self.verdict.message
        ]
        said.append(_ANSWERS["intact", self.intact])
        said.append(_ANSWERS["signer_known", self.signer_known])
        said.append(
            say(
                "the moment that counts is {at:%Y-%m-%d %H:%M} UTC: {why}",
                at=self.checked_at,
                why=_WHY[self.basis],
            )
        )
        if self.ended_since and self.certificate_ends:
            said.append(
                say(
                    "the certificate has ended since, on {ends:%Y-%m-%d %H:%M} UTC; the seal holds "
                    "all the same",
                    ends=self.certificate_ends,
                )
            )
        said.append(_REVOCATION[self.revocation])
        if self.claimed_at:
            said.append(
                say(
                    "the signer claims to have signed at {at:%Y-%m-%d %H:%M} UTC, which proves nothing",
                    at=self.claimed_at,
                )
            )
        return tuple(said)


def report_held(
    document: VerifiedDocument,
    verdict: Verdict,
    *,
    at: datetime,
    basis: Basis,
    now: datetime,
) -> SealReport:
    """
    The report on a seal that was proven.

    `at` is the moment of the verification, `now` that of the question; both have a time zone.
    """
    certificate: x509.Certificate = document.certificate
    ends = certificate.not_valid_after_utc
    return SealReport(
        verdict,
        at,
        basis,
        intact=True,
        signer_known=True,
        certificate="valid",
        revocation=Revocation(document.revocation.value) if document.revocation else Revocation.UNCHECKED,
        fingerprint=fingerprint(certificate),
        certificate_ends=ends,
        ended_since=now > ends,
        claimed_at=document.signing_time,
    )


def report_refused(verdict: Verdict, *, at: datetime, basis: Basis) -> SealReport:
    """The report on a seal that was refused: what was found out before the refusal, and None for the rest."""
    sub = verdict.sub
    known: bool | None = None
    if sub is SubIndication.NO_SIGNING_CERTIFICATE_FOUND:
        known = False
    elif sub not in _BEFORE_MATHEMATICS | _BROKEN:
        known = True
    intact: bool | None = True
    if sub in _BROKEN:
        intact = False
    elif sub in _BEFORE_MATHEMATICS:
        intact = None
    certificate = _WINDOW.get(sub) if sub else None
    revocation = _REVOKED.get(sub, Revocation.UNCHECKED) if sub else Revocation.UNCHECKED
    return SealReport(verdict, at, basis, intact, known, certificate, revocation)


_ANSWERS: Mapping[tuple[str, bool | None], Words] = MappingProxyType(
    {
        ("intact", True): say("the document is as it was signed"),
        ("intact", False): say(
            "the document or its signature was changed, or another key made the signature"
        ),
        ("intact", None): say("whether the document is as it was signed was not found out"),
        ("signer_known", True): say("the signer is registered here"),
        ("signer_known", False): say("the signer is not registered here"),
        ("signer_known", None): say("who signed was not found out"),
    }
)
_WHY: Mapping[Basis, Words] = MappingProxyType(
    {
        Basis.RECEIPT: say("the log proves that the document was received then"),
        Basis.NOW: say("now, because nothing proves an earlier moment"),
        Basis.ASKED: say("it was asked for"),
    }
)
_REVOCATION: Mapping[Revocation, Words] = MappingProxyType(
    {
        Revocation.UNCHECKED: say("whether the certificate was revoked was not checked"),
        Revocation.GOOD: say("the certificate is not revoked"),
        Revocation.REVOKED: say("the certificate was revoked"),
        Revocation.UNKNOWN: say("there is no revocation list of the certificate's issuer"),
        Revocation.TOO_OLD: say("the revocation list of the certificate's issuer is too old"),
        Revocation.NOT_YET: say(
            "the revocation list of the certificate's issuer begins later: check the clocks"
        ),
    }
)
