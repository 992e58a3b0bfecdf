"""Species and the groups above and below them, and how a list of them is kept."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

NOT_LISTED = "NC"
"""What the checklist writes for a taxon, or a population, that stands in no Appendix."""
LISTINGS = ("I", "II", "III", NOT_LISTED)
"""The parts of a listing, in the order in which they are written; a split listing is `I/II`."""

SEPARATOR = "|"
"""Between the names in one field of a row."""


class Rank(StrEnum):
    """The ranks of the list, from the top."""

    KINGDOM = "kingdom"
    PHYLUM = "phylum"
    CLASS = "class"
    ORDER = "order"
    FAMILY = "family"
    SUBFAMILY = "subfamily"
    GENUS = "genus"
    SPECIES = "species"
    SUBSPECIES = "subspecies"
    VARIETY = "variety"

    @property
    def is_higher(self) -> bool:
        """True above the species."""
        return self not in (Rank.SPECIES, Rank.SUBSPECIES, Rank.VARIETY)


@dataclass(frozen=True, slots=True)
class Taxon:
    """One species, or a group above or below it."""

    id: str
    """Of the source; empty when it has none."""
    name: str
    """Accepted, without author and without `spp.`."""
    author: str
    rank: Rank
    kingdom: str
    """Animalia or Plantae."""
    phylum: str
    class_: str
    order: str
    family: str
    listing: str
    """Such as `I`, `I/II` or `NC`; empty when the source does not say."""
    listed_as: str
    """The higher taxon whose listing this is; empty for a listing of its own."""
    countries: tuple[str, ...]
    """Range States, alpha-2, sorted, often with those where it was introduced; empty when not told."""
    synonyms: tuple[str, ...]
    english: tuple[str, ...]
    french: tuple[str, ...]
    spanish: tuple[str, ...]

    @property
    def appendices(self) -> tuple[str, ...]:
        """The Appendices in which it stands, at least with some populations."""
        return tuple(part for part in self.listing.split("/") if part and part != NOT_LISTED)

    @property
    def is_animal(self) -> bool:
        """True for animals."""
        return self.kingdom == "Animalia"

    @property
    def is_plant(self) -> bool:
        """True for plants."""
        return self.kingdom == "Plantae"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row of the source that was not taken."""

    line: int
    """Counted from 1."""
    reason: str


@dataclass(frozen=True, slots=True)
class About:
    """Where a list comes from."""

    origin: str
    """Name of the file that was imported."""
    sha256: str
    """Of its bytes, in hex."""
    dated: date
    """The day whose listings it tells."""
    imported_at: datetime | None = None
    """Aware; None for a list that was just read."""
    left_out: int = 0
    """Rows that were not taken."""


Row = tuple[str, str, str, str, int, str, str, str, str, str, str, str]
"""
A taxon as it is kept, in the order of `FIELDS`.

`group` is the place of its kingdom, phylum, class, order and family in the table of groups; `countries` are
separated by spaces, `synonyms` and common names by `SEPARATOR`.
"""
FIELDS = ("id", "name", "author", "rank", "group", "listing", "listed_as", "countries", "synonyms", "english",
          "french", "spanish")  # fmt: skip

Group = tuple[str, str, str, str, str]
"""Kingdom, phylum, class, order, family."""
