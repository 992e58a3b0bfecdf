"""Who takes part and whose certificates we believe."""

from collections.abc import Sequence

from cryptography import x509

from gateway.config import Settings
from gateway.exchange.directory_file import DirectoryFile
from gateway.flows.learn import Known, joined
from gateway.loading.certificates import load_all
from gateway.loading.tls import load_tls_trust
from gateway.signatures.keyring import Keyring, TrustStore


def load_trust(settings: Settings, keyring: Keyring) -> TrustStore:
    """
    Every certificate that the operator registered, and our own, by owner.

    Raises `KeyMaterialError` or `ConfigurationError`, also for an empty store (promise 5).
    """
    owned: list[tuple[str, tuple[x509.Certificate, ...]]] = [
        (str(authority.id), keyring.certificates(str(authority.id))) for authority in settings.authority
    ]
    for partner in settings.partner:
        owned.append((partner.id, load_all(partner.certificates, settings)))
        owned.extend((str(a.id), load_all(a.certificates, settings)) for a in partner.authority)
    return TrustStore.filled(owned)


def load_known(settings: Settings, keyring: Keyring, directories: Sequence[DirectoryFile]) -> Known:
    """
    Who takes part and whose certificates we believe: the configuration and the imported `directories`.

    Raises `KeyMaterialError` or `ConfigurationError`.
    """
    configured = Known(settings.directory(), load_trust(settings, keyring), load_tls_trust(settings))
    return joined(configured, directories, own_id=settings.directories.id)
