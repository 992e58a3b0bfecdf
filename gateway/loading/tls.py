"""TLS: whose certificates partners must show, and what we show."""

import ssl
from datetime import datetime
from pathlib import Path

from cryptography import x509

from gateway.config import Settings
from gateway.loading.certificates import refuse_development
from gateway.signatures.keyring import TrustStore
from gateway.signatures.keys import load_certificates
from gateway.signatures.revocation import NO_LISTS, Revocations, check_revocation
from gateway.transport.tls import ClientTls, OwnCertificate, ServerPins, own_leaf, renew, server_context


def load_tls_trust(settings: Settings) -> TrustStore:
    """
    The TLS certificates of each partner and each authority that has any.

    May be empty, then TLS identity is not demanded. Raises `KeyMaterialError`.
    """
    places = {partner.id: partner.tls_certificates for partner in settings.partner}
    places |= {str(authority.id): authority.client_certificates for authority in settings.authority}
    owned = {
        owner: tuple(c for place in theirs for c in load_certificates(place))
        for owner, theirs in places.items()
        if theirs
    }
    for certificate in (c for theirs in owned.values() for c in theirs):
        refuse_development(certificate, settings)
    return TrustStore(owned)


def load_client_tls(
    settings: Settings, trust: TrustStore, at: datetime, revocations: Revocations = NO_LISTS
) -> ClientTls:
    """
    How partners' servers are verified, and what we show them.

    A registered certificate that its issuer has taken back is left out; a partner of whom none is left cannot
    be reached.

    Raises `KeyMaterialError`.
    """
    own = None
    if settings.transport.certificate is not None and settings.transport.key is not None:
        own = _own(settings.transport.certificate, settings.transport.key, settings, at)
    exact = {partner.id for partner in settings.partner if partner.tls_server_check == "certificate"}
    pins = {}
    for owner, registered in trust.by_owner.items():
        good = (c for c in registered if check_revocation(c, at, revocations).acceptable)
        pins[owner] = ServerPins(tuple(good), exact=owner in exact)
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
    return server_context(own, _callers(settings, trust))


def renew_server_tls(context: ssl.SSLContext, settings: Settings, trust: TrustStore, at: datetime) -> None:
    """
    Take in what has changed since `load_server_tls` made `context`, from the next handshake on.

    Raises `KeyMaterialError` and changes nothing when our own files are broken.
    """
    if settings.web.tls is not None:
        own = _own(settings.web.tls.certificate, settings.web.tls.key, settings, at)
        renew(context, own, _callers(settings, trust))


def tls_files(settings: Settings) -> tuple[Path, ...]:
    """The files of what we show, to callers and to those whom we call."""
    places = [settings.transport.certificate, settings.transport.key]
    if settings.web.tls is not None:
        places += [settings.web.tls.certificate, settings.web.tls.key]
    return tuple(place for place in places if place is not None)


def _callers(settings: Settings, trust: TrustStore) -> tuple[x509.Certificate, ...]:
    """The certificates that callers may show; none when nobody is asked for one."""
    asked = settings.web.client_certificates != "none" and settings.web.proxy is None
    return trust.all() if asked else ()


def _own(certificate: Path, key: Path, settings: Settings, at: datetime) -> OwnCertificate:
    """The files that we show, looked at before they are used."""
    own = OwnCertificate(certificate, key)
    refuse_development(own_leaf(own, at=at), settings)
    return own
