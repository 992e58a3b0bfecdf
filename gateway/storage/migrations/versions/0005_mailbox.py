"""
Mailboxes: what a message is for, tokens of partners, ways to find what waits.

Revision 0005.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", sa.String(length=16), nullable=False, server_default="permit"))
    with op.batch_alter_table("tokens", schema=None) as batch_op:
        batch_op.add_column(sa.Column("partner", sa.String(length=64), nullable=False, server_default=""))
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deliveries_message_id"), ["message_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_deliveries_state_partner_id"), ["state", "partner", "id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_deliveries_state_partner_id"))
        batch_op.drop_index(batch_op.f("ix_deliveries_message_id"))
    with op.batch_alter_table("tokens", schema=None) as batch_op:
        batch_op.drop_column("partner")
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_column("kind")
