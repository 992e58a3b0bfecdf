"""The tables, the same for SQLite and PostgreSQL; `migrations/` makes them."""

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
from sqlalchemy.types import TypeDecorator


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


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

ID = String(36)
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
    UniqueConstraint("issuer", "number"),
)

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
)

_MOVES = text("due_at IS NOT NULL")
"""What is not settled: few of many rows, so that an index of these alone stays small."""
_QUEUED = text("state = 'queued'")
"""What may be given up when it has waited too long."""

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

log_entries = Table(
    "log_entries",
    metadata,
    Column("id", ID, primary_key=True),
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
    Index(None, "number", "id"),
    Index(None, "partner", "id"),
    Index(None, "outcome", "id"),
    Index(None, "at"),
)
