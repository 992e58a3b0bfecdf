"""One code, one alias, one list: immutable, and without a file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Context, Decimal, Inexact
from enum import StrEnum
from types import MappingProxyType

from gateway.wording import Words

ONE = Decimal(1)
EXACTLY = Context(prec=100, traps=[Inexact])
"""Arithmetic that raises `decimal.Inexact` where it would have to round."""


class Status(StrEnum):
    """Whether a code may be written today."""

    CURRENT = "current"
    """In use."""
    LEGACY = "legacy"
    """Withdrawn, still met in documents; `replaced_by` says what to write."""
    ALIAS = "alias"
    """Another standard's code for the same thing; `replaced_by` says what to write."""
    FORMER = "former"
    """A country that is no more."""
    SPECIAL = "special"
    """A code of CITES or of the trade database that is no country of ISO 3166-1."""
    NOT_FOR_PERMITS = "not-for-permits"
    """Trade statistics only."""


@dataclass(frozen=True, slots=True)
class Alias:
    """What a code stands for in terms of another code of the same list: one row of `alias.csv`."""

    alias: str
    code: str
    """A code of the list that is no alias itself."""
    multiply_by: Decimal = ONE
    """An amount of `alias`, times this ..."""
    divide_by: Decimal = ONE
    """... and divided by this, is the exact amount of `code`."""
    converts: bool = True
    """False when no number is true, for example for a box, which is no number of specimens."""
    standard: str = ""
    """Where the alias is at home, for example UN/CEFACT Rec. 20."""
    source: str = ""
    certainty: str = ""
    note: str = ""

    @property
    def one(self) -> Decimal:
        """How much of `code` one of `alias` is, exactly: 0.45359237 for PND, 0.01 for CTM."""
        return EXACTLY.divide(self.multiply_by, self.divide_by)


@dataclass(frozen=True, slots=True)
class ListedCode:
    """One entry of a code list."""

    code: str
    meaning: Words
    status: Status = Status.CURRENT
    replaced_by: str = ""
    """Code of the same list to write instead; empty when there is none."""
    valid_from: date | None = None
    """First day of the code; None when it is not known."""
    valid_until: date | None = None
    """Last day of the code; None when it has not ended, or when the day is not known."""
    kind: str = ""
    """Of a unit: mass, volume, length, area or count."""
    factor: tuple[Decimal, Decimal] = (ONE, ONE)
    """Multiply by the first and divide by the second to get an amount in `replaced_by`; from `alias.csv`."""
    converts: bool = True
    """Whether `factor` is true; False for a box or a bag, whose specimens have to be counted."""
    preferred_unit: str = ""
    """Of a term, in words."""
    alternative_unit: str = ""
    """Of a term, in words."""
    source: str = ""
    certainty: str = ""
    note: str = ""

    def valid_on(self, day: date) -> bool:
        """Whether `day` is neither before the first nor after the last day, as far as these are known."""
        return not (
            (self.valid_from is not None and day < self.valid_from)
            or (self.valid_until is not None and day > self.valid_until)
        )

    def current_on(self, day: date) -> bool:
        """Whether the code was to be written on `day`: a code of today, or one whose last day is known."""
        return self.valid_on(day) and (self.status is Status.CURRENT or self.valid_until is not None)


@dataclass(frozen=True, slots=True)
class CodeList:
    """A code list. `code in code_list` says whether it has a code, whatever its status."""

    name: str
    entries: Mapping[str, ListedCode]
    aliases: Mapping[str, Alias] = field(default_factory=lambda: MappingProxyType({}))
    """By alias. An alias that is not in `entries` is understood by `find`, and never right on a permit."""

    def __contains__(self, code: str) -> bool:
        """Whether the list has the code."""
        return code in self.entries

    def get(self, code: str) -> ListedCode | None:
        """The entry of a code, or None."""
        return self.entries.get(code)

    def find(self, code: str) -> ListedCode | None:
        """
        The entry to write for a code: its own, or that of the code which replaces it or which it stands for.

        The entry itself when nothing replaces a withdrawn code; None when nobody knows the code.
        """
        entry = self.entries.get(code)
        if entry is not None:
            return self.entries[entry.replaced_by] if entry.replaced_by else entry
        alias = self.aliases.get(code)
        return self.entries[alias.code] if alias else None

    def words(self) -> str:
        """The current codes for a sentence: `E, R, I, O`. For short lists."""
        return ", ".join(code for code, entry in self.entries.items() if entry.status is Status.CURRENT)
