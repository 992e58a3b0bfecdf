"""Certificates that the settings name, looked at before anything is believed because of them."""

from pathlib import Path

from cryptography import x509

from gateway.config import Settings
from gateway.errors import KeyMaterialError
from gateway.signatures.keys import check_certificate, is_development, load_certificates


def load_all(places: tuple[Path, ...], settings: Settings) -> tuple[x509.Certificate, ...]:
    """The certificates of a partner or of an authority behind it."""
    certificates = tuple(certificate for place in places for certificate in load_certificates(place))
    for certificate in certificates:
        check_certificate(certificate, str(places[0]))
        refuse_development(certificate, settings)
    return certificates


def refuse_development(certificate: x509.Certificate, settings: Settings) -> None:
    """Throw-away keys are known to everybody who has the repository or the demo."""
    if is_development(certificate) and settings.environment != "development":
        raise KeyMaterialError(
            f"{certificate.subject.rfc4514_string()} is a throw-away development certificate",
            advice='use real keys, or say environment = "development" on a machine for trying things out',
        )
