"""Changes of whom this gateway knows: first the entry in the message log, then the file that counts."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from gateway import clock
from gateway.config import Settings
from gateway.config.checks import check
from gateway.config.partner_files import SUFFIX, read_partner_file, write_partner
from gateway.config.settings import PartnerSettings
from gateway.errors import ConfigurationError
from gateway.exchange.directory_file import DirectoryFile
from gateway.flows.author import Author
from gateway.loading.certificates import load_all
from gateway.loading.database import open_database
from gateway.loading.directories import load_directories
from gateway.messagelog.entry import Entry, EntryKind
from gateway.signatures.keys import fingerprint, load_certificates
from gateway.storage.directory_files import DirectoryFolder
from gateway.xmlio.canonical import sha256_hex


@dataclass(frozen=True, slots=True)
class NewPartner:
    """A partner as its file registers it, read and checked, with the certificates that it names."""

    partner: PartnerSettings
    certificates: dict[Path, tuple[x509.Certificate, ...]]
    replaces: bool


def take_over(
    data: bytes, directory: DirectoryFile, changes: Sequence[str], settings: Settings, author: Author
) -> Path:
    """
    Put a directory that `examine` has returned into the folder, and log who did it and why.

    Returns the file. Raises `ConfigurationError` or `StorageError`.
    """
    folder = DirectoryFolder(settings.directory_folder)
    changed = "; ".join(changes) or "no change"
    said = f"directory of {directory.publisher}, serial {directory.serial}: {changed}"
    waiting = folder.prepare(directory.publisher, data)
    _logged(_entry(author, "directory-imported", said, data), settings, then=partial(folder.place, waiting))
    return folder.file_of(directory.publisher)


def read_new(file: Path, settings: Settings, *, replacing: bool) -> NewPartner:
    """
    Read the file of a new partner, and check that the gateway would work with it.

    1. The file, and every certificate that it names.
    2. Nobody of that name is registered, unless it is to be replaced.
    3. It fits the rest of the configuration, and the directories.

    Raises `ConfigurationError` or `KeyMaterialError`.
    """
    # 1
    partner = read_partner_file(file)
    certificates = {place: load_certificates(place) for place in partner.places()}
    for place in partner.places():
        if place not in partner.tls_certificates:
            load_all((place,), settings, min_rsa_bits=partner.min_rsa_bits)
    # 2
    here = DirectoryFolder(settings.directory_folder, SUFFIX).file_of(partner.id)
    others = tuple(each for each in settings.partner if each.id != partner.id)
    if len(others) < len(settings.partner) and not (here.exists() and replacing):
        raise ConfigurationError(
            f"partner {partner.id} is registered already",
            advice=f"to replace what is in {here}: --replace"
            if here.exists()
            else f"it stands in {settings.file}: change it there",
        )
    # 3
    after = replace(settings, partner=(*others, partner))
    check(after)
    load_directories(after)
    return NewPartner(partner, certificates, here.exists())


def add(new: NewPartner, settings: Settings, author: Author) -> Path:
    """
    Copy the certificates of a partner into the folder, log who registers it and why, and place its file.

    A certificate gets a name from its digest: the file that counts until now keeps what it names. Returns the
    file. Raises `ConfigurationError` or `StorageError`.
    """
    folder = DirectoryFolder(settings.directory_folder, SUFFIX)
    copied = {
        place: tuple(_copy(certificate, folder.path, new.partner.id) for certificate in certificates)
        for place, certificates in new.certificates.items()
    }

    def here(places: Sequence[Path]) -> tuple[Path, ...]:
        return tuple(name for place in places for name in copied[place])

    partner = replace(
        new.partner,
        certificates=here(new.partner.certificates),
        tls_certificates=here(new.partner.tls_certificates),
        authority=tuple(
            replace(each, certificates=here(each.certificates)) for each in new.partner.authority
        ),
    )
    data = write_partner(partner).encode("utf-8")
    waiting = folder.prepare(partner.id, data)
    word = "partner-replaced" if new.replaces else "partner-added"
    _logged(_entry(author, word, said_of(new), data), settings, then=partial(folder.place, waiting))
    return folder.file_of(partner.id)


def remove(name: str, settings: Settings, author: Author) -> Path:
    """
    Take away the partner that was added, or the directory that was imported, under that name.

    Returns the file that is gone. Raises `ConfigurationError` or `StorageError`.
    """
    for word, suffix in (("partner", SUFFIX), ("directory", ".xml")):
        folder = DirectoryFolder(settings.directory_folder, suffix)
        file = folder.file_of(name)
        if file in folder.read():
            entry = _entry(author, f"{word}-removed", f"{word} {name} removed", file.read_bytes())
            _logged(entry, settings, then=partial(folder.remove, name))
            return file
    advice = "names: ecites partner list"
    if any(partner.id == name for partner in settings.partner):
        advice = f"it stands in {settings.file}: remove the table there"
    raise ConfigurationError(f"no partner was added, and no directory imported, as {name}", advice=advice)


def said_of(new: NewPartner) -> str:
    """A new partner in one line: address, authorities, fingerprints."""
    partner = new.partner
    prints = sorted({fingerprint(each) for found in new.certificates.values() for each in found})
    behind = ", ".join(str(authority.id) for authority in partner.authority)
    where = ", ".join(partner.addresses) or "its mailbox here"
    return f"partner {partner.id} at {where} for {behind}; certificates {', '.join(prints)}"


def _copy(certificate: x509.Certificate, folder: Path, partner: str) -> Path:
    """The name of a certificate in the folder, relative to it, once it is there."""
    name = Path(partner) / f"{fingerprint(certificate)[:32]}.pem"
    try:
        (folder / partner).mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(certificate.public_bytes(Encoding.PEM))
    except OSError as error:
        raise ConfigurationError(f"{folder / name} cannot be written: {error.strerror}") from None
    return name


def _entry(author: Author, outcome: str, said: str, data: bytes) -> Entry:
    """Who did what, and why."""
    return Entry(
        id=clock.new_id(),
        at=clock.now(),
        kind=EntryKind.CHANGED,
        actor=author.who,
        digest=sha256_hex(data),
        outcome=outcome,
        detail=f"{author.reason}; {said}",
    )


def _logged(entry: Entry, settings: Settings, *, then: Callable[[], object]) -> None:
    """Nothing is in force without its entry: the log comes first, then what it says."""
    asyncio.run(_log(entry, settings))
    then()


async def _log(entry: Entry, settings: Settings) -> None:
    """One entry in the database of the gateway."""
    database = await open_database(settings)
    try:
        async with database.write() as transaction:
            await transaction.log.append(entry)
    finally:
        await database.close()
