"""The directories of partners that were imported: one signed file for each publisher, in one folder."""

import os
from dataclasses import dataclass
from pathlib import Path

from gateway.errors import ConfigurationError

_SUFFIX = ".xml"


@dataclass(frozen=True, slots=True)
class DirectoryFolder:
    """The folder `partners.d` beside the configuration; it need not exist."""

    path: Path

    def read(self) -> dict[Path, bytes]:
        """
        The bytes of every file, in the order of their names.

        Raises `ConfigurationError` when one cannot be read.
        """
        try:
            return {file: file.read_bytes() for file in self._files()}
        except OSError as error:
            raise _unreadable(self.path, error) from None

    def file_of(self, publisher: str) -> Path:
        """Where the directory of a publisher lies; its name has letters, digits and hyphens only."""
        return self.path / f"{publisher}{_SUFFIX}"

    def prepare(self, publisher: str, data: bytes) -> Path:
        """
        Write a directory to the disk under a name that nobody reads yet; returns it for `place`.

        Raises `ConfigurationError` when the folder cannot be written.
        """
        waiting = self.file_of(publisher).with_suffix(".new")
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
            waiting.replace(waiting.with_suffix(_SUFFIX))
        except OSError as error:
            raise ConfigurationError(f"{waiting} cannot be put in its place: {error.strerror}") from None

    def _files(self) -> list[Path]:
        """The files that count, in the order of their names."""
        return sorted(self.path.glob(f"*{_SUFFIX}"))


def _unreadable(path: Path, error: OSError) -> ConfigurationError:
    """The sentence about a folder that cannot be read."""
    return ConfigurationError(
        f"the directories in {path} cannot be read: {error.strerror}", advice="check the modes of the files"
    )
