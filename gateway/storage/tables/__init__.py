"""The tables, the same for SQLite and PostgreSQL; `migrations/` makes them."""

from gateway.storage.tables.alerts import alert_turn, alerts
from gateway.storage.tables.columns import AUTHORITY, BYTEWISE_ID, DIGEST, ID, Moment, Words, metadata
from gateway.storage.tables.customs import events, notices, permit_tokens, permit_viewers
from gateway.storage.tables.exchange import (
    deliveries,
    delivery_attempts,
    inbox,
    messages,
    partner_health,
    permit_species,
    permits,
    submissions,
    tokens,
)
from gateway.storage.tables.log import (
    log_checkpoints,
    log_entries,
    log_head,
    log_leaves,
    log_queue,
    log_tiles,
    searches,
)
from gateway.storage.tables.people import people, proposals, recovery_codes, sessions, sign_in_failures

__all__ = [
    "AUTHORITY",
    "BYTEWISE_ID",
    "DIGEST",
    "ID",
    "Moment",
    "Words",
    "alert_turn",
    "alerts",
    "deliveries",
    "delivery_attempts",
    "events",
    "inbox",
    "log_checkpoints",
    "log_entries",
    "log_head",
    "log_leaves",
    "log_queue",
    "log_tiles",
    "messages",
    "metadata",
    "notices",
    "partner_health",
    "people",
    "permit_species",
    "permit_tokens",
    "permit_viewers",
    "permits",
    "proposals",
    "recovery_codes",
    "searches",
    "sessions",
    "sign_in_failures",
    "submissions",
    "tokens",
]
