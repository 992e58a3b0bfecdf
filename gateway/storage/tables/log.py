"""The message log, its tree, and what people looked for in it."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table, Text

from gateway.storage.tables.columns import AUTHORITY, BYTEWISE_ID, DIGEST, ID, Moment, Words, metadata

log_entries = Table(
    "log_entries",
    metadata,
    Column("id", BYTEWISE_ID, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("actor", String(64), nullable=False),
    Column("partner", String(64), nullable=False),
    Column("authority", AUTHORITY, nullable=False),
    Column("message_id", ID, nullable=False),
    Column("issuer", String(2), nullable=False),
    Column("number", String(35), nullable=False),
    Column("digest", DIGEST, nullable=False),
    Column("correlation_id", String(64), nullable=False),
    Column("outcome", String(64), nullable=False),
    Column("detail", Text, nullable=False),
    Column("salt", LargeBinary, nullable=False, server_default=""),
    Column("headers", Text, nullable=False, server_default="{}"),
    Column("words", Words),
    Column("erased_at", Moment),
    Index(None, "number", "id"),
    Index(None, "message_id", "id"),
    Index(None, "correlation_id", "id"),
    Index(None, "issuer", "id"),
    Index(None, "partner", "id"),
    Index(None, "authority", "partner", "id"),
    Index(None, "actor", "id"),
    Index(None, "kind", "outcome", "id"),
    Index(None, "outcome", "id"),
    postgresql_partition_by="RANGE (id)",
)
"""
What happened, and all that can be looked for; `words` are those of `detail`.

On PostgreSQL each month has a partition of its own (`months.py`), so it can be archived and dropped as a
whole; on SQLite a month is a range of ids. What may be personal is here alone: the tree over the log
(`log_leaves`) has only its digest, so it can be erased here while the tree still verifies.
"""
Index("ix_log_entries_words", log_entries.c.words, postgresql_using="gin").ddl_if(dialect="postgresql")

searches = Table(
    "searches",
    metadata,
    Column("id", ID, primary_key=True),
    Column("person", String(64), nullable=False),
    Column("name", String(64), nullable=False),
    Column("query", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "person", "name"),
    Index(None, "name", "at"),
)
"""What people looked for in the message log; one without a name is only remembered for its next page."""

log_queue = Table(
    "log_queue",
    metadata,
    Column("id", BYTEWISE_ID, primary_key=True),
    Column("at", Moment, nullable=False),
)
"""Entries that wait for their place in the tree; written with the entry, in one transaction."""

log_leaves = Table(
    "log_leaves",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("entry_id", BYTEWISE_ID, nullable=False),
    Column("leaf", LargeBinary, nullable=False),
    Index(None, "entry_id"),
    postgresql_partition_by="RANGE (seq)",
)
"""The bytes over which the tree stands. On PostgreSQL in partitions of about a million places."""

log_tiles = Table(
    "log_tiles",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("hashes", LargeBinary, nullable=False),
)

log_checkpoints = Table(
    "log_checkpoints",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("note", LargeBinary, nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "size"),
)

log_head = Table(
    "log_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("origin", String(128), nullable=False),
    Column("permit_key", LargeBinary, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("checkpoints", BigInteger, nullable=False),
)
"""One row: whoever gives places holds it."""
