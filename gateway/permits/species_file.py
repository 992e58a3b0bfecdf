"""
The file in which an imported list of species is kept: JSON, one taxon a line, sorted.

The same list gives the same bytes: an edition can be kept under version control and compared with the next.
"""

import json
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from gateway.errors import ConfigurationError
from gateway.permits.taxa import FIELDS, LISTINGS, About, Group, Rank, Row

FORMAT = "ecites-species/1"
"""Name and version of the format; the version changes when an earlier program would misread the file."""

_ADVICE = "make it again with: ecites species import FILE"


Content = tuple[About, Sequence[Group], Sequence[Row]]
"""Where the list comes from, the table of groups, and the taxa."""


def dump(about: About, groups: Sequence[Group], rows: Sequence[Row], *, imported_at: datetime) -> bytes:
    """The bytes of the file; `imported_at` (aware) is told in it."""
    head = {
        "format": FORMAT,
        "origin": about.origin,
        "sha256": about.sha256,
        "dated": about.dated.isoformat(),
        "imported_at": imported_at.isoformat(),
        "counts": {"taxa": len(rows), "left_out": about.left_out},
        "fields": FIELDS,
    }
    start = json.dumps(head, ensure_ascii=False, indent=1).removesuffix("\n}")
    tables = f' "groups": [\n{_lines(groups)}\n ],\n "taxa": [\n{_lines(rows)}\n ]'
    return f"{start},\n{tables}\n}}\n".encode()


def read(path: Path) -> Content:
    """
    Read the file.

    Raises `ConfigurationError` when it is missing, of another version, or not what `dump` writes.
    """
    try:
        content = json.loads(path.read_bytes())
        return _content(content)
    except OSError as error:
        raise ConfigurationError(
            f"the species data {path} cannot be read: {error.strerror}", advice=_ADVICE
        ) from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ConfigurationError(f"the species data {path} is broken: {error}", advice=_ADVICE) from error


def _lines(rows: Sequence[Group] | Sequence[Row]) -> str:
    """The rows of a table, one a line."""
    return ",\n".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows)


def _content(content: Any) -> Content:
    """The list in a file; raises `ValueError`, `KeyError` or `TypeError` when something in it is wrong."""
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        found = content.get("format") if isinstance(content, dict) else None
        raise ValueError(f"its format is {found!r}, and this program reads {FORMAT}")
    groups = [tuple(group) for group in content["groups"]]
    rows = content["taxa"]
    _check(groups, rows)
    about = About(
        origin=str(content["origin"]),
        sha256=str(content["sha256"]),
        dated=date.fromisoformat(content["dated"]),
        imported_at=datetime.fromisoformat(content["imported_at"]),
        left_out=int(content["counts"]["left_out"]),
    )
    return about, groups, rows


def _check(groups: list[Any], rows: list[Any]) -> None:
    """Refuse what would be misunderstood later: column by column, because that is quick for a long list."""
    if any(len(group) != 5 or set(map(type, group)) != {str} for group in groups):  # noqa: PLR2004 - see Group
        raise ValueError("a group does not have five names")
    if not rows or set(map(len, rows)) != {len(FIELDS)}:
        raise ValueError(f"there is no taxon, or one that does not have the {len(FIELDS)} fields")
    columns = dict(zip(FIELDS, zip(*rows, strict=True), strict=True))
    places = columns.pop("group")
    for column in columns.values():
        "".join(column)  # raises TypeError at the first that is no text, quicker than a look at each
    if set(map(type, places)) != {int} or not 0 <= min(places) <= max(places) < len(groups):
        raise ValueError("the group of a taxon is not in the table of groups")
    for rank in set(columns["rank"]):
        Rank(rank)
    for listing in set(columns["listing"]):
        if listing and not set(listing.split("/")) <= set(LISTINGS):
            raise ValueError(f"there is no listing {listing}")
