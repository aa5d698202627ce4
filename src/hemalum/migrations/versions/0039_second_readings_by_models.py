"""Second readings that models of the node begin by themselves."""

import sqlalchemy as sa
from alembic import op

from hemalum.runtime.db import UtcTime

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "inference_reread",
        sa.Column("reread_id", sa.String(40), primary_key=True),
        sa.Column("organisation_id", sa.String(40), nullable=False),
        sa.Column("case_id", sa.String(40), nullable=False),
        sa.Column("version_id", sa.String(40), nullable=False),
        sa.Column("begun_at", UtcTime, nullable=False),
        sa.Column("ended_at", UtcTime),
    )
    op.create_index(
        "ix_inference_reread_open",
        "inference_reread",
        ["version_id"],
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
