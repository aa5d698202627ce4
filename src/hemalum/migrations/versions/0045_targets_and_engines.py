"""Entries of the log about several slides or cases are found by each; layers say what computed them."""

import sqlalchemy as sa
from alembic import op

from hemalum.runtime.db import Json

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_entry_target",
        sa.Column("target", sa.String(80), nullable=False),
        sa.Column(
            "index", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False, autoincrement=False
        ),
        sa.PrimaryKeyConstraint("target", "index"),
    )
    # The index is derived from the log: the next look builds it anew, with what stands in older entries.
    op.execute("DELETE FROM audit_entry")
    op.execute("UPDATE audit_progress SET indexed = 0")
    op.add_column("layers_layer", sa.Column("computed_on", Json, nullable=False, server_default="[]"))
