"""
The tree over the message log: who waits for a place, leaves, tiles, checkpoints, head.

On PostgreSQL the leaves lie in partitions of about a million places each. Entries that are there already wait
for their place like new ones.

Revision 0012.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

BYTEWISE_ID = sa.String(length=36).with_variant(sa.String(length=36, collation="C"), "postgresql")
"""As the ids of the entries."""


def upgrade() -> None:
    op.create_table(
        "log_queue",
        sa.Column("id", BYTEWISE_ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_queue")),
    )
    partitioned = op.get_bind().dialect.name == "postgresql"
    op.create_table(
        "log_leaves",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", BYTEWISE_ID, nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_log_leaves")),
        postgresql_partition_by="RANGE (seq)",
    )
    op.create_index(op.f("ix_log_leaves_entry_id"), "log_leaves", ["entry_id"])
    if partitioned:
        op.execute("CREATE TABLE log_leaves_p0 PARTITION OF log_leaves FOR VALUES FROM (0) TO (1048576)")
    op.create_table(
        "log_tiles",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "number", name=op.f("pk_log_tiles")),
    )
    op.create_table(
        "log_checkpoints",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_log_checkpoints")),
    )
    op.create_index(op.f("ix_log_checkpoints_size"), "log_checkpoints", ["size"])
    op.create_table(
        "log_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("origin", sa.String(length=128), nullable=False),
        sa.Column("permit_key", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("checkpoints", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_head")),
    )
    op.execute("INSERT INTO log_queue (id, at) SELECT id, at FROM log_entries")


def downgrade() -> None:
    for table in ("log_head", "log_checkpoints", "log_tiles", "log_leaves", "log_queue"):
        op.drop_table(table)
