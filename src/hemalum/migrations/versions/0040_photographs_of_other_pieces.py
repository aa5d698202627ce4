"""A photograph may be of several pieces of a case, and be handed in again after it was entered in error."""

import sqlalchemy as sa
from alembic import op

from hemalum.runtime.db import UtcTime

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

_TABLE, _OLD = "grossing_photograph", "grossing_photograph_old"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _write_anew()
    else:
        op.drop_constraint("uq_grossing_photograph_case_id_sha256", _TABLE, type_="unique")
    is_good = sa.text("wrong_because IS NULL")
    op.create_index(
        "ix_grossing_photograph_once",
        _TABLE,
        ["material_id", "sha256"],
        unique=True,
        sqlite_where=is_good,
        postgresql_where=is_good,
    )


def _write_anew() -> None:
    """The table without its constraint, which SQLite does not drop."""
    op.drop_index("ix_grossing_photograph_case_id", _TABLE)
    op.rename_table(_TABLE, _OLD)
    op.create_table(
        _TABLE,
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
    )
    op.execute("INSERT INTO grossing_photograph SELECT * FROM grossing_photograph_old")
    op.drop_table(_OLD)
