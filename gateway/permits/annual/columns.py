"""
One line of the annual report: the columns of the file of the trade database, as text.

Text, because the rules judge a file that somebody else wrote too, with whatever it holds. Amounts are
written from exact decimals and never pass through a float.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from gateway.permits.annual.used import Side
from gateway.permits.identity import PermitRef
from gateway.permits.quantities import MOST_DIGITS

_FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "Appendix": "appendix",
        "SpeciesName": "species",
        "TermCode": "term",
        "Quantity": "quantity",
        "UnitCode": "unit",
        "TradingPartner": "partner",
        "CountryOfOrigin": "origin",
        "ImportPermit": "import_permit",
        "ExportPermit": "export_permit",
        "OriginPermit": "origin_permit",
        "IFSPermit": "ifs_permit",
        "PurposeCode": "purpose",
        "SourceCode": "source",
        "Year": "year",
    }
)
"""Field of a row by the name of its column, in the order of the file."""

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")

ALL_COLUMNS = tuple(_FIELDS)
COLUMNS: Mapping[Side, tuple[str, ...]] = MappingProxyType(
    {
        Side.EXPORT: tuple(column for column in _FIELDS if column != "ImportPermit"),
        Side.IMPORT: ALL_COLUMNS,
    }
)
"""The header of the file, as the import of Species+ (SAPI) names it: an export has no ImportPermit."""


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One line of the annual report; empty text for what is not said. Equal when all columns are equal."""

    appendix: str = ""
    species: str = ""
    term: str = ""
    quantity: str = ""
    """Plain digits, with a point when there are decimals."""
    unit: str = ""
    partner: str = ""
    """Where it went, or where it came from."""
    origin: str = ""
    """Empty when it is the country of export."""
    import_permit: str = ""
    export_permit: str = ""
    origin_permit: str = ""
    ifs_permit: str = ""
    """Certificate of introduction from the sea."""
    purpose: str = ""
    source: str = ""
    year: str = ""
    ref: PermitRef | None = field(default=None, compare=False)
    """The permit that was used; None for a row that was read from a file."""
    letters: tuple[str, ...] = field(default=(), compare=False)
    """The lines of the permit that it is made of."""

    def cell(self, column: str) -> str:
        """What stands in a column; raises `KeyError` for a column that there is not."""
        value: str = getattr(self, _FIELDS[column])
        return value

    @classmethod
    def of(cls, cells: Mapping[str, str]) -> "ReportRow":
        """A row from its cells by the names of the columns; raises `KeyError` for another name."""
        fields: dict[str, Any] = {_FIELDS[column]: value for column, value in cells.items()}
        return cls(**fields)

    @property
    def amount(self) -> Decimal | None:
        """The quantity as a number; None when it is not written in plain digits."""
        return Decimal(self.quantity) if _NUMBER.fullmatch(self.quantity) else None


def plain(value: Decimal) -> str:
    """
    A number in plain digits without needless zeros: 1.50 is `1.5`, 1E+3 is `1000`.

    One with an exponent beyond all measure is not written out; the rules say that it is no number.
    """
    if abs(value.adjusted()) > MOST_DIGITS:
        return str(value)
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text
