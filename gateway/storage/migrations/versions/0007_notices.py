"""
What becomes of permits: notices, and who wants to hear of them.

Revision 0007.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notices",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("issuer", sa.String(length=2), nullable=False),
        sa.Column("number", sa.String(length=35), nullable=False),
        sa.Column("author", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("partner", sa.String(length=64), nullable=False),
        sa.Column("idempotency_key", sa.String(length=255), nullable=True),
        sa.Column("request_digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", "author", name=op.f("pk_notices")),
        sa.UniqueConstraint("author", "idempotency_key", name=op.f("uq_notices_author_idempotency_key")),
    )
    op.create_index(op.f("ix_notices_issuer_number_id"), "notices", ["issuer", "number", "id"])
    op.create_index(op.f("ix_notices_recorded_at_id"), "notices", ["recorded_at", "id"])
    op.create_table(
        "permit_viewers",
        sa.Column("issuer", sa.String(length=2), nullable=False),
        sa.Column("number", sa.String(length=35), nullable=False),
        sa.Column("authority", sa.String(length=32), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("issuer", "number", "authority", name=op.f("pk_permit_viewers")),
    )


def downgrade() -> None:
    op.drop_table("permit_viewers")
    op.drop_index(op.f("ix_notices_recorded_at_id"), table_name="notices")
    op.drop_index(op.f("ix_notices_issuer_number_id"), table_name="notices")
    op.drop_table("notices")
