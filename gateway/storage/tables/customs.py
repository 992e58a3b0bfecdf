"""What becomes of permits, and who is told."""

from sqlalchemy import Column, Index, LargeBinary, String, Table, UniqueConstraint, text

from gateway.storage.tables.columns import AUTHORITY, DIGEST, ID, Moment, metadata

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
