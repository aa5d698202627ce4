"""Tables of triage. Only the store uses them. Rows are added; none changes but for the end of a point."""

import sqlalchemy as sa

from hemalum.runtime.db import Json, UtcTime, metadata

_number = sa.BigInteger().with_variant(sa.Integer, "sqlite")

point_table = sa.Table(
    "triage_point",
    metadata,
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

slide_table = sa.Table(
    "triage_slide",
    metadata,
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
"""What a point said of a run when it ended, of versions in shadow, too."""

case_table = sa.Table(
    "triage_case",
    metadata,
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
    sa.Index("ix_triage_case_list", "case_id", "number"),
    sa.Index("ix_triage_case_arrived", "organisation_id", "arrived_at"),
)
