"""
Permits can be found by number alone, by species, and by the day on which they are valid.

Revision 0017.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("permits", sa.Column("valid_from", sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("ix_permits_number"), "permits", ["number"])
    op.create_table(
        "permit_species",
        sa.Column(
            "name",
            sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("permit_id", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("name", "permit_id", name=op.f("pk_permit_species")),
    )


def downgrade() -> None:
    op.drop_table("permit_species")
    op.drop_index(op.f("ix_permits_number"), table_name="permits")
    op.drop_column("permits", "valid_from")
