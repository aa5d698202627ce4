"""What was put into cassettes at grossing."""

import sqlalchemy as sa
from alembic import op

from hemalum.runtime.db import UtcTime

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "grossing_contents",
        sa.Column("material_id", sa.String(40), sa.ForeignKey("cases_material.id"), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("case_id", sa.String(40), sa.ForeignKey("cases_case.id"), nullable=False, index=True),
        sa.Column("patient_id", sa.String(40)),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.Column("by_id", sa.String(40), nullable=False),
        sa.Column("by_name", sa.Text, nullable=False),
    )
