"""
`keys.toml`: which keys this gateway owns, what for, and since when.

`ecites keys` writes the file; the running gateway reads it again whenever it changes.
"""

import fcntl
import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gateway.errors import KeyMaterialError
from gateway.signatures.keys import check_mode

NAME = "keys.toml"

_HEADER = """\
# Written by `ecites keys`. The gateway reads it again whenever it changes. Every key: docs/keys.md
"""
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,99}")
"""What owners, names and files may consist of, so that nothing has to be escaped."""


@dataclass(frozen=True, slots=True)
class KeyFolderSettings:
    """Where the keys lie that `ecites keys` looks after, and what opens them."""

    folder: Path | None = None
    """The folder of `keys.toml`; without one it is `keys` beside the configuration file."""
    passphrase_file: Path | None = None
    """A file whose first line opens the private keys."""
    passphrase_variable: str = ""
    """The environment variable that holds the passphrase; not one of ours, whose names begin with ECITES_."""

    def __post_init__(self) -> None:
        """Refuse two passphrases, and a variable that the configuration would take for a setting."""
        if self.passphrase_file is not None and self.passphrase_variable:
            raise ValueError("passphrase_file and passphrase_variable are both given; keep one of them")
        if self.passphrase_variable.startswith("ECITES_"):
            raise ValueError("passphrase_variable must not begin with ECITES_, which is for settings")

    def passphrase(self, environment: Mapping[str, str]) -> bytes | None:
        """
        What opens the private keys; None when they are not encrypted.

        Raises `KeyMaterialError` when it is configured and is not there, is empty, or is open to others.
        """
        if self.passphrase_file is not None:
            return read_passphrase(self.passphrase_file)
        if not self.passphrase_variable:
            return None
        value = environment.get(self.passphrase_variable, "")
        if not value:
            raise KeyMaterialError(
                f"the environment variable {self.passphrase_variable} holds no passphrase",
                advice="set it for the gateway, or name another one in keys.passphrase_variable",
            )
        return value.encode()


def read_passphrase(path: Path) -> bytes:
    """
    The first line of a file that belongs to its owner alone.

    Raises `KeyMaterialError` when it cannot be read, is empty, or is open to others.
    """
    try:
        first = path.read_bytes().partition(b"\n")[0].rstrip(b"\r")
    except OSError as error:
        raise KeyMaterialError(
            f"the file with the passphrase {path} cannot be read: {error.strerror}",
            advice="check the path and the file's mode",
        ) from None
    check_mode(path, "file with the passphrase")
    if not first:
        raise KeyMaterialError(
            f"the file with the passphrase {path} begins with an empty line",
            advice="write the passphrase into its first line",
        )
    return first


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """One key in the file."""

    owner: str
    """`gateway`, or the id of an authority that lives here."""
    name: str
    """Unique in the file; the word by which commands call the key."""
    key: str = ""
    """File of the private key in the folder; empty when it was deleted after its time."""
    certificate: str = ""
    """File of the certificate in the folder; empty while it is only requested."""
    begins: datetime | None = None
    """The moment from which the key signs; None while nobody has decided."""
    retired: datetime | None = None
    """The moment from which the key does not sign any more; None unless somebody retired it."""


def check_plain(text: str, what: str) -> None:
    """
    Check that a name can stand in the file and be the name of a file.

    Raises `KeyMaterialError` for anything but letters, digits and `._:-`.
    """
    if not _PLAIN.fullmatch(text):
        raise KeyMaterialError(
            f"{what} must be letters, digits and ._:- only, not {text!r}", advice="choose another name"
        )


def read_entries(folder: Path) -> tuple[KeyEntry, ...]:
    """
    The keys of a folder in the order of the file; none when there is no `keys.toml`.

    Raises `KeyMaterialError` when the file cannot be read, or says what does not exist or makes no sense.
    """
    path = folder / NAME
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise KeyMaterialError(
            f"{path} cannot be read: {error.strerror}", advice="check the path and the file's mode"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise KeyMaterialError(
            f"{path} is not TOML: {error}", advice="mend the line, or restore the file from the backup"
        ) from None
    tables = raw.get("key", [])
    if set(raw) - {"key"} or not isinstance(tables, list):
        raise KeyMaterialError(f"{path} must hold [[key]] tables only", advice="see docs/keys.md")
    entries = tuple(_entry(table, f"{path}, [[key]] number {n}") for n, table in enumerate(tables, 1))
    names = [entry.name for entry in entries]
    for name in names:
        if names.count(name) > 1:
            raise KeyMaterialError(f"{path} has the key {name} twice", advice="remove one of them")
    return entries


def _entry(table: Any, where: str) -> KeyEntry:
    """One [[key]] table."""
    known = [each.name for each in fields(KeyEntry)]
    if not isinstance(table, dict):
        raise KeyMaterialError(f"{where} is not a table", advice="see docs/keys.md")
    for word, value in table.items():
        if word not in known:
            raise KeyMaterialError(f"{where}: unknown key {word}", advice=f"known: {', '.join(known)}")
        if word in ("begins", "retired"):
            if not isinstance(value, datetime) or value.tzinfo is None:
                raise KeyMaterialError(
                    f"{where}: {word} must be a time with its zone, not {value!r}",
                    advice="write it like 2027-01-01T00:00:00Z",
                )
        else:
            check_plain(value if isinstance(value, str) else "", f"{where}: {word}")
    if not {"owner", "name"} <= set(table) or not {"key", "certificate"} & set(table):
        raise KeyMaterialError(
            f"{where} needs owner, name, and key or certificate", advice="complete it; see docs/keys.md"
        )
    return KeyEntry(**table)


@contextmanager
def changing(folder: Path) -> Iterator[list[KeyEntry]]:
    """
    The keys of a folder, to be changed in place; written when the block is left without an error.

    One command at a time: a second one waits. Readers see the old file or the new one, never half of it.
    Raises `KeyMaterialError` as `read_entries` does, and when the folder cannot be written.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise KeyMaterialError(
            f"the folder of keys {folder} cannot be opened: {error.strerror}",
            advice="check the path and its mode",
        ) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        entries = list(read_entries(folder))
        yield entries
        _write(folder, entries)
        os.fsync(lock)
    finally:
        os.close(lock)


def _write(folder: Path, entries: Iterable[KeyEntry]) -> None:
    """Put the new file in the place of the old one."""
    new = folder / f"{NAME}.new"
    try:
        with new.open("w", encoding="utf-8") as file:
            file.write(_HEADER + "".join(_table(entry) for entry in entries))
            file.flush()
            os.fsync(file.fileno())
        new.replace(folder / NAME)
    except OSError as error:
        raise KeyMaterialError(
            f"{folder / NAME} cannot be written: {error.strerror}", advice="check the folder and its mode"
        ) from None


def _table(entry: KeyEntry) -> str:
    """One [[key]] table; every text was checked to need no escape."""
    lines = ["", "[[key]]"]
    for each in fields(entry):
        value = getattr(entry, each.name)
        if isinstance(value, datetime):
            lines.append(f"{each.name} = {value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")
        elif value:
            lines.append(f'{each.name} = "{value}"')
    return "\n".join(lines) + "\n"
