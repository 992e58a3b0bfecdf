"""Our list against another edition of it, or against what a partner uses: a CSV file of theirs."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from gateway.errors import MalformedRequest
from gateway.permits.codes.entry import CodeList, ListedCode, Status

MOST_BYTES = 5_000_000
"""Our longest list has 30 kB; more than this is no code list."""
_SEPARATORS = ",;\t"
_CODE, _MEANING = "code", "meaning"


@dataclass(frozen=True, slots=True)
class Differences:
    """What is not the same in their file and in our list."""

    added: Mapping[str, str]
    """Codes of theirs that our list does not have, with their meaning (empty when they give none)."""
    missing: tuple[ListedCode, ...]
    """Codes of ours, current today, that they do not have."""
    meanings: tuple[tuple[ListedCode, str], ...]
    """Codes that both have, with their meaning where it is another than ours."""
    outdated: tuple[ListedCode, ...]
    """Codes of theirs that our list has and that are not current any more, or another standard's."""

    @property
    def none(self) -> bool:
        """Whether both are the same."""
        return not (self.added or self.missing or self.meanings or self.outdated)


def compare(code_list: CodeList, theirs: Mapping[str, str]) -> Differences:
    """
    Our list against their codes by meaning, as `read_edition` gives them.

    Meanings are compared without letter case and white space, and only where they give one.
    """
    ours = code_list.entries
    known = [entry for code, entry in ours.items() if code in theirs]
    return Differences(
        added=MappingProxyType({code: meaning for code, meaning in theirs.items() if code not in ours}),
        missing=tuple(
            entry for code, entry in ours.items() if code not in theirs and entry.status is Status.CURRENT
        ),
        meanings=tuple(
            (entry, theirs[entry.code])
            for entry in known
            if theirs[entry.code] and _plain(theirs[entry.code]) != _plain(entry.meaning)
        ),
        outdated=tuple(entry for entry in known if entry.status is not Status.CURRENT),
    )


def read_edition(data: bytes) -> Mapping[str, str]:
    """
    The codes of a CSV file with their meanings, empty where the file has none.

    The file is UTF-8, with or without byte order mark; its first line names the columns, of which one is
    `code` and another may be `meaning`; a comma, a semicolon or a tab separates them.
    Raises `MalformedRequest` when it is something else, too long, or names a code twice.
    """
    if len(data) > MOST_BYTES:
        raise _refused(f"the file has {len(data)} bytes, and a code list at most {MOST_BYTES}")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refused(f"byte {error.start + 1} of the file is not UTF-8") from None
    codes: dict[str, str] = {}
    try:
        for line, row in _rows(text):
            code = _shown(row[_CODE])
            if not code:
                raise _refused(f"line {line} has no code")
            if code in codes:
                raise _refused(f"line {line} has the code {code!r} a second time")
            codes[code] = _shown(row.get(_MEANING))
    except csv.Error as error:
        raise _refused(f"the file is not CSV: {error}") from None
    return MappingProxyType(codes)


def _rows(text: str) -> Iterator[tuple[int, dict[str, str | None]]]:
    """Line and columns of every row that is not empty."""
    head = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=head.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator, restkey="")
    names = [name.strip().lower() for name in reader.fieldnames or ()]
    if _CODE not in names:
        raise _refused(f"the first line names no column {_CODE}")
    reader.fieldnames = names
    for row in reader:
        yield reader.line_num, row


def _shown(text: str | None) -> str:
    """One line of text that does nothing to a terminal: control characters are replaced."""
    line = " ".join((text or "").split())
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in line)


def _refused(message: str) -> MalformedRequest:
    """The error for a file that is no code list."""
    return MalformedRequest(
        message, advice="give a CSV file in UTF-8 whose first line is, for example: code,meaning"
    )


def _plain(meaning: str) -> str:
    """A meaning without letter case and white space."""
    return "".join(meaning.split()).casefold()
