"""
What the console looks for: messages by time, deliveries and messages by whom they concern and by permit.

Revision 0018.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_INDEXES = (
    ("messages", ("message_id",)),
    ("messages", ("recorded_at", "direction", "outcome", "sender", "recipient")),
    ("messages", ("sender", "recorded_at")),
    ("messages", ("recipient", "recorded_at")),
    ("messages", ("number",)),
    ("deliveries", ("sender", "id")),
    ("deliveries", ("recipient", "id")),
    ("deliveries", ("number",)),
)


_FAILED = sa.text("error_code <> ''")


def upgrade() -> None:
    for table, columns in _INDEXES:
        op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns), unique=False)
    op.create_index(
        op.f("ix_deliveries_error_code_id"),
        "deliveries",
        ["error_code", "id"],
        unique=False,
        sqlite_where=_FAILED,
        postgresql_where=_FAILED,
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_deliveries_error_code_id"), table_name="deliveries")
    for table, columns in reversed(_INDEXES):
        op.drop_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table_name=table)
