"""Certificates that the settings name, looked at before anything is believed because of them."""

from dataclasses import replace
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from gateway.config import Settings
from gateway.errors import KeyMaterialError
from gateway.signatures.keys import check_certificate, is_development, load_certificates
from gateway.signatures.policy import DEFAULT_POLICY


def load_all(
    places: tuple[Path, ...], settings: Settings, *, min_rsa_bits: int = DEFAULT_POLICY.min_rsa_bits
) -> tuple[x509.Certificate, ...]:
    """
    The certificates of a partner or of an authority behind it.

    Raises `KeyMaterialError` for one that cannot be read, may not sign, or is a throw-away one.
    """
    policy = replace(DEFAULT_POLICY, min_rsa_bits=min_rsa_bits)
    certificates = tuple(certificate for place in places for certificate in load_certificates(place))
    for certificate in certificates:
        check_certificate(certificate, str(places[0]), policy)
        refuse_development(certificate, settings)
    return certificates


def is_short(certificate: x509.Certificate) -> bool:
    """True for an RSA key that only an exception lets sign."""
    key = certificate.public_key()
    return isinstance(key, rsa.RSAPublicKey) and key.key_size < DEFAULT_POLICY.min_rsa_bits


def refuse_development(certificate: x509.Certificate, settings: Settings) -> None:
    """Throw-away keys are known to everybody who has the repository or the demo."""
    if is_development(certificate) and settings.environment != "development":
        raise KeyMaterialError(
            f"{certificate.subject.rfc4514_string()} is a throw-away development certificate",
            advice='use real keys, or say environment = "development" on a machine for trying things out',
        )
