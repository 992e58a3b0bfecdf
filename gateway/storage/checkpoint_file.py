"""Checkpoints in a file beside the database, one behind the other."""

import os
from dataclasses import dataclass
from pathlib import Path

from gateway.errors import StorageError


@dataclass(frozen=True, slots=True)
class CheckpointFile:
    """Fulfils the port `CheckpointKeeper`; several processes may append to one file."""

    path: Path

    def append(self, note: bytes) -> None:
        """
        Keep one more, on the disk before this returns.

        Raises `StorageError` when the file cannot be written.
        """
        try:
            with self.path.open("ab") as file:
                gap = b"\n" if file.tell() else b""
                file.write(gap + note)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise StorageError(
                f"the file of checkpoints {self.path} cannot be written: {error.strerror}",
                advice="check the folder and its mode, or name another file under [log] in the configuration",
            ) from error

    def read(self) -> bytes:
        """
        Everything that was kept; nothing when there is no file yet.

        Raises `StorageError` when it cannot be read.
        """
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise StorageError(
                f"the file of checkpoints {self.path} cannot be read: {error.strerror}",
                advice="check the file's mode",
            ) from error
