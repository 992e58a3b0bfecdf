"""Whom this gateway knows, as files in one folder: signed directories of publishers, tables of partners."""

import os
from dataclasses import dataclass
from pathlib import Path

from gateway.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class DirectoryFolder:
    """The folder `partners.d` beside the configuration; it need not exist."""

    path: Path
    suffix: str = ".xml"
    """Of signed directories; other suffixes belong to others."""

    def read(self) -> dict[Path, bytes]:
        """
        The bytes of every file, in the order of their names.

        Raises `ConfigurationError` when one cannot be read.
        """
        try:
            return {file: file.read_bytes() for file in self._files()}
        except OSError as error:
            raise _unreadable(self.path, error) from None

    def file_of(self, name: str) -> Path:
        """Where the file of a publisher or a partner lies; a name has letters, digits and hyphens only."""
        return self.path / f"{name}{self.suffix}"

    def prepare(self, name: str, data: bytes) -> Path:
        """
        Write a file to the disk under a name that nobody reads yet; returns it for `place`.

        Raises `ConfigurationError` when the folder cannot be written.
        """
        waiting = self.path / f"{name}{self.suffix}.new"
        try:
            self.path.mkdir(exist_ok=True)
            with waiting.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise ConfigurationError(f"{waiting} cannot be written: {error.strerror}") from None
        return waiting

    def place(self, waiting: Path) -> None:
        """
        Put what `prepare` wrote in its place, all at once.

        Raises `ConfigurationError` when that fails; the old file stays.
        """
        try:
            waiting.replace(waiting.with_suffix(""))
        except OSError as error:
            raise ConfigurationError(f"{waiting} cannot be put in its place: {error.strerror}") from None

    def remove(self, name: str) -> None:
        """
        Take a file away.

        Raises `ConfigurationError` when that fails.
        """
        try:
            self.file_of(name).unlink()
        except OSError as error:
            raise ConfigurationError(f"{self.file_of(name)} cannot be removed: {error.strerror}") from None

    def _files(self) -> list[Path]:
        """The files that count, in the order of their names."""
        return sorted(self.path.glob(f"*{self.suffix}"))


def _unreadable(path: Path, error: OSError) -> ConfigurationError:
    """The sentence about a folder that cannot be read."""
    return ConfigurationError(
        f"the directories in {path} cannot be read: {error.strerror}", advice="check the modes of the files"
    )
