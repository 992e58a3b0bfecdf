"""The lists that a permit is checked against, read once, and what they are called."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType

from gateway.permits.codes.entry import CodeList, ListedCode
from gateway.permits.codes.files import ALIASES, FAULTS, broken, load, load_aliases, rows

SPECIMENS = "NAR"
"""What no unit means: a number of specimens (Guidelines for annual reports)."""

_CATALOGUE = "lists"
_COLUMNS = ("name", "title", "box", "edition", "source")


@dataclass(frozen=True, slots=True)
class CodeLists:
    """The lists that a permit is checked against."""

    permit_type: CodeList
    permit_type_other: CodeList
    purpose: CodeList
    source: CodeList
    appendix: CodeList
    unit: CodeList
    term: CodeList
    country: CodeList
    signatory_type: CodeList
    untdid_1001: CodeList
    untdid_2379: CodeList


@dataclass(frozen=True, slots=True)
class ListInfo:
    """What `lists.csv` says of a list."""

    name: str
    title: str
    box: str
    """Boxes of the CITES form; empty when the codes are seen in no box."""
    edition: date
    """The day on which we brought the list up to date."""
    source: str


@cache
def code_lists() -> CodeLists:
    """
    All lists, read once per process.

    Raises `ConfigurationError` when a file is missing, broken, or contradicts itself or another.
    """
    aliases = load_aliases()
    unknown = aliases.keys() - CodeLists.__dataclass_fields__.keys()
    if unknown:
        raise broken(ALIASES, f"there is no list {min(unknown)}")
    return CodeLists(**{name: load(name, aliases.get(name)) for name in CodeLists.__dataclass_fields__})


def find_unit(code: str | None) -> ListedCode | None:
    """
    The current unit for a code as written: KGM for KIL, TNE or KGM; NAR for no code.

    None when nobody knows the code. The amount has to be converted too: see `quantities.convert`.
    """
    return code_lists().unit.find(code or SPECIMENS)


@cache
def catalogue() -> Mapping[str, ListInfo]:
    """
    The lists by name, with title, boxes, edition and source: `lists.csv`.

    Raises `ConfigurationError` when the file is missing or broken, or when it names other lists than those
    that a permit is checked against.
    """
    try:
        return MappingProxyType(_infos(rows(_CATALOGUE, _COLUMNS)))
    except FAULTS as error:
        raise broken(_CATALOGUE, error) from error


def _infos(lines: Iterable[dict[str, str]]) -> dict[str, ListInfo]:
    """The lists by name; raises `ValueError` when they are not those that a permit is checked against."""
    infos = [
        ListInfo(row["name"], row["title"], row["box"], date.fromisoformat(row["edition"]), row["source"])
        for row in lines
    ]
    if sorted(info.name for info in infos) != sorted(CodeLists.__dataclass_fields__):
        raise ValueError("it does not name every list once")
    return {info.name: info for info in infos}
