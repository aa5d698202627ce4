"""Triage: operating points, what they say of slides and cases, and the place of cases by it."""

import sqlalchemy as sa
from alembic import op

from hemalum.runtime.db import Json, UtcTime

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_number = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.add_column("cases_case", sa.Column("band_order", sa.Integer, nullable=False, server_default="1"))
    op.add_column("cases_case", sa.Column("mark", sa.Text))
    op.create_index(
        "ix_cases_case_by_band",
        "cases_case",
        ["organisation_id", "is_open", "rank", "band_order", "due_at", "id"],
    )
    op.create_table(
        "triage_point",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("organisation_id", sa.String(40), nullable=False),
        sa.Column("version_id", sa.String(40), nullable=False),
        sa.Column("model_id", sa.String(100), nullable=False),
        sa.Column("model_version", sa.String(80), nullable=False),
        sa.Column("model_name", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("rule", Json, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("made_at", UtcTime, nullable=False),
        sa.Column("made_by_name", sa.Text, nullable=False),
        sa.Column("ended_at", UtcTime),
        sa.Column("ended_by_name", sa.Text),
        sa.UniqueConstraint("organisation_id", "version_id", "number"),
    )
    op.create_table(
        "triage_slide",
        sa.Column("number", _number, primary_key=True, autoincrement=True),
        sa.Column("organisation_id", sa.String(40), nullable=False),
        sa.Column("image_id", sa.String(40), nullable=False, index=True),
        sa.Column("run_id", sa.String(40), nullable=False),
        sa.Column("point_id", sa.String(40), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("band", sa.String(8), nullable=False),
        sa.Column("score", sa.Double),
        sa.Column("probability", sa.Double),
        sa.Column("why", Json),
        sa.Column("is_shadow", sa.Boolean, nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.UniqueConstraint("run_id", "point_id"),
    )
    op.create_table(
        "triage_case",
        sa.Column("number", _number, primary_key=True, autoincrement=True),
        sa.Column("organisation_id", sa.String(40), nullable=False),
        sa.Column("case_id", sa.String(40), nullable=False),
        sa.Column("band", sa.String(8), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("reason", Json, nullable=False),
        sa.Column("image_id", sa.String(40)),
        sa.Column("point_id", sa.String(40)),
        sa.Column("probability", sa.Double),
        sa.Column("image_ids", Json, nullable=False),
        sa.Column("arrived_at", UtcTime),
        sa.Column("at", UtcTime, nullable=False),
    )
    op.create_index("ix_triage_case_list", "triage_case", ["case_id", "number"])
    op.create_index("ix_triage_case_arrived", "triage_case", ["organisation_id", "arrived_at"])
