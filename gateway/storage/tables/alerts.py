"""Alarms that stand."""

from sqlalchemy import Column, Integer, String, Table, Text

from gateway.storage.tables.columns import ID, Moment, metadata

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
