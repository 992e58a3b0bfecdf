"""Files in one archive (ZIP, nothing compressed); of the same files it always has the same bytes."""

import io
import struct
import zipfile
from collections.abc import Mapping

from gateway.errors import UnknownDocument

_MOMENT = (1980, 1, 1, 0, 0, 0)
"""The first one that a ZIP can hold: when an archive was made says nothing about what is in it."""
_UNIX = 3
_MODE = 0o100644 << 16
_ENCRYPTED = 1

_BROKEN = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    OverflowError,
    LookupError,
    RuntimeError,
    MemoryError,
)
"""What the library raises for archives of strangers."""


def pack(files: Mapping[str, bytes]) -> bytes:
    """An archive with these files in this order."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, _MOMENT)
            entry.create_system, entry.external_attr = _UNIX, _MODE
            archive.writestr(entry, data)
    return buffer.getvalue()


def unpack(data: bytes) -> dict[str, bytes]:
    """
    The files of an archive that `pack` made; reading costs no more than the archive is long.

    Raises `UnknownDocument` for a broken archive, and for one with compressed or encrypted files, with two of
    one name, or with more in it than it is long.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            _check(entries, len(data))
            return {entry.filename: archive.read(entry) for entry in entries}
    except _BROKEN as error:
        raise UnknownDocument(
            f"the archive is broken: {error}", advice="fetch the file again from whoever has the original"
        ) from None


def _check(entries: list[zipfile.ZipInfo], length: int) -> None:
    """Refuse what `pack` never makes, before anything is read."""
    stored = all(
        entry.compress_type == zipfile.ZIP_STORED and not entry.flag_bits & _ENCRYPTED for entry in entries
    )
    if not stored:
        raise zipfile.BadZipFile("its files are compressed or encrypted")
    if len({entry.filename for entry in entries}) != len(entries):
        raise zipfile.BadZipFile("two of its files have the same name")
    if sum(entry.file_size for entry in entries) > length:
        raise zipfile.BadZipFile("its files are longer than the archive")
