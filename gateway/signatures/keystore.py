"""Loading the keys that `keys.toml` and the configuration name into a `Keyring`."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from gateway.signatures.keyfile import KeyEntry, read_entries
from gateway.signatures.keyring import ALWAYS, Keyring, OwnKey
from gateway.signatures.keys import check_certificate, load_certificate, load_pair


@dataclass(frozen=True, slots=True)
class ConfiguredKeys:
    """What the configuration itself says of one owner: used until a key of `keys.toml` takes its place."""

    owner: str
    key: Path | None = None
    certificate: Path | None = None
    retired_certificates: tuple[Path, ...] = ()


def load_keyring(
    configured: Iterable[ConfiguredKeys], folder: Path, *, passphrase: bytes | None = None
) -> Keyring:
    """
    Every key of this gateway, checked as far as it can be without knowing the time.

    A key that is not retired is loaded with its private key, also one that will sign only later: the second
    of the switch is no time to find out that a passphrase is wrong. Raises `KeyMaterialError`.
    """
    keys: list[OwnKey] = []
    for each in configured:
        keys += [
            OwnKey(each.owner, file.name, load_certificate(file), begins=ALWAYS, retired=ALWAYS)
            for file in each.retired_certificates
        ]
        if each.key is not None and each.certificate is not None:
            pair = load_pair(each.key, each.certificate, passphrase=passphrase)
            keys.append(OwnKey(each.owner, each.certificate.name, pair.certificate, pair, begins=ALWAYS))
    keys += [_load(entry, folder, passphrase) for entry in read_entries(folder)]
    return Keyring(tuple(keys))


def _load(entry: KeyEntry, folder: Path, passphrase: bytes | None) -> OwnKey:
    """One key of `keys.toml`."""
    certificate, signing_key = None, None
    if entry.certificate and entry.key and entry.retired is None:
        signing_key = load_pair(folder / entry.key, folder / entry.certificate, passphrase=passphrase)
        certificate = signing_key.certificate
    elif entry.certificate:
        certificate = load_certificate(folder / entry.certificate)
        check_certificate(certificate, entry.certificate)
    return OwnKey(entry.owner, entry.name, certificate, signing_key, entry.begins, entry.retired)
