"""
Which certificate belongs to whom, and which key signs when.

`TrustStore` holds what we believe, filled by the operator and by nobody else; `Keyring` what we sign with.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from cryptography import x509

from gateway.errors import ConfigurationError, KeyMaterialError
from gateway.signatures.keys import SigningKey, check_window, fingerprint


@dataclass(frozen=True, slots=True)
class TrustStore:
    """
    The certificates that we trust, by owner.

    An owner is the id of an authority (`CH:MA`) for the seal on permits, or of a partner (`ch`) for the
    signature on envelopes and receipts. A certificate outside the store is a stranger, whoever issued it.
    """

    by_owner: Mapping[str, tuple[x509.Certificate, ...]]
    excepted: frozenset[str] = frozenset()
    """SHA-256 in hex of the certificates whose short RSA key is accepted, because a partner said so."""

    def of(self, owner: str) -> tuple[x509.Certificate, ...]:
        """The certificates of one owner; empty when it has none."""
        return self.by_owner.get(owner, ())

    def all(self) -> tuple[x509.Certificate, ...]:
        """Every certificate in the store."""
        return tuple(certificate for group in self.by_owner.values() for certificate in group)

    def owners(self, certificate: x509.Certificate) -> frozenset[str]:
        """Everybody who registered this certificate."""
        wanted = fingerprint(certificate)
        return frozenset(
            owner
            for owner, group in self.by_owner.items()
            if any(fingerprint(registered) == wanted for registered in group)
        )

    @classmethod
    def filled(
        cls, owned: Iterable[tuple[str, tuple[x509.Certificate, ...]]], excepted: frozenset[str] = frozenset()
    ) -> "TrustStore":
        """
        A store that is fit to serve.

        Raises `ConfigurationError` when it holds no certificate at all: with an empty store nothing could
        be verified, and a gateway that verifies nothing must not start (promise 5).
        """
        store = cls(dict(owned), excepted)
        if not store.all():
            raise ConfigurationError(
                "the trust store is empty: no authority and no partner has a certificate",
                advice="register certificates under [[authority]] or [[partner]] in the configuration",
            )
        return store


GATEWAY = "gateway"
"""The owner of the key that signs envelopes and receipts; authorities own their seals under their ids."""

ALWAYS = datetime(1, 1, 1, tzinfo=UTC)
"""Since when the key in the configuration itself is in use: before every key of `keys.toml`."""


class Use(StrEnum):
    """What a key is good for at a moment."""

    REQUESTED = "requested"
    """There is a private key and no certificate yet."""
    NEXT = "next"
    """It will sign later: from its moment on, or once one is given to it."""
    ACTIVE = "active"
    """It signs."""
    RETIRED = "retired"
    """It signed; what it sealed still verifies."""


@dataclass(frozen=True, slots=True)
class OwnKey:
    """One key of ours, as far as it is there."""

    owner: str
    """`GATEWAY`, or the id of an authority that lives here."""
    name: str
    """The word by which commands call it."""
    certificate: x509.Certificate | None = None
    """None while it is only requested."""
    signing_key: SigningKey | None = None
    """None when it was retired and its private key is not needed any more, or while it is requested."""
    begins: datetime | None = None
    """The moment from which it signs; None while nobody has decided."""
    retired: datetime | None = None
    """The moment from which it does not sign any more; None unless somebody retired it."""

    def can_sign(self, at: datetime) -> bool:
        """True when it has begun, nobody retired it, and key and certificate are there."""
        return (
            self.signing_key is not None
            and self.begins is not None
            and self.begins <= at
            and (self.retired is None or at < self.retired)
        )


@dataclass(frozen=True, slots=True)
class Keyring:
    """Every key of this gateway: the active one, the next and the retired ones of each owner."""

    keys: tuple[OwnKey, ...]

    def of(self, owner: str) -> tuple[OwnKey, ...]:
        """The keys of one owner; empty when it has none."""
        return tuple(key for key in self.keys if key.owner == owner)

    def current(self, owner: str, at: datetime) -> OwnKey | None:
        """
        The key of an owner that signs at a moment: of those that can, the one that began last,
        and of two that began in the same second the later one of the file.

        It is chosen anew each time, so the switch to the next key happens at its second and needs nobody.
        """
        able = [key for key in self.of(owner) if key.can_sign(at)]
        return max(reversed(able), key=lambda key: key.begins or ALWAYS, default=None)

    def active(self, owner: str, at: datetime) -> SigningKey:
        """
        The key with which an owner signs at a moment.

        Raises `KeyMaterialError` when it has none, or when its certificate is not valid then: what it signed
        would be refused everywhere.
        """
        current = self.current(owner, at)
        if current is None or current.signing_key is None:
            raise KeyMaterialError(
                f"{owner} has no key that signs at {at:%Y-%m-%d %H:%M} UTC",
                advice=f"make one with: ecites keys new {owner}",
            )
        check_window(current.signing_key.certificate, current.name, at)
        return current.signing_key

    def use(self, key: OwnKey, at: datetime) -> Use:
        """What a key of this ring is good for at a moment."""
        if key.retired is not None and key.retired <= at:
            return Use.RETIRED
        if key.certificate is None:
            return Use.REQUESTED
        if key.begins is None or key.begins > at:
            return Use.NEXT
        return Use.ACTIVE if self.current(key.owner, at) == key else Use.RETIRED

    def certificates(self, owner: str) -> tuple[x509.Certificate, ...]:
        """
        Every certificate of an owner, also the next one and the retired ones.

        A document that was sealed with any of them verifies; whether the certificate was valid then is
        another question.
        """
        return tuple(key.certificate for key in self.of(owner) if key.certificate is not None)
