"""Findings about many documents in one file: CSV for a spreadsheet, JSON lines for a program."""

import csv
import json
from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TextIO

import typer

from gateway.permits.examination import Examination

COLUMNS = (
    "file",
    "sha256",
    "version",
    "type",
    "issuer",
    "number",
    "verdict",
    "rule",
    "severity",
    "area",
    "box",
    "path",
    "line",
    "message",
    "source",
)
"""Of the CSV file: one row for each finding, one with an empty rule for a document without any."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is a formula to a spreadsheet."""


class FindingsFile(AbstractContextManager["FindingsFile"], ABC):
    """A file that grows by one document at a time."""

    def __init__(self, file: TextIO, language: str) -> None:
        """Write to an open text file."""
        self._file = file
        self._language = language

    @classmethod
    def open(cls, path: Path, language: str) -> "FindingsFile":
        """
        A new file in the format that its name tells: .csv or .jsonl.

        Ends with a usage error for another name, or when it cannot be written.
        """
        formats: dict[str, type[FindingsFile]] = {".csv": CSVFile, ".jsonl": JSONLinesFile}
        kind = formats.get(path.suffix.lower())
        if kind is None:
            raise typer.BadParameter(f"{path.name} must end in .csv or .jsonl", param_hint="--out")
        try:
            return kind(path.open("w", encoding="utf-8", newline=""), language)
        except OSError as error:
            raise typer.BadParameter(f"{path}: {error.strerror}", param_hint="--out") from None

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._file.close()

    @abstractmethod
    def write(self, examination: Examination) -> None:
        """Add one document."""


class CSVFile(FindingsFile):
    """One row for each finding."""

    def __init__(self, file: TextIO, language: str) -> None:
        """Begin with the names of the columns."""
        super().__init__(file, language)
        self._rows = csv.DictWriter(file, COLUMNS)
        self._rows.writeheader()

    def write(self, examination: Examination) -> None:
        """Add the findings of one document."""
        answer = examination.as_dict(self._language)
        common = {"file": examination.name, "verdict": answer["verdict"], **answer["document"]}
        for finding in answer["findings"] or [{}]:
            self._rows.writerow({name: _harmless(value) for name, value in {**common, **finding}.items()})


class JSONLinesFile(FindingsFile):
    """One object for each document."""

    def write(self, examination: Examination) -> None:
        """Add one document."""
        answer = {"file": examination.name, **examination.as_dict(self._language)}
        self._file.write(json.dumps(answer, ensure_ascii=False) + "\n")


def _harmless(value: object) -> object:
    """Text that a spreadsheet takes as text: what a stranger wrote must not become a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
