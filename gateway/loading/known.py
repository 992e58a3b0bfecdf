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


def load_trust(settings: Settings, keyring: Keyring) -> TrustStore:
    """
    Every certificate that the operator registered, and our own, by owner.

    Raises `KeyMaterialError` or `ConfigurationError`, also for an empty store (promise 5).
    """
    owned: list[tuple[str, tuple[x509.Certificate, ...]]] = [
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
    return TrustStore.filled(owned, frozenset(excepted))


def load_known(settings: Settings, keyring: Keyring, directories: Sequence[DirectoryFile]) -> Known:
    """
    Who takes part and whose certificates we believe: the configuration and the imported `directories`.

    Raises `KeyMaterialError` or `ConfigurationError`.
    """
    configured = Known(settings.directory(), load_trust(settings, keyring), load_tls_trust(settings))
    return joined(configured, directories, own_id=settings.directories.id)
