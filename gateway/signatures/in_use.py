"""A certificate on which a gateway relies."""

from dataclasses import dataclass
from enum import StrEnum

from cryptography import x509


class Purpose(StrEnum):
    """What a certificate is good for here."""

    SEAL = "seal"
    """It seals the permits of an authority that lives here."""
    GATEWAY = "gateway"
    """It signs our envelopes and receipts."""
    PARTNER = "partner"
    """A partner, or an authority behind it, signs with it."""
    TLS = "tls"
    """It is shown in a TLS handshake, by us or by a partner."""


@dataclass(frozen=True, slots=True)
class InUse:
    """One certificate."""

    owner: str
    purpose: Purpose
    name: str
    """By which people know it."""
    certificate: x509.Certificate
