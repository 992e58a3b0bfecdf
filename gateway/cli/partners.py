"""What `ecites partner` does: read the registered partners, make, examine and take over directories."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.cli.partner_text import as_dict
from gateway.config import Settings
from gateway.config.partner_files import SUFFIX
from gateway.config.settings import PartnerSettings
from gateway.errors import ConfigurationError, DirectoryRefused
from gateway.exchange.directory_file import (
    DirectoryFile,
    ListedAuthority,
    ListedCertificate,
    ListedPartner,
)
from gateway.flows.learn import prove_directory, without
from gateway.loading.directories import check_against, load_directories, load_publishers
from gateway.signatures.keyring import GATEWAY, Keyring
from gateway.signatures.keys import load_certificates
from gateway.xmlio.parse import MAX_BYTES


@dataclass(frozen=True, slots=True)
class Registered:
    """A partner and where it is registered."""

    partner: ListedPartner
    source: str
    """`configuration`, `added`, or the publisher of the directory that lists it."""

    def as_dict(self) -> dict[str, Any]:
        """The JSON shape."""
        return {"source": self.source, **as_dict(self.partner)}


def read_file(file: Path) -> bytes:
    """
    The bytes of a directory; of one that is too large, enough to refuse it.

    Raises `ConfigurationError` when it cannot be read.
    """
    try:
        with file.open("rb") as opened:
            return opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be read: {error.strerror}") from None


def registered(settings: Settings) -> list[Registered]:
    """
    Every partner, those of the configuration first.

    Raises `KeyMaterialError` or `ConfigurationError`.
    """
    added = settings.directory_folder
    found = [
        Registered(
            listed_partner(partner),
            "added" if (added / f"{partner.id}{SUFFIX}").exists() else "configuration",
        )
        for partner in settings.partner
    ]
    for directory in load_directories(settings):
        found += [
            Registered(partner, directory.publisher)
            for partner in without(directory, settings.directories.id)
        ]
    return found


def make_directory(
    settings: Settings, keyring: Keyring, at: datetime, *, own: bool, serial: int | None
) -> DirectoryFile:
    """
    The directory that this gateway publishes; the moment as a number is the serial unless one is given.

    A partner that only calls out is left out: nobody could reach it.

    Raises `ConfigurationError` when `[directories]` does not say who this gateway is.
    """
    said = settings.directories
    if not said.id or not said.url:
        raise ConfigurationError(
            "the configuration does not say under which id and url others reach this gateway",
            advice="write id and url into [directories]",
        )
    hosted = tuple(
        ListedAuthority(authority.id, _listed(keyring.certificates(str(authority.id))))
        for authority in settings.authority
    )
    ourselves = ListedPartner(
        id=said.id,
        url=said.url,
        certificates=_listed(keyring.certificates(GATEWAY)),
        authorities=hosted,
        versions=settings.documents.versions,
    )
    reachable = [partner for partner in settings.partner if partner.url]
    return DirectoryFile(
        publisher=said.publisher or said.id,
        serial=serial if serial is not None else int(f"{at:%Y%m%d%H%M%S}"),
        issued_at=at,
        partners=(ourselves,) if own else (ourselves, *map(listed_partner, reachable)),
    )


def examine(
    data: bytes, settings: Settings, at: datetime, *, trust: Sequence[Path] | None = None
) -> tuple[DirectoryFile, DirectoryFile | None]:
    """
    Prove a directory that comes from outside, and check that it may be taken over.

    1. Prove it: signed by somebody trusted, its certificates accepted.
    2. It fits the configuration and the directories of other publishers.
    3. It is newer than the edition of the same publisher that is here.

    Returns it with the edition that is here. Raises `DocumentError`, `SignatureRefused`,
    `KeyMaterialError`, `DirectoryRefused` or `ConfigurationError`.
    """
    # 1
    if trust:
        trusted = tuple(certificate for place in trust for certificate in load_certificates(place))
    else:
        trusted = load_publishers(settings)
    if not trusted:
        raise ConfigurationError(
            "no publisher is trusted, so no directory can be believed",
            advice="name the certificate of its publisher in trusted of [directories]; compare its "
            "fingerprint by telephone first",
        )
    development = settings.environment == "development"
    directory = prove_directory(data, trusted, at=at, development=development)
    # 2
    check_against(directory, settings, load_directories(settings, leave_out=directory.publisher))
    # 3
    here = [each for each in load_directories(settings) if each.publisher == directory.publisher]
    before = here[0] if here else None
    if before is not None and directory.serial <= before.serial:
        raise DirectoryRefused(
            f"the directory of {directory.publisher} has serial {directory.serial}, and the one that is here "
            f"has {before.serial}",
            advice="nothing to do if it is the same edition; otherwise get the newest one from its publisher",
        )
    return directory, before


def changes_of(before: DirectoryFile | None, after: DirectoryFile, own_id: str) -> list[str]:
    """What differs between two editions of a directory, as sentences."""
    old = {partner.id: partner for partner in without(before, own_id)} if before else {}
    new = {partner.id: partner for partner in without(after, own_id)}
    changes = [f"added {name}" for name in new if name not in old]
    changes += [f"removed {name}" for name in old if name not in new]
    for name, partner in new.items():
        if name in old and old[name] != partner:
            one, other = as_dict(old[name]), as_dict(partner)
            changed = [key for key in other if one[key] != other[key]]
            changes.append(f"changed {name}: {', '.join(changed)}")
    return changes


def listed_partner(partner: PartnerSettings) -> ListedPartner:
    """A partner of the configuration as a directory lists it; raises `KeyMaterialError`."""
    return ListedPartner(
        id=partner.id,
        url=partner.url,
        certificates=_listed(_load(partner.certificates)),
        authorities=tuple(
            ListedAuthority(authority.id, _listed(_load(authority.certificates)))
            for authority in partner.authority
        ),
        versions=partner.versions,
        allowed=partner.allowed,
        channels=partner.partner().channels,
        tls_certificates=_listed(_load(partner.tls_certificates)),
    )


def _load(places: Sequence[Path]) -> list[x509.Certificate]:
    """The certificates of several files or folders."""
    return [certificate for place in places for certificate in load_certificates(place)]


def _listed(certificates: Sequence[x509.Certificate]) -> tuple[ListedCertificate, ...]:
    """Certificates as a directory lists them."""
    return tuple(
        ListedCertificate(
            certificate.public_bytes(Encoding.DER),
            certificate.not_valid_before_utc,
            certificate.not_valid_after_utc,
        )
        for certificate in certificates
    )
