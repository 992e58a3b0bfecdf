"""
Searches that an index can serve: one that asks for any of several values becomes several that ask for one.

`x IN (a, b) ORDER BY id LIMIT n` makes a database sort everything that it finds; the first n of each value,
found along the index of that value, hold the first n of all.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, select, union

Condition = ColumnElement[bool]


def anyone(table: FromClause, authorities: Iterable[object]) -> list[Condition]:
    """One condition for each way in which a row can concern one of the authorities."""
    names = sorted(map(str, authorities))
    return [column == name for column in (table.c.sender, table.c.recipient) for name in names]


def first_rows(
    wanted: Select[Any],
    conditions: Sequence[Condition],
    branches: Sequence[Condition],
    order: Sequence[str],
    limit: int,
    *,
    backwards: bool,
) -> Select[Any]:
    """
    The first rows of `wanted` for which all conditions hold, and one of the branches when there are any.

    `order` are names of columns of `wanted`. The branches bring whole rows: a database that gets their keys
    only may walk through the whole table in order and look each one up among the keys.
    """
    if not branches:
        return _ordered(wanted.where(*conditions), wanted.selected_columns, order, limit, backwards=backwards)
    parts = [
        _ordered(
            wanted.where(*conditions, branch), wanted.selected_columns, order, limit, backwards=backwards
        ).subquery()
        for branch in branches
    ]
    together = union(*(part.select() for part in parts)).subquery()
    return _ordered(select(together), together.c, order, limit, backwards=backwards)


def _ordered(
    found: Select[Any], columns: Any, order: Sequence[str], limit: int, *, backwards: bool
) -> Select[Any]:
    """The first ones in an order."""
    by = [columns[name].desc() if backwards else columns[name] for name in order]
    return found.order_by(*by).limit(limit)
