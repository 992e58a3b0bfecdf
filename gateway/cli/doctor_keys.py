"""
What `ecites doctor` looks at in keys, certificates and revocation lists.

A check takes the settings and the moment and gives findings; other checks of the doctor have the same shape.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path

from cryptography import x509

from gateway.config import Settings
from gateway.errors import GatewayError
from gateway.flows.learn import certificates_of, without
from gateway.loading.directories import load_directories
from gateway.loading.in_use import own_tls
from gateway.loading.keys import load_keyring
from gateway.loading.known import load_known
from gateway.loading.tls import load_client_tls, load_server_tls
from gateway.loading.webhooks import load_webhooks
from gateway.permits.findings import Area, Finding, Severity
from gateway.signatures.expiry import expiry_warnings
from gateway.signatures.keyfile import read_entries
from gateway.signatures.keyring import Keyring, Use
from gateway.signatures.keys import is_encrypted, load_certificates
from gateway.signatures.keystore import load_keyring as read_keyring
from gateway.signatures.policy import DEFAULT_POLICY
from gateway.signatures.revocation import Revocations
from gateway.storage.list_files import ListFiles
from gateway.wording import say

Check = Callable[[Settings, datetime], Iterable[Finding]]
"""One thing that the doctor looks at."""


def check_keys(settings: Settings, at: datetime) -> Iterator[Finding]:
    """Whether the gateway would start with its keys, directories, TLS and webhooks: the same code says so."""
    try:
        known = load_known(settings, load_keyring(settings, at), load_directories(settings))
        load_client_tls(settings, known.tls, at)
        load_server_tls(settings, known.tls, at)
        load_webhooks(settings)
    except GatewayError as error:
        yield _broken(error)


def check_clock(settings: Settings, at: datetime) -> Iterator[Finding]:
    """When every certificate of ours is still to begin, the clock is slow rather than each of them wrong."""
    owned = [certificate for _, certificate in _own(settings)]
    if owned and all(at < certificate.not_valid_before_utc for certificate in owned):
        first = min(certificate.not_valid_before_utc for certificate in owned)
        text = say(
            "the clock says {at} UTC, and no certificate of this gateway begins before {first} UTC: set the "
            "clock of this machine right",
            at=f"{at:%Y-%m-%d %H:%M}",
            first=f"{first:%Y-%m-%d %H:%M}",
        )
        yield Finding("doctor.clock", Severity.ERROR, Area.SIGNATURE, text)


def check_encryption(settings: Settings, at: datetime) -> Iterator[Finding]:
    """Private keys that lie open on the disk."""
    del at  # a disk has no time
    files = [each.key for each in settings.configured_keys() if each.key is not None]
    try:
        entries = read_entries(settings.key_folder)
    except GatewayError:
        return  # check_keys says it
    files += [settings.key_folder / entry.key for entry in entries if entry.key]
    for file in files:
        if _is_open(file):
            text = say(
                "the private key {file} is not encrypted: whoever gets a copy of the disk can sign with it",
                file=str(file),
            )
            yield Finding("doctor.key-not-encrypted", _open_is(settings), Area.SIGNATURE, text)


def check_expiry(settings: Settings, at: datetime) -> Iterable[Finding]:
    """Certificates of ours and of partners that end soon, also those of TLS."""
    return expiry_warnings([*_own(settings, at), *_of_partners(settings), *_of_tls(settings)], at)


def check_revocations(settings: Settings, at: datetime) -> Iterator[Finding]:
    """Lists that cannot be used, or are about to count no more."""
    known = [certificate for _, certificate in (*_own(settings), *_of_partners(settings))]
    points = settings.revocation.distribution_points
    fetched = ListFiles(settings.revocation_folder).files(points)
    try:
        alarms = Revocations.load(settings.revocation, known, fetched).alarms(at)
    except GatewayError as error:
        yield _broken(error)
        return
    for alarm in alarms:
        severity = Severity.WARNING if alarm.acceptable else Severity.ERROR
        yield Finding("doctor.revocation-list-old", severity, Area.SIGNATURE, alarm.message)
    if len(fetched) < len(points):
        text = say(
            "{count} revocation list(s) of distribution_points were never fetched: the running log says why",
            count=len(points) - len(fetched),
        )
        yield Finding("doctor.revocation-list-missing", Severity.WARNING, Area.SIGNATURE, text)


def check_exceptions(settings: Settings, at: datetime) -> Iterator[Finding]:
    """Partners whose short keys are accepted: an exception that must not be forgotten."""
    del at  # it holds until the operator takes it away
    for partner in settings.partner:
        if partner.min_rsa_bits < DEFAULT_POLICY.min_rsa_bits:
            text = say(
                "partner {partner} may sign with RSA keys of {bits} bits: agree on a longer key, then take "
                "min_rsa_bits away",
                partner=partner.id,
                bits=partner.min_rsa_bits,
            )
            yield Finding("doctor.short-keys", Severity.WARNING, Area.SIGNATURE, text)


CHECKS: tuple[Check, ...] = (
    check_keys,
    check_clock,
    check_encryption,
    check_expiry,
    check_exceptions,
    check_revocations,
)
"""What the doctor looks at, in this order."""


def _broken(error: GatewayError) -> Finding:
    """A refusal to start, as a finding."""
    text = f"{error.message}; {error.advice}" if error.advice else error.message
    return Finding(f"doctor.{error.code.replace('_', '-')}", Severity.ERROR, Area.SIGNATURE, text)


def _open_is(settings: Settings) -> Severity:
    """On a machine for trying things out it is no matter that a key is open."""
    return Severity.INFO if settings.environment == "development" else Severity.WARNING


def _is_open(file: Path) -> bool:
    """True for a private key that can be read without a passphrase."""
    try:
        return not is_encrypted(file.read_bytes())
    except OSError:
        return False  # check_keys says it


def _own(settings: Settings, at: datetime | None = None) -> list[tuple[str, x509.Certificate]]:
    """Our certificates with their names, without those retired at `at`; none when they cannot be loaded."""
    try:
        passphrase = settings.keys.passphrase(os.environ)
        ring: Keyring = read_keyring(settings.configured_keys(), settings.key_folder, passphrase=passphrase)
    except GatewayError:
        return []  # check_keys says it
    return [
        (f"{key.name} ({key.owner})", key.certificate)
        for key in ring.keys
        if key.certificate is not None and (at is None or ring.use(key, at) is not Use.RETIRED)
    ]


def _of_tls(settings: Settings) -> list[tuple[str, x509.Certificate]]:
    """What is shown in handshakes, by us and by partners; what cannot be read is left out."""
    found = [(each.name, each.certificate) for each in own_tls(settings)]
    for partner in settings.partner:
        for place in partner.tls_certificates:
            try:
                found += [(f"{partner.id} (TLS)", each) for each in load_certificates(place)]
            except GatewayError:
                continue  # check_keys says it
    return found


def _of_partners(settings: Settings) -> list[tuple[str, x509.Certificate]]:
    """The certificates of partners and of the authorities behind them; none of those that cannot be read."""
    found: list[tuple[str, x509.Certificate]] = []
    for partner in settings.partner:
        owners = [(partner.id, partner.certificates)]
        owners += [(str(authority.id), authority.certificates) for authority in partner.authority]
        for owner, places in owners:
            try:
                found += [(owner, each) for place in places for each in load_certificates(place)]
            except GatewayError:
                continue  # check_keys says it
    try:
        directories = load_directories(settings)
    except GatewayError:
        return found  # check_keys says it
    for directory in directories:
        for listed in without(directory, settings.directories.id):
            found += certificates_of(listed)
    return found
