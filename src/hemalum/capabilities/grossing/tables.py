"""Tables of grossing. Only the store uses them."""

import sqlalchemy as sa

from hemalum.runtime.db import UtcTime, metadata

photograph_table = sa.Table(
    "grossing_photograph",
    metadata,
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
_IS_GOOD = photograph_table.c.wrong_because.is_(None)
sa.Index(
    "ix_grossing_photograph_once",
    photograph_table.c.material_id,
    photograph_table.c.sha256,
    unique=True,
    sqlite_where=_IS_GOOD,
    postgresql_where=_IS_GOOD,
)

contents_table = sa.Table(
    "grossing_contents",
    metadata,
    sa.Column("material_id", sa.String(40), sa.ForeignKey("cases_material.id"), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("case_id", sa.String(40), sa.ForeignKey("cases_case.id"), nullable=False, index=True),
    sa.Column("patient_id", sa.String(40)),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("by_id", sa.String(40), nullable=False),
    sa.Column("by_name", sa.Text, nullable=False),
)
"""What was put into cassettes: rows are added and never changed, the newest counts."""
