"""Which certificate belongs to whom: the trust store, filled by the operator and by nobody else."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cryptography import x509

from gateway.errors import ConfigurationError
from gateway.signatures.keys import fingerprint


@dataclass(frozen=True, slots=True)
class TrustStore:
    """
    The certificates that we trust, by owner.

    An owner is the id of an authority (`CH:MA`) for the seal on permits, or of a partner (`ch`) for the
    signature on envelopes and receipts. A certificate outside the store is a stranger, whoever issued it.
    """

    by_owner: Mapping[str, tuple[x509.Certificate, ...]]

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
    def filled(cls, owned: Iterable[tuple[str, tuple[x509.Certificate, ...]]]) -> "TrustStore":
        """
        A store that is fit to serve.

        Raises `ConfigurationError` when it holds no certificate at all: with an empty store nothing could
        be verified, and a gateway that verifies nothing must not start (promise 5).
        """
        store = cls(dict(owned))
        if not store.all():
            raise ConfigurationError(
                "the trust store is empty: no authority and no partner has a certificate",
                advice="register certificates under [[authority]] or [[partner]] in the configuration",
            )
        return store
