"""Tables of inference. Only `store` uses them."""

import sqlalchemy as sa

from hemalum.runtime.db import Json, UtcTime, metadata

pass_table = sa.Table(
    "inference_pass",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column(
        "image_id", sa.String(40), sa.ForeignKey("slides_image.id", ondelete="CASCADE"), nullable=False
    ),
    sa.Column("plan_key", sa.Text),
    sa.Column("plan", Json),
)

run_table = sa.Table(
    "inference_run",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("organisation_id", sa.String(40), nullable=False, index=True),
    sa.Column(
        "image_id",
        sa.String(40),
        sa.ForeignKey("slides_image.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    sa.Column("generation", sa.String(40), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("version_id", sa.String(40), nullable=False),
    sa.Column("model_id", sa.String(100), nullable=False),
    sa.Column("model_version", sa.String(80), nullable=False),
    sa.Column("model_name", sa.Text, nullable=False),
    sa.Column("model_name_zh", sa.Text, nullable=False),
    sa.Column("address", sa.String(64), nullable=False),
    sa.Column("task", sa.String(40), nullable=False),
    sa.Column("is_shadow", sa.Boolean, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("reason", Json),
    sa.Column("outside", Json, nullable=False),
    sa.Column(
        "pass_id",
        sa.String(40),
        sa.ForeignKey("inference_pass.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("created_by", sa.String(40)),
    sa.Column("started_at", UtcTime),
    sa.Column("ended_at", UtcTime),
    sa.Column("patches", sa.Integer, nullable=False),
    sa.Column("patches_done", sa.Integer, nullable=False),
    sa.Column("abstained", sa.Integer, nullable=False),
    sa.Column("scores", Json, nullable=False),
    sa.Column("layers", Json, nullable=False),
    sa.Column("measured", Json),
    sa.Column("recolouring", Json),
    sa.Column("digest", sa.String(64)),
    sa.UniqueConstraint("image_id", "model_id", "model_version", "number"),
)

chunk_table = sa.Table(
    "inference_chunk",
    metadata,
    sa.Column(
        "run_id", sa.String(40), sa.ForeignKey("inference_run.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("patches", sa.Integer, nullable=False),
    sa.Column("abstained", sa.Integer, nullable=False),
    sa.Column("blob_key", sa.Text, nullable=False),
)
"""Rows are written once, in the transaction after their blob."""

reread_table = sa.Table(
    "inference_reread",
    metadata,
    sa.Column("reread_id", sa.String(40), primary_key=True),
    sa.Column("organisation_id", sa.String(40), nullable=False),
    sa.Column("case_id", sa.String(40), nullable=False),
    sa.Column("version_id", sa.String(40), nullable=False),
    sa.Column("begun_at", UtcTime, nullable=False),
    sa.Column("ended_at", UtcTime),
    sa.Index(
        "ix_inference_reread_open",
        "version_id",
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    ),
)
"""Second readings that a version gives; the version stays that of the beginning."""
