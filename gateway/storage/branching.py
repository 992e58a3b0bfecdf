"""
Searches that an index can serve: one that asks for any of several values becomes several that ask for one.

`x IN (a, b) ORDER BY id LIMIT n` makes a database sort everything that it finds; the first n of each value,
found along the index of that value, hold the first n of all.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, tuple_, union

Condition = ColumnElement[bool]


def anyone(table: FromClause, authorities: Iterable[object]) -> list[Condition]:
    """One condition for each way in which a row can concern one of the authorities."""
    names = sorted(map(str, authorities))
    return [column == name for column in (table.c.sender, table.c.recipient) for name in names]


def first_rows(
    wanted: Select[Any],
    conditions: Sequence[Condition],
    branches: Sequence[Condition],
    order: Sequence[ColumnElement[Any]],
    limit: int,
    key: Sequence[ColumnElement[Any]],
) -> Select[Any]:
    """
    The first rows of `wanted` for which all conditions hold, and one of the branches when there are any.

    `key` are the columns of the primary key.
    """
    found = wanted.order_by(*order).limit(limit)
    if not branches:
        return found.where(*conditions)
    parts = [
        wanted.with_only_columns(*key).where(*conditions, branch).order_by(*order).limit(limit).subquery()
        for branch in branches
    ]
    together = union(*(part.select() for part in parts))
    mine = key[0] if len(key) == 1 else tuple_(*key)
    return found.where(mine.in_(together))
