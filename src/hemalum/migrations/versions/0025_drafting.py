"""Findings that programs hand in for drafts of reports."""

import sqlalchemy as sa
from alembic import op

from hemalum.runtime.db import UtcTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reports_findings",
        sa.Column("case_id", sa.String(40), sa.ForeignKey("cases_case.id"), primary_key=True),
        sa.Column("id", sa.String(80), primary_key=True),
        sa.Column("at", UtcTime, nullable=False),
        sa.Column("author_id", sa.String(40), nullable=False),
        sa.Column("author_name", sa.Text, nullable=False),
        sa.Column("patient_id", sa.String(40)),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("wording", sa.String(16), nullable=False),
        sa.Column("writer", sa.Text, nullable=False),
        sa.Column("worded_at", UtcTime),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
