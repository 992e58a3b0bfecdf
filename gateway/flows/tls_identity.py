"""The TLS certificate of a caller and the partner for whom it speaks must agree (promise 4)."""

from datetime import datetime

from cryptography import x509

from gateway.errors import Forbidden, IdentityMismatch
from gateway.exchange.directory import Partner
from gateway.flows.ports import Node, Trail
from gateway.permits.identity import AuthorityId
from gateway.signatures.keys import fingerprint
from gateway.signatures.revocation import check_revocation


def require_tls_identity(
    partner: Partner, node: Node, trail: Trail, at: datetime, claim: str = "envelope sender"
) -> None:
    """
    The caller's certificate, if there is one, is registered for `partner` and valid at `at`.

    `claim` is what says that it is `partner`, in words. Where we have called the other side ourselves, its
    server's certificate was verified before anything was read; then it only has to be the same partner.

    A partner for which TLS certificates are registered must show one. One that has none may come without;
    but a certificate of somebody else, or of nobody, is never passed over in silence.

    Raises `IdentityMismatch`, or `Forbidden` for a certificate out of its time, or taken back.
    """
    if trail.called:
        _require_called(partner, trail, claim)
        return
    certificate = trail.tls
    if certificate is None:
        if node.tls.of(partner.id):
            raise IdentityMismatch(
                f"the {claim} belongs to partner {partner.id}, but the connection shows no TLS "
                "certificate; both must agree",
                advice=f"connect with a client certificate that is registered here for {partner.id}",
                one=claim,
                other="TLS identity",
            )
        return
    owners = node.tls.owners(certificate)
    if partner.id not in owners:
        whose = f"partner {', '.join(sorted(owners))}" if owners else "nobody who is registered here"
        raise IdentityMismatch(
            f"the {claim} belongs to partner {partner.id}, but the TLS certificate with SHA-256 "
            f"{fingerprint(certificate)} belongs to {whose}; both must agree",
            advice=f"send it over a connection of {partner.id}, or register the certificate in its "
            "tls_certificates",
            one=claim,
            other="TLS identity",
        )
    _require_in_time(certificate, at)
    _require_not_revoked(certificate, node, at)


def authority_that_shows(certificate: x509.Certificate, node: Node, at: datetime) -> AuthorityId | None:
    """
    The authority hosted here whose own system calls with this certificate; None when it is nobody's.

    Raises `Forbidden` for a certificate that several have registered, out of its time, or taken back.
    """
    owners = node.tls.owners(certificate)
    found = sorted(authority for authority in node.directory.hosted if str(authority) in owners)
    if not found:
        return None
    if len(found) > 1:
        raise Forbidden(
            f"the TLS certificate with SHA-256 {fingerprint(certificate)} is that of "
            f"{' and '.join(map(str, found))}: it does not say for which you speak",
            advice="send the token of one of them, or use a certificate for each",
        )
    _require_in_time(certificate, at)
    _require_not_revoked(certificate, node, at)
    return found[0]


def _require_called(partner: Partner, trail: Trail, claim: str) -> None:
    """What lies in the mailbox that one partner keeps for us is of that partner."""
    if trail.called != partner.id:
        raise IdentityMismatch(
            f"the {claim} belongs to partner {partner.id}, but it lay in the mailbox that partner "
            f"{trail.called} keeps for us; both must agree",
            advice=f"ask the operator of {trail.called}; one that passes messages on must sign them itself",
            one=claim,
            other="TLS identity",
        )


def _require_not_revoked(certificate: x509.Certificate, node: Node, at: datetime) -> None:
    """The lists count for connections as they do for signatures; too old is no answer."""
    found = check_revocation(certificate, at, node.revocations)
    if not found.acceptable:
        raise Forbidden(
            f"the TLS certificate with SHA-256 {fingerprint(certificate)} is not accepted: {found.message}",
            advice="connect with a certificate that its issuer has not taken back",
        )


def _require_in_time(certificate: x509.Certificate, at: datetime) -> None:
    """OpenSSL has looked when the connection ends here; behind a proxy nobody has, as far as we know."""
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not begins <= at <= ends:
        raise Forbidden(
            f"the TLS certificate with SHA-256 {fingerprint(certificate)} is valid from "
            f"{begins:%Y-%m-%d %H:%M} to {ends:%Y-%m-%d %H:%M} UTC, not now ({at:%Y-%m-%d %H:%M} UTC)",
            advice="connect with a certificate that is valid now, or set the clocks right",
        )
