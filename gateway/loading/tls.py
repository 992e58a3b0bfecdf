"""TLS: whose certificates partners must show, and what we show."""

import ssl
from datetime import datetime
from pathlib import Path

from gateway.config import Settings
from gateway.loading.certificates import refuse_development
from gateway.signatures.keyring import TrustStore
from gateway.signatures.keys import load_certificates
from gateway.transport.tls import ClientTls, OwnCertificate, ServerPins, own_leaf, server_context


def load_tls_trust(settings: Settings) -> TrustStore:
    """
    The TLS certificates of each partner that has any; may be empty, then TLS identity is not demanded.

    Raises `KeyMaterialError`.
    """
    owned = {}
    for partner in settings.partner:
        if partner.tls_certificates:
            owned[partner.id] = tuple(
                c for place in partner.tls_certificates for c in load_certificates(place)
            )
        for certificate in owned.get(partner.id, ()):
            refuse_development(certificate, settings)
    return TrustStore(owned)


def load_client_tls(settings: Settings, trust: TrustStore, at: datetime) -> ClientTls:
    """
    How partners' servers are verified, and what we show them.

    Raises `KeyMaterialError`.
    """
    own = None
    if settings.transport.certificate is not None and settings.transport.key is not None:
        own = _own(settings.transport.certificate, settings.transport.key, settings, at)
    exact = {partner.id for partner in settings.partner if partner.tls_server_check == "certificate"}
    pins = {owner: ServerPins(its, exact=owner in exact) for owner, its in trust.by_owner.items()}
    return ClientTls(pins, own)


def load_server_tls(settings: Settings, trust: TrustStore, at: datetime) -> ssl.SSLContext | None:
    """
    TLS of our own port; None when it speaks plain HTTP.

    A proxy in front of us shows no certificate of its own, so none is asked for then.

    Raises `KeyMaterialError`.
    """
    web_settings = settings.web
    if web_settings.tls is None:
        return None
    own = _own(web_settings.tls.certificate, web_settings.tls.key, settings, at)
    asked = web_settings.client_certificates != "none" and web_settings.proxy is None
    return server_context(own, trust.all() if asked else ())


def _own(certificate: Path, key: Path, settings: Settings, at: datetime) -> OwnCertificate:
    """The files that we show, looked at before they are used."""
    own = OwnCertificate(certificate, key)
    refuse_development(own_leaf(own, at=at), settings)
    return own
