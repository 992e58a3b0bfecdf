"""Who uses the console, and what they agree to."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from gateway.storage.tables.columns import DIGEST, ID, Moment, metadata

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
