"""
A folder with what a check without a network needs: certificates of issuers, revocation lists, status lists.

    *.pem, *.crt, *.cer   certificates of those who seal permits, and of those who sign revocation lists
    *.crl                 revocation lists (RFC 5280), PEM or DER
    *.jws                 signed status lists of issuers
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import NameOID

from gateway.errors import KeyMaterialError
from gateway.signatures.keys import load_certificates
from gateway.signatures.revocation import NO_LISTS, Revocations, RevocationSettings

MAX_STATUS_LIST_BYTES = 4 * 1024 * 1024
"""Largest file of a status list: more than 90,000 barred permits."""


@dataclass(frozen=True, slots=True)
class IssuerFolder:
    """What a folder holds."""

    certificates: tuple[x509.Certificate, ...]
    revocations: Revocations = NO_LISTS
    status_lists: tuple[tuple[str, str], ...] = ()
    """Name of the file and its text; nothing of it is proven yet."""


def read_issuer_folder(place: Path, more_lists: Sequence[Path] = ()) -> IssuerFolder:
    """
    Everything in a folder; `place` may be one file of certificates too.

    `more_lists` are status lists elsewhere.

    Raises `KeyMaterialError` when there is no certificate, or a file cannot be read or is no such thing.
    """
    certificates = load_certificates(place)
    crls = _files(place, ".crl")
    revocations = Revocations.load(RevocationSettings(lists=crls), certificates) if crls else NO_LISTS
    lists = read_status_lists((*_files(place, ".jws"), *more_lists))
    return IssuerFolder(certificates, revocations, lists)


def status_list_files(folder: Path) -> tuple[Path, ...]:
    """The status lists in a folder, in order of their names."""
    return _files(folder, ".jws")


def read_status_lists(files: Iterable[Path]) -> tuple[tuple[str, str], ...]:
    """
    The texts of status lists with the names of their files.

    Raises `KeyMaterialError` when one cannot be read or is too large; what they say is not looked at.
    """
    return tuple((file.name, _text(file)) for file in files)


def party_of(certificate: x509.Certificate) -> str:
    """The Party that a certificate names as its country; empty when it names none, or two."""
    named = certificate.subject.get_attributes_for_oid(NameOID.COUNTRY_NAME)
    return str(named[0].value) if len(named) == 1 else ""


def _files(folder: Path, suffix: str) -> tuple[Path, ...]:
    """The files of a folder that end so; none when it is no folder."""
    return tuple(sorted(folder.glob(f"*{suffix}"))) if folder.is_dir() else ()


def _text(path: Path) -> str:
    """The text of a status list; white space around it does not count."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_STATUS_LIST_BYTES + 1)
        if len(data) <= MAX_STATUS_LIST_BYTES:
            return data.decode("ascii").strip()
    except OSError as error:
        raise KeyMaterialError(
            f"the status list {path} cannot be read: {error.strerror}", advice="check the path and its mode"
        ) from None
    except UnicodeDecodeError:
        raise KeyMaterialError(
            f"{path} is not a signed status list", advice="get the file again from its issuer"
        ) from None
    raise KeyMaterialError(
        f"the status list {path} is larger than {MAX_STATUS_LIST_BYTES:,} bytes",
        advice="check that it is the list of the right issuer",
    )
