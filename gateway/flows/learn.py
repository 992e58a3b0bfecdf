"""A directory of partners that somebody publishes is proven, compared and learned."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from gateway.errors import DirectoryRefused, KeyMaterialError
from gateway.exchange import directory_file
from gateway.exchange.channels import ChannelRule
from gateway.exchange.directory import Directory
from gateway.exchange.directory_file import DirectoryFile, ListedCertificate, ListedPartner
from gateway.permits.identity import AuthorityId, Role
from gateway.signatures.keyring import TrustStore
from gateway.signatures.keys import check_certificate, is_development, subject_of
from gateway.signatures.verify import verify
from gateway.xmlio.parse import parse

CLOCK_TOLERANCE = timedelta(minutes=5)
"""So much may the publisher's clock be ahead of ours."""


@dataclass(frozen=True, slots=True)
class DirectorySettings:
    """How this gateway stands in directories, and whose directories it believes."""

    id: str = ""
    """The short name under which others list this gateway; an entry of that name in a directory is ours."""
    url: str = ""
    """Where others reach it; needed to export a directory with this gateway in it."""
    publisher: str = ""
    """The name under which it publishes a directory; `id` when empty."""
    trusted: tuple[Path, ...] = ()
    """Files or folders with the certificates of publishers; without one no directory is believed."""


@dataclass(frozen=True, slots=True)
class Known:
    """Who takes part, and whose certificates we believe: views that change together."""

    directory: Directory
    trust: TrustStore
    tls: TrustStore
    """The TLS certificates of partners that have any."""


def prove_directory(
    data: bytes, trusted: Sequence[x509.Certificate], *, at: datetime | None, development: bool
) -> DirectoryFile:
    """
    Prove who signed a directory, and check what is in it.

    `at` is now when the file comes from outside. For one that was proven when it was imported it is None:
    then the moment counts at which it was issued, so that the end of its publisher's certificate does not
    end the exchange with everybody listed. `development` allows throw-away certificates.

    1. The signature, by one of `trusted`, over the document element.
    2. The moment of issue is not in the future.
    3. Each certificate can be read, is what the policy accepts, and has the times that the file states.

    Raises `DocumentError`, `SignatureRefused`, `DirectoryRefused` or `KeyMaterialError`.
    """
    # 1
    document = parse(data)
    issued_at = directory_file.peek_issued_at(document.root)
    directory = directory_file.read(verify(document, trusted, at=at or issued_at).root)
    # 2
    if at is not None and directory.issued_at > at + CLOCK_TOLERANCE:
        raise DirectoryRefused(
            f"the directory of {directory.publisher} says that it was issued on "
            f"{directory.issued_at:%Y-%m-%d %H:%M} UTC, which is still to come",
            advice="set the clock of this machine right, or tell the publisher",
        )
    # 3
    for partner in directory.partners:
        for owner, listed in _owned(partner):
            for certificate in listed:
                _check(certificate, f"{owner} in the directory of {directory.publisher}", development)
        for certificate in partner.tls_certificates:
            where = f"TLS of {partner.id} in the directory of {directory.publisher}"
            _check(certificate, where, development, signs=False)
    return directory


def without(directory: DirectoryFile, own_id: str) -> tuple[ListedPartner, ...]:
    """The partners of a directory, except the entry about the gateway that reads it."""
    return tuple(partner for partner in directory.partners if partner.id != own_id)


def check_fits(
    directory: DirectoryFile, *, own_id: str, hosted: Iterable[AuthorityId], taken: Mapping[str, str]
) -> None:
    """
    Check that a directory says nothing about those whom the operator, or another directory, has registered.

    `taken` tells for the id of each partner and authority known already where it stands. A publisher also
    names no Management Authority of a Party that has one here: it could issue permits in our own name. Nor
    may it let a partner act for anybody but authorities that the directory itself lists.

    Raises `DirectoryRefused`.
    """
    listed = {str(each.id) for partner in without(directory, own_id) for each in partner.authorities}
    ours = {authority.party for authority in hosted if authority.role is Role.MA}
    for partner in without(directory, own_id):
        for name in (partner.id, *(str(authority.id) for authority in partner.authorities)):
            if name in taken:
                raise DirectoryRefused(
                    f"the directory of {directory.publisher} lists {name}, which stands in {taken[name]} "
                    "already",
                    advice="take it out of one of the two: nobody can be registered twice",
                )
        for acted in partner.partner().under(ChannelRule.ACT_FOR):
            if str(acted) not in listed:
                raise DirectoryRefused(
                    f"the directory of {directory.publisher} lets {partner.id} act for {acted}, which the "
                    "directory does not list",
                    advice="if that is right, register the rule in the configuration yourself",
                )
        for authority in partner.authorities:
            if authority.id.role is Role.MA and authority.id.party in ours:
                raise DirectoryRefused(
                    f"the directory of {directory.publisher} lists {authority.id}, a Management Authority of "
                    "a Party that has one here",
                    advice="if that is right, register it in the configuration yourself",
                )


def names_of(partners: Iterable[ListedPartner]) -> Iterator[str]:
    """The ids of partners and of the authorities behind them."""
    for partner in partners:
        yield partner.id
        yield from (str(authority.id) for authority in partner.authorities)


def joined(known: Known, directories: Iterable[DirectoryFile], *, own_id: str) -> Known:
    """What the operator configured together with what directories list; they fit each other."""
    partners = dict(known.directory.partners)
    owned, tls = dict(known.trust.by_owner), dict(known.tls.by_owner)
    for directory in directories:
        for partner in without(directory, own_id):
            partners[partner.id] = partner.partner()
            owned |= dict.fromkeys((owner for owner, _ in _owned(partner)), ())
            for owner, certificate in certificates_of(partner):
                owned[owner] += (certificate,)
            if partner.tls_certificates:
                tls[partner.id] = tuple(map(_certificate, partner.tls_certificates))
    return Known(
        replace(known.directory, partners=partners), TrustStore(owned, known.trust.excepted), TrustStore(tls)
    )


def certificates_of(partner: ListedPartner) -> list[tuple[str, x509.Certificate]]:
    """The certificates of a proven partner and of the authorities behind it, each with its owner."""
    return [(owner, _certificate(each)) for owner, listed in _owned(partner) for each in listed]


def _certificate(listed: ListedCertificate) -> x509.Certificate:
    """A listed certificate, which was read before."""
    return x509.load_der_x509_certificate(listed.der)


def _owned(partner: ListedPartner) -> Iterator[tuple[str, tuple[ListedCertificate, ...]]]:
    """The certificates of a partner and of the authorities behind it, by owner."""
    yield partner.id, partner.certificates
    for authority in partner.authorities:
        yield str(authority.id), authority.certificates


def _check(listed: ListedCertificate, where: str, development: bool, *, signs: bool = True) -> None:  # noqa: FBT001 - passed on as it came
    """One certificate (step 3); one of TLS need not be fit to sign documents."""
    try:
        certificate = x509.load_der_x509_certificate(listed.der)
        subject = subject_of(certificate)
        if signs:
            check_certificate(certificate, f"{where}: {subject}")
    except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion) as error:
        raise KeyMaterialError(f"{where}: a certificate cannot be read: {error}") from None
    if is_development(certificate) and not development:
        raise KeyMaterialError(
            f"{where}: {subject} is a throw-away development certificate",
            advice='take it out of the directory; only environment = "development" accepts it',
        )
    times = (certificate.not_valid_before_utc, certificate.not_valid_after_utc)
    if (listed.begins, listed.ends) != times:
        raise KeyMaterialError(
            f"{where}: {subject} is valid from {times[0]:%Y-%m-%d %H:%M} to {times[1]:%Y-%m-%d %H:%M} UTC, "
            "and the directory states other times",
            advice="tell its publisher to make the directory anew",
        )
