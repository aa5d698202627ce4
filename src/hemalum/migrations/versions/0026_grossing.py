"""Photographs of specimens."""

import sqlalchemy as sa
from alembic import op

from hemalum.runtime.db import UtcTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "grossing_photograph",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("organisation_id", sa.String(40), nullable=False),
        sa.Column("case_id", sa.String(40), sa.ForeignKey("cases_case.id"), nullable=False, index=True),
        sa.Column("material_id", sa.String(40), sa.ForeignKey("cases_material.id"), nullable=False),
        sa.Column("identifier", sa.String(60), nullable=False),
        sa.Column("patient_id", sa.String(40)),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("width_px", sa.Integer, nullable=False),
        sa.Column("height_px", sa.Integer, nullable=False),
        sa.Column("taken_at", sa.String(20)),
        sa.Column("at", UtcTime, nullable=False),
        sa.Column("by_name", sa.Text, nullable=False),
        sa.Column("um_per_px", sa.Double),
        sa.Column("wrong_because", sa.Text),
        sa.UniqueConstraint("case_id", "sha256"),
    )
