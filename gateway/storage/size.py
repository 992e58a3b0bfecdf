"""How large the database is."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_QUESTIONS = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
    "postgresql": "SELECT pg_database_size(current_database())",
}


async def size_of(connection: AsyncConnection) -> int:
    """
    The bytes of all its pages; what PostgreSQL keeps for replay beside the database is not among them.

    Of SQLite that is the file, without the write-ahead log beside it.
    """
    return int((await connection.execute(text(_QUESTIONS[connection.dialect.name]))).scalar_one())
