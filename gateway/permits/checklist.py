"""
Reading the public checklist: the CSV export `Index of CITES Species`, and the listings of Species+.

The columns of both were taken from the public source of the software that writes them (SAPI). What people do
to such a file in a spreadsheet is understood: semicolons or tabs, another order of columns, a line above the
header.
"""

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from gateway.errors import MalformedRequest
from gateway.permits.names import HYBRID, key_of, read_name
from gateway.permits.species import SpeciesList
from gateway.permits.taxa import LISTINGS, SEPARATOR, About, Group, LeftOut, Rank, Row

MAX_BYTES = 200_000_000
"""The export of all species with notes in three languages has about 60 MB."""
MAX_BAD_PART = 0.05
"""Of the rows: a file with more that cannot be read is not the file that it should be."""
HEADER_LINES = 5
"""Lines that are looked at for the header: spreadsheets and web sites put a line or two above it."""

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "id": ("taxonid", "id", "taxonconceptid"),
    "kingdom": ("kingdom", "kingdomname"),
    "phylum": ("phylum", "phylumname"),
    "class": ("class", "classname"),
    "order": ("order", "ordername"),
    "family": ("family", "familyname"),
    "name": ("fullname", "scientificname", "taxon"),
    "author": ("authoryear", "author"),
    "rank": ("rankname", "rank"),
    "listing": ("currentlisting", "listing", "citeslisting", "appendix"),
    "synonyms": ("synonymswithauthors", "synonyms"),
    "english": ("englishnames", "english"),
    "french": ("frenchnames", "french"),
    "spanish": ("spanishnames", "spanish"),
    "countries": ("alldistributionisocodes", "distributionisocodes", "countriesisocodes"),
}
"""Ours, and the headers for it, without case, spaces, underscores and the like."""
REQUIRED = ("kingdom", "name", "listing")
_LABELS = {"kingdom": "Kingdom", "name": "FullName", "listing": "CurrentListing"}
"""How the checklist writes them."""

_KINGDOMS = {"animalia": "Animalia", "plantae": "Plantae"}
_DELIMITERS = ",;\t"
_HEADER_CHARACTERS = 20_000
_NOT_A_LETTER = re.compile(r"[^a-z]")
_QUOTED = re.compile(r'"([^"]*)"')
_BINOMIAL = re.compile(rf"[A-Z][^\W\d_]+ (?:[{HYBRID}x] ?)?([a-z][a-z-]+)(?: |$)")
_YEAR_AT_END = re.compile(r"\d{4}\)?$")
_CODE = re.compile(r"\b[A-Z]{2}\b")
_SMALL_WORDS = frozenset({"and", "auct", "de", "des", "du", "et", "ex", "in", "non", "sensu", "van", "von"})
"""What follows a capitalised word in a list of authors, where a name would have its epithet."""


@dataclass(frozen=True)
class _Header:
    """The line that names the columns."""

    line: int
    delimiter: str
    columns: dict[str, int]
    """Place by our name."""
    cells: list[str]


@dataclass
class _Entry:
    """A taxon while the file is being read."""

    id: str
    name: str
    author: str
    rank: Rank
    group: Group
    above: tuple[str, ...]
    """Keys of the groups that it belongs to, from the nearest."""
    listing: frozenset[str]
    countries: frozenset[str]
    synonyms: tuple[str, ...]
    english: str
    french: str
    spanish: str
    listed_as: str = field(default="")


def read_checklist(data: bytes, *, origin: str, dated: date) -> SpeciesList:
    """
    Read an export of the checklist; `origin` is the name of the file, `dated` the day of its listings.

    1. The bytes are UTF-8, with or without a byte order mark.
    2. The header is found, and with it the character between the columns.
    3. Each row is read; those that cannot be are listed in `left_out`. Rows for the same taxon are one.
    4. A taxon without a listing has that of the nearest group above it that has one.
    5. Everything is sorted by name.

    Raises `MalformedRequest` that names line and column for bytes that are no such file, and for one with
    too many rows that cannot be read.
    """
    # 1
    text = _decode(data, origin)
    # 2
    header = _header(text, origin)
    # 3
    entries, left_out = _entries(_lines(text, header, origin), origin)
    # 4
    _inherit(entries)
    # 5
    groups = sorted({entry.group for entry in entries.values()})
    places = {group: number for number, group in enumerate(groups)}
    rows = [_row(entry, places[entry.group]) for _, entry in sorted(entries.items())]
    about = About(origin, hashlib.sha256(data).hexdigest(), dated, left_out=len(left_out))
    return SpeciesList(about, groups, rows, tuple(left_out))


def _decode(data: bytes, origin: str) -> str:
    """The text of the file."""
    if len(data) > MAX_BYTES:
        raise MalformedRequest(
            f"{origin} has {len(data)} bytes, more than {MAX_BYTES}",
            advice="export the index of species alone, without the listing history",
        )
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise MalformedRequest(
            f"{origin}, line 1, column 1: the file is in UTF-16",
            advice="save it again as CSV in UTF-8",
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = len(before.rpartition(b"\n")[2].decode("utf-8", "replace")) + 1
        raise MalformedRequest(
            f"{origin}, line {line}, column {column}: byte 0x{data[error.start]:02x} is not UTF-8",
            advice="save the file again as CSV in UTF-8",
        ) from None


def _header(text: str, origin: str) -> "_Header":
    """Where the columns are, by the first line that names the ones that we need."""
    lines = text[:_HEADER_CHARACTERS].splitlines()[:HEADER_LINES]
    best = _Header(1, ",", {}, [])
    for number, line in enumerate(lines, 1):
        for delimiter in _DELIMITERS:
            cells = next(csv.reader([line], delimiter=delimiter), [])
            header = _Header(number, delimiter, _columns(cells), cells)
            if len(header.columns) > len(best.columns):
                best = header
        if all(name in best.columns for name in REQUIRED):
            return best
    if not best.columns:
        raise MalformedRequest(
            f"{origin}, line 1, column 1: no header of the checklist in the first {HEADER_LINES} lines",
            advice="export the Index of CITES Species as CSV, and keep its first line",
        )
    missing = ", ".join(_LABELS[name] for name in REQUIRED if name not in best.columns)
    raise MalformedRequest(
        f"{origin}, line {best.line}: the header has no column {missing}; "
        f"it has {', '.join(cell.strip() for cell in best.cells if cell.strip())}",
        advice="export the Index of CITES Species as CSV with these columns",
    )


def _columns(cells: Sequence[str]) -> dict[str, int]:
    """The place of each of our columns in a header; the first counts when two are alike."""
    places: dict[str, int] = {}
    for place, cell in enumerate(cells):
        places.setdefault(_NOT_A_LETTER.sub("", cell.lower()), place)
    found: dict[str, int] = {}
    for name, variants in COLUMNS.items():
        for variant in variants:
            if variant in places:
                found.setdefault(name, places[variant])
    return found


def _lines(text: str, header: "_Header", origin: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and cells by our column of each row below the header that is not empty."""
    body = io.StringIO(text, newline="")
    for _ in range(header.line):
        body.readline()
    reader = csv.reader(body, delimiter=header.delimiter)
    while True:
        line = header.line + reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise MalformedRequest(
                f"{origin}, line {line}: the row cannot be read as CSV: {error}",
                advice="export the file again",
            ) from None
        if any(cells):
            yield (
                line,
                {
                    name: " ".join(cells[place].split()) if place < len(cells) else ""
                    for name, place in header.columns.items()
                },
            )


def _entries(
    rows: Iterator[tuple[int, dict[str, str]]], origin: str
) -> tuple[dict[str, _Entry], list[LeftOut]]:
    """The taxa by key, and the rows that were left out."""
    entries: dict[str, _Entry] = {}
    left_out: list[LeftOut] = []
    count = 0
    for line, cells in rows:
        count += 1
        try:
            entry = _entry(cells)
            key = key_of(entry.name)
            entry = _merged(entries[key], entry) if key in entries else entry
        except ValueError as error:
            left_out.append(LeftOut(line, str(error)))
            continue
        entries[key] = entry
    if not entries or len(left_out) > MAX_BAD_PART * count:
        examples = "; ".join(f"line {one.line}: {one.reason}" for one in left_out[:3]) or "there are none"
        raise MalformedRequest(
            f"{origin}: {len(left_out)} of {count} rows cannot be read ({examples})",
            advice="export the Index of CITES Species again; nothing was taken from this file",
            left_out=[{"line": one.line, "reason": one.reason} for one in left_out[:100]],
        )
    return entries, left_out


def _entry(cells: Mapping[str, str]) -> _Entry:
    """One row; raises `ValueError` that says which column is wrong."""
    name = read_name(cells["name"])
    if not name.words:
        raise ValueError(f"FullName is '{cells['name']}', which is no scientific name")
    kingdom = _KINGDOMS.get(cells["kingdom"].lower())
    if kingdom is None:
        raise ValueError(f"Kingdom is '{cells['kingdom']}'; expected Animalia or Plantae")
    listing = frozenset(cells["listing"].replace(" ", "").upper().split("/")) - {""}
    if not listing <= set(LISTINGS):
        raise ValueError(f"CurrentListing is '{cells['listing']}'; expected I, II, III, NC, or such as I/II")
    get = cells.get
    phylum, class_, order, family = (
        get(column, "").capitalize() for column in ("phylum", "class", "order", "family")
    )
    group = (kingdom, phylum, class_, order, family)
    above = [" ".join(name.words[:size]) for size in range(len(name.words) - 1, 0, -1)]
    above += [word.lower() for word in reversed(group[1:]) if word]
    return _Entry(
        id=get("id", ""),
        name=name.display,
        author=get("author", ""),
        rank=_rank(get("rank", ""), name.key, group),
        group=group,
        above=tuple(key for key in above if key != name.key),
        listing=listing,
        countries=frozenset(_CODE.findall(get("countries", ""))),
        synonyms=_synonyms(get("synonyms", ""), name.key),
        english=_common(get("english", "")),
        french=_common(get("french", "")),
        spanish=_common(get("spanish", "")),
    )


def _rank(word: str, key: str, group: Group) -> Rank:
    """The rank by its word, else by the form of the name and the column in which it stands."""
    if word:
        try:
            return Rank(word.lower())
        except ValueError:
            raise ValueError(f"RankName is '{word}'; expected {', '.join(Rank)}") from None
    if " " in key:
        return Rank.SPECIES if key.count(" ") == 1 else Rank.SUBSPECIES
    ranks = (Rank.KINGDOM, Rank.PHYLUM, Rank.CLASS, Rank.ORDER, Rank.FAMILY)
    return next((rank for rank, word in zip(ranks, group, strict=True) if word.lower() == key), Rank.GENUS)


def _merged(first: _Entry, second: _Entry) -> _Entry:
    """
    One taxon from two rows: exports of listings have a row for each Appendix or Party.

    Raises `ValueError` when one is an animal and the other a plant.
    """
    if first.group[0] != second.group[0]:
        raise ValueError(f"{second.name} is in {second.group[0]}, and in {first.group[0]} on a line above")
    return replace(
        first,
        listing=first.listing | second.listing,
        countries=first.countries | second.countries,
        synonyms=tuple(dict.fromkeys(first.synonyms + second.synonyms)),
        english=first.english or second.english,
        french=first.french or second.french,
        spanish=first.spanish or second.spanish,
    )


def _synonyms(cell: str, key: str) -> tuple[str, ...]:
    """The names in a list of names with authors, in the usual form, each once, without the accepted one."""
    names = (read_name(piece) for piece in _pieces(cell, higher=" " not in key))
    return tuple(dict.fromkeys(name.display for name in names if name.words and name.key != key))


def _pieces(cell: str, *, higher: bool) -> list[str]:
    """
    The parts of a cell that holds several names with authors.

    Quoted parts and semicolons are clear. A comma stands between names, and inside them as well (`Audubon,
    1821`): a new name begins where a genus and an epithet follow, among higher taxa after a year.
    """
    if '"' in cell:
        return _QUOTED.findall(cell)
    if ";" in cell or SEPARATOR in cell:
        return re.split(r"[;|]", cell)
    pieces: list[str] = []
    for part in map(str.strip, cell.split(",")):
        if not pieces or _begins_a_name(part) or (higher and _YEAR_AT_END.search(pieces[-1])):
            pieces.append(part)
        else:
            pieces[-1] += f", {part}"
    return pieces


def _begins_a_name(part: str) -> bool:
    """Whether genus and epithet stand there, and not authors."""
    match = _BINOMIAL.match(part)
    return match is not None and match[1] not in _SMALL_WORDS


def _common(cell: str) -> str:
    """Common names, joined as they are kept."""
    pieces = _QUOTED.findall(cell) if '"' in cell else re.split(r"[,;|]", cell)
    return SEPARATOR.join(dict.fromkeys(filter(None, (piece.strip() for piece in pieces))))


def _inherit(entries: Mapping[str, _Entry]) -> None:
    """Give each taxon without a listing that of the nearest group above it that has its own."""
    for entry in entries.values():
        if not entry.listing:
            above = (entries.get(key) for key in entry.above)
            heir = next((each for each in above if each and each.listing and not each.listed_as), None)
            if heir is not None:
                entry.listing, entry.listed_as = heir.listing, heir.name


def _row(entry: _Entry, group: int) -> Row:
    """A taxon as it is kept."""
    return (
        entry.id,
        entry.name,
        entry.author,
        entry.rank.value,
        group,
        "/".join(part for part in LISTINGS if part in entry.listing),
        entry.listed_as,
        " ".join(sorted(entry.countries)),
        SEPARATOR.join(entry.synonyms),
        entry.english,
        entry.french,
        entry.spanish,
    )
