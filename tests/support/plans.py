"""What a database really does for a statement."""

from typing import Any

from sqlalchemy import event, text

from gateway.storage.unit_of_work import Database, DatabaseTransaction

Statement = tuple[str, Any]
"""As the driver gets it, with its values."""


def listen(storage: Database) -> list[Statement]:
    """A list that grows by every statement from now on."""
    statements: list[Statement] = []
    event.listen(
        storage._engine.sync_engine,
        "before_cursor_execute",
        lambda _c, _k, statement, values, *_: statements.append((statement, values)),
    )
    return statements


async def take_statistics(storage: Database) -> None:
    """PostgreSQL counts what there is now."""
    async with storage.write() as transaction:
        await transaction._connection.execute(text("ANALYZE deliveries"))
        await transaction._connection.execute(text("ANALYZE messages"))


async def run_explained(transaction: DatabaseTransaction, said: Statement) -> dict[str, Any]:
    """PostgreSQL runs a statement and tells what it did: the outermost step."""
    statement, values = said
    explain = "EXPLAIN (ANALYZE, FORMAT JSON) " + statement
    plan: dict[str, Any] = (await transaction._connection.exec_driver_sql(explain, values)).scalar_one()[0][
        "Plan"
    ]
    return plan


async def steps_of(transaction: DatabaseTransaction, said: Statement) -> list[str]:
    """The steps that SQLite would take."""
    statement, values = said
    plan = await transaction._connection.exec_driver_sql("EXPLAIN QUERY PLAN " + statement, values)
    return [str(row.detail) for row in plan]


def rows_read(plan: dict[str, Any], table: str) -> float:
    """How many rows of a table the steps of a plan looked at, those that they threw away included."""
    mine = 0.0
    if plan.get("Relation Name") == table:
        mine = (plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)) * plan["Actual Loops"]
    return mine + sum(rows_read(each, table) for each in plan.get("Plans", ()))
