"""Who takes part and whose certificates we believe."""

from collections.abc import Sequence

from cryptography import x509

from gateway.config import Settings
from gateway.exchange.directory_file import DirectoryFile
from gateway.flows.learn import Known, joined
from gateway.loading.certificates import is_short, load_all
from gateway.loading.tls import load_tls_trust
from gateway.signatures.keyring import Keyring, TrustStore
from gateway.signatures.keys import fingerprint

Owned = list[tuple[str, tuple[x509.Certificate, ...]]]
"""Certificates by owner, as they are read."""


def load_trust(settings: Settings, keyring: Keyring) -> TrustStore:
    """
    Every certificate that the operator registered, and our own, by owner.

    Raises `KeyMaterialError` or `ConfigurationError`, also for an empty store (promise 5).
    """
    return TrustStore.filled(*_registered(settings, keyring))


def load_known(settings: Settings, keyring: Keyring, directories: Sequence[DirectoryFile]) -> Known:
    """
    Who takes part and whose certificates we believe: the configuration and the imported `directories`.

    Raises `KeyMaterialError` or `ConfigurationError`.
    """
    return _joined(settings, load_trust(settings, keyring), directories)


def load_others(settings: Settings, directories: Sequence[DirectoryFile]) -> Known:
    """
    The same without our own certificates, for commands that look at what is kept: all partners may be gone.

    Raises `KeyMaterialError` or `ConfigurationError`.
    """
    owned, excepted = _registered(settings, Keyring(()))
    return _joined(settings, TrustStore(dict(owned), excepted), directories)


def _registered(settings: Settings, keyring: Keyring) -> tuple[Owned, frozenset[str]]:
    """Certificates by owner, and the fingerprints of those whose short key is accepted."""
    owned: Owned = [
        (str(authority.id), keyring.certificates(str(authority.id))) for authority in settings.authority
    ]
    excepted: set[str] = set()
    for partner in settings.partner:
        places = [
            (partner.id, partner.certificates),
            *((str(a.id), a.certificates) for a in partner.authority),
        ]
        for owner, named in places:
            certificates = load_all(named, settings, min_rsa_bits=partner.min_rsa_bits)
            owned.append((owner, certificates))
            excepted |= {fingerprint(certificate) for certificate in certificates if is_short(certificate)}
    return owned, frozenset(excepted)


def _joined(settings: Settings, trust: TrustStore, directories: Sequence[DirectoryFile]) -> Known:
    """What the configuration says, with what the directories add."""
    configured = Known(settings.directory(), trust, load_tls_trust(settings))
    return joined(configured, directories, own_id=settings.directories.id)
