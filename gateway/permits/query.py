"""What somebody looks for among the permits that are held."""

from dataclasses import dataclass
from datetime import date

from gateway.permits.model import Permit
from gateway.permits.notices import PermitStatus

LONGEST_NAME = 200
"""Characters of a scientific name that are kept for the search."""


@dataclass(frozen=True, slots=True)
class PermitQuery:
    """All conditions hold together; an empty one does not count."""

    number: str = ""
    """Whole."""
    issuer: str = ""
    """The issuing Party."""
    exporter: str = ""
    importer: str = ""
    type_code: str = ""
    """E, R, I or O."""
    status: PermitStatus | None = None
    """Where it stands at the moment of the question."""
    species: str = ""
    """How the scientific name of a line begins, in whatever case."""
    valid_on: date | None = None
    """A day (UTC) on which its dates allow its use; one whose first day is not known counts as begun."""
    received_from: date | None = None
    """The first day (UTC) on which it was stored here."""
    received_to: date | None = None
    """The last one."""


def species_key(name: str) -> str:
    """A scientific name as it is kept and looked for: one space between words, no capitals."""
    return " ".join(name.split()).casefold()[:LONGEST_NAME]


def species_of(permit: Permit) -> frozenset[str]:
    """Every scientific name of its lines, as it is kept."""
    return frozenset(
        key
        for line in permit.lines
        for specimen in line.specimens
        if specimen.product is not None
        for name in specimen.product.scientific_names
        if (key := species_key(name.value))
    )
