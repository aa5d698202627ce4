"""Tables of slides. Only `store` uses them."""

import sqlalchemy as sa

from hemalum.runtime.db import Json, UtcTime, metadata

terms_table = sa.Table(
    "slides_terms",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("organisation_id", sa.String(40), nullable=False, index=True),
    sa.Column("restricted", sa.Boolean, nullable=False),
    sa.Column("blinded", sa.Boolean, nullable=False),
    sa.Column("consented", Json, nullable=False),
    sa.Column("refused", Json, nullable=False),
    sa.Column("held_back", sa.Boolean, nullable=False, server_default=sa.false()),
)
"""Few rows: one for each combination that slides have. Written once, never changed."""

image_table = sa.Table(
    "slides_image",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("organisation_id", sa.String(40), nullable=False),
    sa.Column("terms_id", sa.String(40), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("reason", Json),
    sa.Column("stage", sa.String(40)),
    sa.Column("progress_done", sa.BigInteger),
    sa.Column("progress_total", sa.BigInteger),
    sa.Column("sha256", sa.String(64)),
    sa.Column("size_bytes", sa.BigInteger),
    sa.Column("format", sa.String(64)),
    sa.Column("vendor", sa.Text),
    sa.Column("scanner_model", sa.Text),
    sa.Column("width_px", sa.BigInteger),
    sa.Column("height_px", sa.BigInteger),
    sa.Column("spacing_x_um", sa.Double),
    sa.Column("spacing_y_um", sa.Double),
    sa.Column("objective_power", sa.Double),
    sa.Column("stain", sa.Text),
    sa.Column("organ", sa.Text),
    sa.Column("specimen", sa.Text),
    sa.Column("planes", sa.Integer),
    sa.Column("channels", sa.Integer),
    sa.Column("study_uid", sa.String(64)),
    sa.Column("series_uid", sa.String(64)),
    sa.Column("file_description", Json),
    sa.Column("description", Json),
    sa.Column("findings", Json),
    sa.Column("finding_count", sa.Integer, nullable=False, default=0),
    sa.Column("search_text", sa.Text, nullable=False, default=""),
    sa.Column("generation", sa.String(40)),
    sa.Column("index_key", sa.Text),
    sa.Column("thumbnail_key", sa.Text),
    sa.Column("label_key", sa.Text),
    sa.Column("macro_key", sa.Text),
    sa.Column("clinical_key", sa.Text),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("created_by", sa.String(40)),
    sa.Column("available_at", UtcTime),
    sa.Column("job_id", sa.String(80)),
    sa.Column("keep_originals", sa.Boolean, nullable=False, default=False),
    sa.Index(
        "uq_slides_image_bytes",
        "organisation_id",
        "sha256",
        unique=True,
        sqlite_where=sa.text("sha256 IS NOT NULL"),
        postgresql_where=sa.text("sha256 IS NOT NULL"),
    ),
    sa.Index(
        "uq_slides_image_series",
        "organisation_id",
        "series_uid",
        unique=True,
        sqlite_where=sa.text("series_uid IS NOT NULL AND status <> 'quarantined'"),
        postgresql_where=sa.text("series_uid IS NOT NULL AND status <> 'quarantined'"),
    ),
    sa.Index("ix_slides_image_newest", "terms_id", "created_at", "id"),
    sa.Index("ix_slides_image_created", "created_at", "id"),
    sa.Index("ix_slides_image_terms", "id", "terms_id"),
    sa.Index("ix_slides_image_study", "study_uid"),
    sa.Index("ix_slides_image_status", "status", "id", "terms_id"),
    sa.Index("ix_slides_image_newest_of_status", "terms_id", "status", "created_at", "id"),
)

object_table = sa.Table(
    "slides_object",
    metadata,
    sa.Column(
        "image_id", sa.String(40), sa.ForeignKey("slides_image.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("location", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.String(64)),
    sa.Column("mtime_ns", sa.BigInteger),
    sa.Column("sop_instance_uid", sa.String(64)),
    sa.Index("ix_slides_object_sha256", "sha256"),
    sa.Index("ix_slides_object_size", "size"),
)

instance_table = sa.Table(
    "slides_instance",
    metadata,
    sa.Column("sop_instance_uid", sa.String(64), primary_key=True),
    sa.Column(
        "image_id",
        sa.String(40),
        sa.ForeignKey("slides_image.id", ondelete="CASCADE"),
        primary_key=True,
        index=True,
    ),
    sa.Column("study_uid", sa.String(64), nullable=False, index=True),
    sa.Column("series_uid", sa.String(64), nullable=False, index=True),
    sa.Column("sop_class_uid", sa.String(64), nullable=False),
    sa.Column("transfer_syntax_uid", sa.String(64), nullable=False),
    sa.Column("instance_number", sa.Integer, nullable=False),
    sa.Column("image_type", Json, nullable=False),
    sa.Column("rows", sa.Integer, nullable=False),
    sa.Column("columns", sa.Integer, nullable=False),
    sa.Column("number_of_frames", sa.BigInteger, nullable=False),
    sa.Column("level", sa.Integer),
    sa.Column("object_number", sa.Integer),
    sa.Column("header_key", sa.Text, nullable=False),
    sa.Column("json_key", sa.Text, nullable=False),
    sa.Column("search_json", sa.Text),
)

attachment_table = sa.Table(
    "slides_attachment",
    metadata,
    sa.Column("blob_key", sa.Text, primary_key=True),
    sa.Column(
        "image_id",
        sa.String(40),
        sa.ForeignKey("slides_image.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
)
"""Blobs that other capabilities keep with a slide."""

statement_table = sa.Table(
    "slides_statement",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column(
        "image_id",
        sa.String(40),
        sa.ForeignKey("slides_image.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    sa.Column("element", sa.String(40), nullable=False),
    sa.Column("value", Json),
    sa.Column("person_id", sa.String(40), nullable=False),
    sa.Column("person_name", sa.Text, nullable=False),
    sa.Column("stated_at", UtcTime, nullable=False),
)

share_table = sa.Table(
    "slides_share",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column(
        "image_id", sa.String(40), sa.ForeignKey("slides_image.id", ondelete="CASCADE"), nullable=False
    ),
    sa.Column("organisation_id", sa.String(40), nullable=False, index=True),
    sa.Column("shared_by", sa.String(40), nullable=False),
    sa.Column("shared_at", UtcTime, nullable=False),
    sa.Column("until", UtcTime, nullable=False),
    sa.Column("legal_basis", sa.Text),
    sa.Column("ended_at", UtcTime),
    sa.Index(
        "uq_slides_share_standing",
        "image_id",
        "organisation_id",
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    ),
)

glass_table = sa.Table(
    "slides_glass",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column(
        "image_id",
        sa.String(40),
        sa.ForeignKey("slides_image.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    sa.Column("person_id", sa.String(40), nullable=False, index=True),
    sa.Column("person_name", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("broken_at", UtcTime, nullable=False),
    sa.Column("until", UtcTime, nullable=False),
    sa.Column("verdict", sa.String(16)),
    sa.Column("reviewed_by", sa.Text),
    sa.Column("reviewed_at", UtcTime),
    sa.Column("remark", sa.Text),
)

look_table = sa.Table(
    "slides_look",
    metadata,
    sa.Column(
        "image_id", sa.String(40), sa.ForeignKey("slides_image.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("channels", Json, nullable=False),
    sa.Column("person_id", sa.String(40), nullable=False),
    sa.Column("person_name", sa.Text, nullable=False),
    sa.Column("set_at", UtcTime, nullable=False),
)

upload_table = sa.Table(
    "slides_upload",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("organisation_id", sa.String(40), nullable=False),
    sa.Column("created_by", sa.String(40), nullable=False),
    sa.Column("filename", sa.Text, nullable=False),
    sa.Column("length", sa.BigInteger, nullable=False),
    sa.Column("offset", sa.BigInteger, nullable=False, default=0),
    sa.Column("sha256", sa.String(64)),
    sa.Column("expires_at", UtcTime, nullable=False, index=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("image_id", sa.String(40), index=True),
)

revision_table = sa.Table(
    "slides_revision",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("revision", sa.BigInteger, nullable=False),
)

HAS_DAMAGE = sa.text("damage <> '[]'")
"""Slides in which damage was found at their last check."""

integrity_table = sa.Table(
    "slides_integrity",
    metadata,
    sa.Column(
        "image_id", sa.String(40), sa.ForeignKey("slides_image.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("manifest_key", sa.Text, nullable=False),
    sa.Column("manifest_sha256", sa.String(64), nullable=False),
    sa.Column("replicated_sha256", sa.String(64)),
    sa.Column("round_id", sa.String(40), index=True),
    sa.Column("checked_at", UtcTime),
    sa.Column("damage", Json),
    sa.Index("ix_slides_integrity_damaged", "image_id", sqlite_where=HAS_DAMAGE, postgresql_where=HAS_DAMAGE),
)

round_table = sa.Table(
    "slides_round",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("started_at", UtcTime, nullable=False, index=True),
    sa.Column("ended_at", UtcTime),
    sa.Column("slides", sa.Integer, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("damaged", sa.Integer, nullable=False),
    sa.Column("repaired", sa.Integer, nullable=False),
)
