"""Reports of cases: versions that are never changed, co-signatures, critical results."""

import sqlalchemy as sa
from alembic import op

from hemalum.runtime.db import UtcTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reports_template",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "reports_version",
        sa.Column("case_id", sa.String(40), sa.ForeignKey("cases_case.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("amends", sa.String(16)),
        sa.Column("source_kind", sa.String(16), nullable=False),
        sa.Column("source_name", sa.Text, nullable=False),
        sa.Column("source_version", sa.Text, nullable=False),
        sa.Column("author_id", sa.String(40), nullable=False),
        sa.Column("author_name", sa.Text, nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("patient_id", sa.String(40)),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("previous_sha256", sa.String(64)),
    )
    op.create_table(
        "reports_cosignature",
        sa.Column("case_id", sa.String(40), sa.ForeignKey("cases_case.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("person_id", sa.String(40), primary_key=True),
        sa.Column("person_name", sa.Text, nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
    )
    op.create_table(
        "reports_critical",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("case_id", sa.String(40), sa.ForeignKey("cases_case.id"), nullable=False, index=True),
        sa.Column("organisation_id", sa.String(40), nullable=False),
        sa.Column("patient_id", sa.String(40)),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("flagged_by", sa.Text, nullable=False),
        sa.Column("flagged_at", UtcTime, nullable=False),
        sa.Column("acknowledged_at", UtcTime),
    )
    op.create_index("ix_reports_critical_open", "reports_critical", ["organisation_id", "acknowledged_at"])
