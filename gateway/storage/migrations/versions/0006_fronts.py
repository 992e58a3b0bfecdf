"""
A way to the front of each partner's queue.

Revision 0006.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moving = sa.text("due_at IS NOT NULL")
    op.create_index(
        op.f("ix_deliveries_partner_due_at_id"),
        "deliveries",
        ["partner", "due_at", "id"],
        unique=False,
        sqlite_where=moving,
        postgresql_where=moving,
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_deliveries_partner_due_at_id"), table_name="deliveries")
