"""
A checkpoint: size and root of a log at a moment, as text that is signed (C2SP tlog-checkpoint, signed-note).

    ORIGIN
    SIZE
    ROOT in base64
    number N
    time MOMENT

    DASH NAME BASE64(four bytes that name the key, then the signature)

DASH is the long one (U+2014). The two lines behind the root are ours. Checkpoints are numbered without a gap,
so that a missing one is missed. Lines of signatures that nobody here knows, a witness's or one that holds a
time-stamp (RFC 3161), are kept as they are and prove nothing to us.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from gateway.errors import ProofRefused
from gateway.messagelog.leaf import written
from gateway.messagelog.tree import HASH_BYTES

MAX_NOTE = 64 * 1024
"""Bytes; signatures of post-quantum witnesses have up to 5 kB."""

KEY_ID_BYTES = 4
_DASH = "\N{EM DASH} "
_SIZE = re.compile(r"0|[1-9][0-9]{0,17}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What is signed; `made` makes one, `read_note` reads one that somebody made."""

    origin: str
    """Which log it is."""
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()
    """What stands behind the root, line by line."""

    @classmethod
    def made(cls, origin: str, size: int, root: bytes, *, number: int, at: datetime) -> "Checkpoint":
        """One of ours."""
        return cls(origin, size, root, (f"number {number}", f"time {written(at)}"))

    @property
    def text(self) -> str:
        """The lines that signatures cover, with the last line feed."""
        root = base64.b64encode(self.root).decode("ascii")
        return "".join(f"{line}\n" for line in (self.origin, str(self.size), root, *self.extensions))

    @property
    def number(self) -> int | None:
        """Which checkpoint of its log it is, from 0; None when it does not say so as ours do."""
        said = self._said("number ")
        return int(said) if said is not None and _SIZE.fullmatch(said) else None

    @property
    def at(self) -> datetime | None:
        """When its signer says that it was made; None when it does not say so as ours do."""
        said = self._said("time ")
        try:
            at = datetime.fromisoformat(said) if said is not None else None
        except ValueError:
            return None
        return at if at is not None and at.tzinfo is not None else None

    def _said(self, word: str) -> str | None:
        """What stands behind a word at the beginning of an extension line."""
        return next((line.removeprefix(word) for line in self.extensions if line.startswith(word)), None)


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """A signature as it stands below a checkpoint."""

    name: str
    key_id: bytes
    """Four bytes by which a signer finds its own line; nothing is proven by them."""
    signature: bytes

    def __str__(self) -> str:
        """The line, without a line feed."""
        return f"{_DASH}{self.name} {base64.b64encode(self.key_id + self.signature).decode('ascii')}"


@dataclass(frozen=True, slots=True)
class Note:
    """A checkpoint with signatures, none of which has been proven."""

    checkpoint: Checkpoint
    signatures: tuple[SignatureLine, ...]

    @property
    def data(self) -> bytes:
        """As it is kept and sent."""
        return f"{self.checkpoint.text}\n{''.join(f'{line}{chr(10)}' for line in self.signatures)}".encode()


def read_note(data: bytes) -> Note:
    """
    Take a signed checkpoint apart.

    Raises `ProofRefused` for anything but the one way in which it is written, to the last byte.
    """
    if len(data) > MAX_NOTE:
        raise _unreadable(f"it has more than {MAX_NOTE} bytes")
    try:
        text, gap, signatures = data.decode().partition("\n\n")
        origin, size, root, *extensions = text.split("\n")
        if not gap or not origin or not _SIZE.fullmatch(size):
            raise _unreadable("origin, size and root are not where they belong")
        checkpoint = Checkpoint(origin, int(size), base64.b64decode(root, validate=True), tuple(extensions))
        note = Note(checkpoint, tuple(_line(line) for line in signatures.removesuffix("\n").split("\n")))
    except (ValueError, binascii.Error):
        raise _unreadable("it is not written as checkpoints are") from None
    if len(checkpoint.root) != HASH_BYTES:
        raise _unreadable("its root is no SHA-256")
    if note.data != data or any(not line or not line.isprintable() for line in (origin, *extensions)):
        raise _unreadable("it is not written as checkpoints are")
    return note


def read_notes(data: bytes) -> Iterator[Note]:
    """
    The checkpoints of a file in which they stand one behind the other, with an empty line between them.

    Raises `ProofRefused` when one of them cannot be read.
    """
    parts = data.decode(errors="replace").rstrip("\n").split("\n\n") if data.strip() else []
    for at in range(0, len(parts), 2):
        yield read_note("\n\n".join(parts[at : at + 2]).encode() + b"\n")


def _line(line: str) -> SignatureLine:
    """One line of a signature; raises `ValueError`."""
    if not line.startswith(_DASH):
        raise ValueError(line)
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    value = base64.b64decode(encoded, validate=True)
    if not name or "+" in name or not name.isprintable() or len(value) <= KEY_ID_BYTES:
        raise ValueError(line)
    return SignatureLine(name, value[:KEY_ID_BYTES], value[KEY_ID_BYTES:])


def _unreadable(why: str) -> ProofRefused:
    """The refusal of what is no checkpoint."""
    return ProofRefused(f"this is no checkpoint of a log: {why}", advice="fetch the file again")
