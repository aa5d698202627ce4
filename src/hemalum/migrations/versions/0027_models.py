"""Models: versions, their status, trials of the laboratory, trusted publishers."""

import sqlalchemy as sa
from alembic import op

from hemalum.runtime.db import Json, UtcTime

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "models_version",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("organisation_id", sa.String(40), nullable=False),
        sa.Column("model_id", sa.String(100), nullable=False),
        sa.Column("version", sa.String(60), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("contract", Json, nullable=False),
        sa.Column("files", Json, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("golden_tiles", sa.Integer, nullable=False),
        sa.Column("golden_difference", sa.Double, nullable=False),
        sa.Column("signed_with", sa.String(64), nullable=False),
        sa.Column("added_at", UtcTime, nullable=False),
        sa.Column("added_by", sa.String(40), nullable=False),
        sa.Column("added_by_name", sa.Text, nullable=False),
        sa.Column("accepted_at", UtcTime),
        sa.Column("accepted_by", sa.String(40)),
        sa.Column("accepted_by_name", sa.Text),
        sa.UniqueConstraint("organisation_id", "address"),
        sa.UniqueConstraint("organisation_id", "model_id", "version"),
    )
    op.create_table(
        "models_change",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column(
            "version_id", sa.String(40), sa.ForeignKey("models_version.id"), nullable=False, index=True
        ),
        sa.Column("at", UtcTime, nullable=False),
        sa.Column("by_name", sa.Text, nullable=False),
        sa.Column("before", sa.String(16), nullable=False),
        sa.Column("after", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.create_table(
        "models_validation",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column(
            "version_id", sa.String(40), sa.ForeignKey("models_version.id"), nullable=False, index=True
        ),
        sa.Column("at", UtcTime, nullable=False),
        sa.Column("by_name", sa.Text, nullable=False),
        sa.Column("trial", Json, nullable=False),
    )
    op.create_table(
        "models_publisher",
        sa.Column("organisation_id", sa.String(40), primary_key=True),
        sa.Column("public_key", sa.String(64), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("added_at", UtcTime, nullable=False),
        sa.Column("added_by_name", sa.Text, nullable=False),
    )
