"""The smallest parts of a permit: words, identifiers and codes, each with its attributes as written."""

from dataclasses import dataclass

Attributes = tuple[tuple[str, str], ...]
"""Further attributes by name, as written, in the order of the names; only v3 has any."""


@dataclass(frozen=True, slots=True)
class Text:
    """Words."""

    value: str
    language: str | None = None
    """Code of the language as written, for example EN."""
    more: Attributes = ()


@dataclass(frozen=True, slots=True)
class Identifier:
    """A number or name that identifies; no white space around it."""

    value: str
    scheme: str | None = None
    agency: str | None = None
    """Who keeps the scheme."""
    more: Attributes = ()


@dataclass(frozen=True, slots=True)
class Code:
    """An entry of a code list; no white space around it."""

    value: str
    list: str | None = None
    agency: str | None = None
    """Who keeps the list."""
    more: Attributes = ()
