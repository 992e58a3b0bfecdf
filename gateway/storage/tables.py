"""The tables, the same for SQLite and PostgreSQL; `migrations/` makes them."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeDecorator, TypeEngine


class Moment(TypeDecorator[datetime]):
    """An aware moment in UTC; SQLite keeps no zone, so it goes in and comes out as UTC there."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """To the database."""
        if value is None:
            return None
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class Words(TypeDecorator[tuple[str, ...]]):
    """Words without a space in them: an array on PostgreSQL, a text with a space around each on SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """What the database calls it."""
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else ARRAY(Text))

    def process_bind_param(self, value: Collection[str] | None, dialect: Dialect) -> Any:
        """To the database."""
        if value is None:
            return None
        return f" {' '.join(value)} " if dialect.name == "sqlite" else list(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[str, ...] | None:
        """From the database."""
        if value is None:
            return None
        return tuple(value.split() if dialect.name == "sqlite" else value)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

ID = String(36)
BYTEWISE_ID = String(36).with_variant(String(36, collation="C"), "postgresql")
"""Ordered by its bytes, whatever the language of the server."""
AUTHORITY = String(32)
DIGEST = String(64)

permits = Table(
    "permits",
    metadata,
    Column("id", ID, primary_key=True),
    Column("issuer", String(2), nullable=False),
    Column("number", String(35), nullable=False),
    Column("version", String(8), nullable=False),
    Column("type_code", String(4), nullable=False),
    Column("exporter", String(2), nullable=False),
    Column("importer", String(2), nullable=False),
    Column("valid_until", Moment),
    Column("digest", DIGEST, nullable=False),
    Column("original", LargeBinary, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("valid_from", Moment),
    UniqueConstraint("issuer", "number"),
    Index(None, "number"),
)

permit_species = Table(
    "permit_species",
    metadata,
    Column("name", String(200).with_variant(String(200, collation="C"), "postgresql"), primary_key=True),
    Column("permit_id", ID, primary_key=True),
)
"""Scientific names of the lines of permits, as `permits/query.py` writes them; ordered by code points."""

messages = Table(
    "messages",
    metadata,
    Column("direction", String(3), primary_key=True),
    Column("sender", AUTHORITY, primary_key=True),
    Column("message_id", ID, primary_key=True),
    Column("conversation_id", ID, nullable=False),
    Column("recipient", AUTHORITY, nullable=False),
    Column("partner", String(64), nullable=False),
    Column("issuer", String(2), nullable=False),
    Column("number", String(35), nullable=False),
    Column("sent_at", Moment, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Column("envelope", LargeBinary, nullable=False),
    Column("envelope_digest", DIGEST, nullable=False),
    Column("payload_digest", DIGEST, nullable=False),
    Column("outcome", String(32)),
    Column("findings", Text, nullable=False),
    Column("receipt", LargeBinary),
    Column("kind", String(16), nullable=False, server_default="permit"),
    Index(None, "message_id"),
    Index(None, "recorded_at", "direction", "outcome", "sender", "recipient"),
    Index(None, "sender", "recorded_at"),
    Index(None, "recipient", "recorded_at"),
    Index(None, "number"),
)

_MOVES = text("due_at IS NOT NULL")
"""What is not settled: few of many rows, so that an index of these alone stays small."""
_QUEUED = text("state = 'queued'")
"""What may be given up when it has waited too long."""

_FAILED = text("error_code <> ''")
"""What has an error, which is seldom too."""

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", ID, primary_key=True),
    Column("conversation_id", ID, nullable=False),
    Column("sender", AUTHORITY, nullable=False),
    Column("recipient", AUTHORITY, nullable=False),
    Column("partner", String(64), nullable=False),
    Column("message_id", ID, nullable=False),
    Column("issuer", String(2), nullable=False),
    Column("number", String(35), nullable=False),
    Column("state", String(32), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", Moment),
    Column("lease_owner", ID),
    Column("settled_at", Moment),
    Column("error_code", String(64), nullable=False),
    Column("error", Text, nullable=False),
    Column("requeued_at", Moment),
    Index(None, "conversation_id"),
    Index(None, "partner", "due_at", "id", sqlite_where=_MOVES, postgresql_where=_MOVES),
    Index(None, "partner", "created_at", "id", sqlite_where=_QUEUED, postgresql_where=_QUEUED),
    Index(None, "message_id"),
    Index(None, "state", "partner", "id"),
    Index(None, "state", "id"),
    Index(None, "sender", "id"),
    Index(None, "recipient", "id"),
    Index(None, "error_code", "id", sqlite_where=_FAILED, postgresql_where=_FAILED),
    Index(None, "number"),
)
"""
`due_at` is the time of the next attempt while queued, the moment of giving up while waiting in a mailbox, the
end of the lease while sending, else null.
"""

delivery_attempts = Table(
    "delivery_attempts",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("delivery_id", ID, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("address", Text, nullable=False),
    Column("outcome", String(64), nullable=False),
    Column("error", Text, nullable=False),
    Index(None, "delivery_id"),
)

partner_health = Table(
    "partner_health",
    metadata,
    Column("partner", String(64), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("probe_at", Moment),
    Column("answered_at", Moment),
    Column("failed_at", Moment),
    Column("error_code", String(64), nullable=False),
    Column("error", Text, nullable=False),
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", ID, primary_key=True),
    Column("authority", AUTHORITY, nullable=False),
    Column("permit_id", ID, nullable=False),
    Column("issuer", String(2), nullable=False),
    Column("number", String(35), nullable=False),
    Column("sender", AUTHORITY, nullable=False),
    Column("digest", DIGEST, nullable=False),
    Column("arrived_at", Moment, nullable=False),
    Column("acknowledged_at", Moment),
    UniqueConstraint("authority", "permit_id"),
)

notices = Table(
    "notices",
    metadata,
    Column("id", ID, primary_key=True),
    Column("issuer", String(2), nullable=False),
    Column("number", String(35), nullable=False),
    Column("author", AUTHORITY, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Column("document", LargeBinary, nullable=False),
    Column("digest", DIGEST, nullable=False),
    Column("partner", String(64), nullable=False),
    Column("idempotency_key", String(255)),
    Column("request_digest", DIGEST, nullable=False),
    UniqueConstraint("author", "idempotency_key"),
    Index(None, "issuer", "number", "id"),
    Index(None, "recorded_at", "id"),
)
"""What became of permits; a notice may be here before its permit, so nothing ties the two but the number."""

permit_viewers = Table(
    "permit_viewers",
    metadata,
    Column("issuer", String(2), primary_key=True),
    Column("number", String(35), primary_key=True),
    Column("authority", AUTHORITY, primary_key=True),
    Column("first_at", Moment, nullable=False),
)
"""Who has asked about a permit, and so hears what becomes of it."""

_WAITS = text("acknowledged_at IS NULL")

events = Table(
    "events",
    metadata,
    Column("id", ID, primary_key=True),
    Column("authority", AUTHORITY, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("issuer", String(2), nullable=False),
    Column("number", String(35), nullable=False),
    Column("author", AUTHORITY, nullable=False),
    Column("about", ID, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("acknowledged_at", Moment),
    Index(None, "authority", "id", sqlite_where=_WAITS, postgresql_where=_WAITS),
)
"""What authorities hosted here are told; `about` is an item of an inbox, or a notice."""

submissions = Table(
    "submissions",
    metadata,
    Column("id", ID, primary_key=True),
    Column("authority", AUTHORITY, nullable=False),
    Column("idempotency_key", String(255), nullable=False),
    Column("request_digest", DIGEST, nullable=False),
    Column("issuer", String(2), nullable=False),
    Column("number", String(35), nullable=False),
    Column("digest", DIGEST, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("findings", Text, nullable=False),
    UniqueConstraint("authority", "idempotency_key"),
    Index(None, "issuer", "number"),
)

tokens = Table(
    "tokens",
    metadata,
    Column("token_hash", DIGEST, primary_key=True),
    Column("authority", AUTHORITY, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("partner", String(64), nullable=False, server_default=""),
    Column("scopes", Text, nullable=False, server_default=""),
    Column("expires_at", Moment),
    Column("last_used_on", Date),
)
"""
The holder is an authority or a partner; the other one is empty. Scopes stand beside each other with a space
between them; none: all that the holder may do.
"""

permit_tokens = Table(
    "permit_tokens",
    metadata,
    Column("issuer", String(2), primary_key=True),
    Column("number", String(35), primary_key=True),
    Column("salt", LargeBinary, nullable=False),
    Column("token_hash", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False),
)
"""What whoever asks about a permit must know; only where it was issued."""

people = Table(
    "people",
    metadata,
    Column("id", ID, primary_key=True),
    Column("name", String(64), nullable=False),
    Column("name_key", String(255), nullable=False),
    Column("post", String(32), nullable=False),
    Column("authorities", Text, nullable=False),
    Column("language", String(8), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("disabled_at", Moment),
    Column("password_hash", Text, nullable=False),
    Column("password_at", Moment, nullable=False),
    Column("initial_until", Moment),
    Column("totp_secret", LargeBinary, nullable=False),
    Column("totp_step", BigInteger, nullable=False),
    Column("enrolled_at", Moment),
    Column("vouched_by", ID, nullable=False),
    UniqueConstraint("name_key"),
)
"""Who may sign in to the console; authorities stand beside each other with a space between them."""

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("person_id", ID, primary_key=True),
    Column("code_hash", DIGEST, primary_key=True),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", ID, primary_key=True),
    Column("token_hash", DIGEST, nullable=False),
    Column("person_id", ID, nullable=False),
    Column("stage", String(16), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("address", String(64), nullable=False),
    Column("agent", String(200), nullable=False),
    UniqueConstraint("token_hash"),
    Index(None, "person_id"),
)

sign_in_failures = Table(
    "sign_in_failures",
    metadata,
    Column("subject", String(80), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", Moment, nullable=False),
)
"""In a row, of an account (its name is hashed) or of an address."""

proposals = Table(
    "proposals",
    metadata,
    Column("id", ID, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("what", Text, nullable=False),
    Column("digest", DIGEST, nullable=False),
    Column("state", String(16), nullable=False),
    Column("found_at", Moment, nullable=False),
    Column("asked_by", ID, nullable=False),
    Column("asked_at", Moment),
    Column("agreed_by", ID, nullable=False),
    Column("agreed_at", Moment),
    Column("reason", Text, nullable=False),
    Column("serial", Integer),
    Column("after", Text, nullable=False),
    UniqueConstraint("digest"),
    UniqueConstraint("serial"),
)
"""Changes of trust; those that came to count have a serial, and `after` is all that counts then."""

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

alerts = Table(
    "alerts",
    metadata,
    Column("key", String(160), primary_key=True),
    Column("id", ID, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("subject", String(120), nullable=False),
    Column("partner", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Column("advice", Text, nullable=False),
    Column("amount", Integer, nullable=False),
    Column("begun_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("told", Text, nullable=False),
)
"""`told` is JSON: by name of the receiver, whether it heard of the end, when, and of how much."""

alert_turn = Table(
    "alert_turn",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("holder", ID, nullable=False),
    Column("until", Moment, nullable=False),
)
"""Whose turn it is to look for alarms and to tell them."""
