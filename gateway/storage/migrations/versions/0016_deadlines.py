"""
A way to the oldest of each partner's queue; the one by moment alone, which nobody goes any more, is gone.

Revision 0016.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    queued = sa.text("state = 'queued'")
    op.create_index(
        op.f("ix_deliveries_partner_created_at_id"),
        "deliveries",
        ["partner", "created_at", "id"],
        unique=False,
        sqlite_where=queued,
        postgresql_where=queued,
    )
    op.drop_index(op.f("ix_deliveries_due_at_id"), table_name="deliveries")


def downgrade() -> None:
    op.create_index(op.f("ix_deliveries_due_at_id"), "deliveries", ["due_at", "id"], unique=False)
    op.drop_index(op.f("ix_deliveries_partner_created_at_id"), table_name="deliveries")
