"""Permits on their way: what was taken, sent and handed over."""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    Float,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from gateway.storage.tables.columns import AUTHORITY, DIGEST, ID, Moment, metadata

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
