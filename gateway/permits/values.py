"""The smallest parts of a permit: words, identifiers and codes, each with its attributes as written."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """Words."""

    value: str
    language: str | None = None
    """Code of the language as written, for example EN."""


@dataclass(frozen=True, slots=True)
class Identifier:
    """A number or name that identifies; no white space around it."""

    value: str
    scheme: str | None = None
    agency: str | None = None
    """Who keeps the scheme."""


@dataclass(frozen=True, slots=True)
class Code:
    """An entry of a code list; no white space around it."""

    value: str
    list: str | None = None
    agency: str | None = None
    """Who keeps the list."""
