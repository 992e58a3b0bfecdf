"""Fetched revocation lists, one file for each distribution point."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from gateway.storage.directory_files import DirectoryFolder

SUFFIX = ".crl"


@dataclass(frozen=True, slots=True)
class ListFiles:
    """Fulfils the port `ListFolder` with the folder `revocation.d` beside the configuration."""

    path: Path

    def get(self, url: str) -> bytes | None:
        """The list that was fetched from an address before, if there is one that can be read."""
        try:
            return self._folder.file_of(_name(url)).read_bytes()
        except OSError:
            return None

    def put(self, url: str, data: bytes) -> None:
        """Keep a list in the place of the one before, all at once; raises `ConfigurationError`."""
        self._folder.place(self._folder.prepare(_name(url), data))

    def files(self, urls: tuple[str, ...]) -> tuple[Path, ...]:
        """The files of these addresses, as far as they are there; those of others do not count any more."""
        return tuple(file for url in urls if (file := self._folder.file_of(_name(url))).exists())

    @property
    def _folder(self) -> DirectoryFolder:
        """How files come into the folder."""
        return DirectoryFolder(self.path, SUFFIX)


def _name(url: str) -> str:
    """A name that every file system takes."""
    return hashlib.sha256(url.encode()).hexdigest()[:32]
