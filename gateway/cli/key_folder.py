"""What `ecites keys` does to the folder of keys."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from gateway import clock
from gateway.config import Settings, load
from gateway.errors import KeyMaterialError
from gateway.permits.findings import Report
from gateway.signatures.expiry import days_left
from gateway.signatures.keyfile import KeyEntry, changing, check_plain, read_entries, read_passphrase
from gateway.signatures.keyring import GATEWAY, Keyring, OwnKey, Use
from gateway.signatures.keys import (
    SigningKey,
    algorithm_of,
    check_certificate,
    check_fit,
    check_mode,
    fingerprint,
    load_certificate,
    load_private_key,
    subject_of,
    write_new,
    write_private_key,
)
from gateway.signatures.keystore import load_keyring
from gateway.signatures.making import (
    PrivateKey,
    new_private_key,
    new_request,
    self_signed,
    subject_for,
    subject_from,
)
from gateway.signatures.pkcs12 import load_pkcs12
from gateway.signatures.rolling import check_roll


@dataclass(frozen=True, slots=True)
class KeyFolder:
    """The folder of keys of one gateway, with what opens them."""

    settings: Settings
    passphrase: bytes | None

    @classmethod
    def of(cls, config: Path) -> "KeyFolder":
        """The folder of a configuration; raises `ConfigurationError` and `KeyMaterialError`."""
        settings = load(config)
        return cls(settings, settings.keys.passphrase(os.environ))

    def __repr__(self) -> str:
        """Name the folder and keep the passphrase."""
        return f"KeyFolder({self.path})"

    @property
    def path(self) -> Path:
        """Where the keys lie."""
        return self.settings.key_folder

    def keyring(self) -> Keyring:
        """Every key as it is now, also those that stand in the configuration itself."""
        return load_keyring(self.settings.configured_keys(), self.path, passphrase=self.passphrase)

    def new(
        self, owner: str, *, algorithm: str, days: int, subject: str | None, name: str | None
    ) -> KeyEntry:
        """Make a key with a self-signed certificate; raises `KeyMaterialError`."""
        self._check_owner(owner)
        self._check_passphrase()
        key = new_private_key(algorithm)
        certificate = self_signed(key, self._subject(owner, subject), at=clock.now(), days=days)
        return self._add(owner, key, certificate, name)

    def request(
        self,
        owner: str,
        out: Path,
        *,
        existing: str | None,
        algorithm: str,
        subject: str | None,
        name: str | None,
    ) -> KeyEntry:
        """Write a certificate request for a key that exists or a new one; raises `KeyMaterialError`."""
        self._check_owner(owner)
        self._check_passphrase()
        if out.exists():
            raise KeyMaterialError(f"{out} exists already", advice="choose another file for the request")
        if existing is None:
            key = new_private_key(algorithm)
            entry = self._add(owner, key, None, name)
        else:
            entry = _named(read_entries(self.path), existing, owner)
            key = load_private_key(self.path / entry.key, passphrase=self.passphrase)
        request = new_request(key, self._subject(owner, subject))
        write_new(out, request.public_bytes(Encoding.PEM), mode=0o644)
        return entry

    def certify(self, owner: str, name: str, certificate_file: Path) -> KeyEntry:
        """Take in the certificate of a key that was requested; raises `KeyMaterialError`."""
        certificate = load_certificate(certificate_file)
        check_certificate(certificate, str(certificate_file))
        with changing(self.path) as entries:
            entry = _named(entries, name, owner)
            if entry.certificate:
                raise KeyMaterialError(
                    f"the key {name} has a certificate already",
                    advice="make a new key for a new certificate: ecites keys csr",
                )
            key = load_private_key(self.path / entry.key, passphrase=self.passphrase)
            check_fit(key, certificate, f"the key {name}", f"the certificate {certificate_file}")
            file = f"{_file_name(name)}.crt.pem"
            write_new(self.path / file, certificate.public_bytes(Encoding.PEM), mode=0o644)
            changed = replace(entry, certificate=file, begins=self._at_once(owner))
            entries[entries.index(entry)] = changed
        return changed

    def take_in(
        self,
        owner: str,
        file: Path,
        certificate_file: Path | None,
        *,
        passphrase_file: Path | None,
        name: str | None,
    ) -> KeyEntry:
        """Copy a key with its certificate into the folder; raises `KeyMaterialError`."""
        self._check_owner(owner)
        self._check_passphrase()
        opens = read_passphrase(passphrase_file) if passphrase_file else None
        if certificate_file is None:
            pair = load_pkcs12(file, passphrase=opens)
        else:
            key = load_private_key(file, passphrase=opens)
            certificate = load_certificate(certificate_file)
            check_fit(key, certificate, f"the key {file}", f"the certificate {certificate_file}")
            check_certificate(certificate, str(certificate_file))
            check_mode(file, "private key")
            pair = SigningKey(key, certificate)
        return self._add(owner, pair.private_key, pair.certificate, name)

    def plan_roll(self, owner: str, name: str | None, at: datetime) -> tuple[OwnKey, Report]:
        """
        Which key would follow, and what would be wrong if it did at `at`.

        Raises `KeyMaterialError` when there is no next key of that name, or several and no name.
        """
        keyring = self.keyring()
        now = clock.now()
        following = [key for key in keyring.of(owner) if keyring.use(key, now) in (Use.NEXT, Use.REQUESTED)]
        if name is not None:
            following = [key for key in following if key.name == name]
        if not following:
            raise KeyMaterialError(
                f"{owner} has no next key" + (f" of the name {name}" if name else ""),
                advice=f"make one with: ecites keys new {owner}; see: ecites keys list",
            )
        if len(following) > 1:
            names = ", ".join(key.name for key in following)
            raise KeyMaterialError(
                f"{owner} has several next keys: {names}", advice="say which one with --to NAME"
            )
        report = check_roll(
            keyring,
            following[0],
            at=at,
            waiting=timedelta(hours=self.settings.delivery.deadline_hours),
            production=self.settings.environment == "production",
        )
        return following[0], report

    def begin(self, name: str, at: datetime) -> None:
        """Let a key sign from `at` on; its whole second counts."""
        with changing(self.path) as entries:
            entry = _named(entries, name)
            entries[entries.index(entry)] = replace(entry, begins=at.replace(microsecond=0))

    def retire(self, name: str, *, delete_key: bool) -> None:
        """Let a key never sign again; raises `KeyMaterialError` when it is the one that signs."""
        now = clock.now().replace(microsecond=0)
        keyring = self.keyring()
        with changing(self.path) as entries:
            entry = _named(entries, name)
            current = keyring.current(entry.owner, now)
            if current is not None and current.name == name:
                raise KeyMaterialError(
                    f"the key {name} signs for {entry.owner} now",
                    advice=f"let the next one take its place first: ecites keys roll {entry.owner}",
                )
            retired = replace(entry, retired=entry.retired or now)
            entries[entries.index(entry)] = replace(retired, key="") if delete_key else retired
            if delete_key and not entry.certificate:
                entries.remove(replace(retired, key=""))
        if delete_key and entry.key:
            (self.path / entry.key).unlink(missing_ok=True)

    def _add(
        self, owner: str, key: PrivateKey, certificate: x509.Certificate | None, name: str | None
    ) -> KeyEntry:
        """Write the files of a new key, then the line that names them."""
        with changing(self.path) as entries:
            chosen = name or _free_name(owner, entries, clock.now())
            check_plain(chosen, "the name of a key")
            if any(entry.name == chosen for entry in entries):
                raise KeyMaterialError(f"there is a key {chosen} already", advice="choose another --name")
            stem = _file_name(chosen)
            entry = KeyEntry(owner, chosen, f"{stem}.key.pem")
            write_private_key(key, self.path / entry.key, passphrase=self.passphrase)
            if certificate is not None:
                entry = replace(entry, certificate=f"{stem}.crt.pem", begins=self._at_once(owner))
                pem = certificate.public_bytes(Encoding.PEM)
                write_new(self.path / entry.certificate, pem, mode=0o644)
            entries.append(entry)
        return entry

    def _at_once(self, owner: str) -> datetime | None:
        """Now for an owner whom no key serves; None, to wait for a roll, for any other."""
        now = clock.now()
        return None if self.keyring().current(owner, now) else now.replace(microsecond=0)

    def _check_owner(self, owner: str) -> None:
        """Refuse an owner who does not live here."""
        hosted = [GATEWAY, *(str(authority.id) for authority in self.settings.authority)]
        if owner not in hosted:
            raise KeyMaterialError(
                f"{owner} does not live here, so it has no key here", advice=f"known: {', '.join(hosted)}"
            )

    def _check_passphrase(self) -> None:
        """Outside development no private key is written that everybody with the disk could use."""
        if self.passphrase is None and self.settings.environment != "development":
            raise KeyMaterialError(
                "no passphrase is configured, so the private key would lie open on the disk",
                advice="name passphrase_file or passphrase_variable under [keys] in the configuration",
            )

    def _subject(self, owner: str, text: str | None) -> x509.Name:
        """The subject that was asked for, or one that says whose key it is."""
        if text is not None:
            return subject_from(text)
        party = self.settings.authority[0].id.party
        return subject_for(party, f"Gateway of {party}" if owner == GATEWAY else f"Seal of {owner}")


def key_as_dict(keyring: Keyring, key: OwnKey, at: datetime) -> dict[str, Any]:
    """One key for JSON and for the table: nothing that is secret; None where there is nothing to say."""
    known: dict[str, Any] = dict.fromkeys(
        ("algorithm", "subject", "fingerprint", "begins", "ends", "days_left")
    )
    if key.certificate is not None:
        known = {
            "algorithm": algorithm_of(key.certificate),
            "subject": subject_of(key.certificate),
            "fingerprint": fingerprint(key.certificate),
            "begins": key.certificate.not_valid_before_utc.isoformat(),
            "ends": key.certificate.not_valid_after_utc.isoformat(),
            "days_left": days_left(key.certificate, at),
        }
    began = key.begins if key.begins is not None and key.begins.year > 1 else None
    return {
        "owner": key.owner,
        "name": key.name,
        "use": keyring.use(key, at).value,
        **known,
        "signs_from": began.isoformat() if began else None,
    }


def _named(entries: Sequence[KeyEntry], name: str, owner: str | None = None) -> KeyEntry:
    """The entry of that name; raises `KeyMaterialError` when there is none, or it is another owner's."""
    for entry in entries:
        if entry.name == name and owner in (None, entry.owner):
            return entry
    known = ", ".join(entry.name for entry in entries if owner in (None, entry.owner))
    raise KeyMaterialError(
        f"there is no key {name}" + (f" of {owner}" if owner else "") + " in keys.toml",
        advice=f"known: {known or 'none'}; a key in the configuration itself is changed there",
    )


def _file_name(name: str) -> str:
    """A name that every file system takes."""
    return name.replace(":", "-").lower()


def _free_name(owner: str, entries: Sequence[KeyEntry], at: datetime) -> str:
    """Owner and day, with a number when a second key is made on that day."""
    taken = {entry.name for entry in entries}
    stem = f"{_file_name(owner)}-{at:%Y%m%d}"
    names = [stem, *(f"{stem}-{n}" for n in range(2, len(taken) + 3))]
    return next(name for name in names if name not in taken)
