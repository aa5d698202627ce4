"""Slides: images and their parts, uploads, the outbox."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("type", sa.String(length=120), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index(op.f("ix_outbox_delivered_at"), "outbox", ["delivered_at"], unique=False)
    op.create_table(
        "slides_image",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("organisation_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("stage", sa.String(length=40), nullable=True),
        sa.Column("progress_done", sa.BigInteger(), nullable=True),
        sa.Column("progress_total", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("format", sa.String(length=64), nullable=True),
        sa.Column("vendor", sa.Text(), nullable=True),
        sa.Column("scanner_model", sa.Text(), nullable=True),
        sa.Column("width_px", sa.BigInteger(), nullable=True),
        sa.Column("height_px", sa.BigInteger(), nullable=True),
        sa.Column("spacing_x_um", sa.Double(), nullable=True),
        sa.Column("spacing_y_um", sa.Double(), nullable=True),
        sa.Column("objective_power", sa.Double(), nullable=True),
        sa.Column("stain", sa.Text(), nullable=True),
        sa.Column("organ", sa.Text(), nullable=True),
        sa.Column("specimen", sa.Text(), nullable=True),
        sa.Column("planes", sa.Integer(), nullable=True),
        sa.Column("channels", sa.Integer(), nullable=True),
        sa.Column("study_uid", sa.String(length=64), nullable=True),
        sa.Column("series_uid", sa.String(length=64), nullable=True),
        sa.Column("file_description", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("findings", sa.Text(), nullable=True),
        sa.Column("finding_count", sa.Integer(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("generation", sa.String(length=40), nullable=True),
        sa.Column("index_key", sa.Text(), nullable=True),
        sa.Column("thumbnail_key", sa.Text(), nullable=True),
        sa.Column("label_key", sa.Text(), nullable=True),
        sa.Column("macro_key", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=True),
        sa.Column("available_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("job_id", sa.String(length=80), nullable=True),
        sa.Column("keep_originals", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slides_image")),
    )
    op.create_index(
        "ix_slides_image_newest", "slides_image", ["organisation_id", "created_at", "id"], unique=False
    )
    op.create_index("ix_slides_image_study", "slides_image", ["study_uid"], unique=False)
    op.create_index(
        "uq_slides_image_bytes",
        "slides_image",
        ["organisation_id", "sha256"],
        unique=True,
        sqlite_where=sa.text("sha256 IS NOT NULL"),
        postgresql_where=sa.text("sha256 IS NOT NULL"),
    )
    op.create_index(
        "uq_slides_image_series",
        "slides_image",
        ["organisation_id", "series_uid"],
        unique=True,
        sqlite_where=sa.text("series_uid IS NOT NULL AND status <> 'quarantined'"),
        postgresql_where=sa.text("series_uid IS NOT NULL AND status <> 'quarantined'"),
    )
    op.create_table(
        "slides_revision",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slides_revision")),
    )
    op.create_table(
        "slides_upload",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("organisation_id", sa.String(length=40), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("image_id", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slides_upload")),
    )
    op.create_index(op.f("ix_slides_upload_expires_at"), "slides_upload", ["expires_at"], unique=False)
    op.create_index(op.f("ix_slides_upload_image_id"), "slides_upload", ["image_id"], unique=False)
    op.create_table(
        "slides_instance",
        sa.Column("sop_instance_uid", sa.String(length=64), nullable=False),
        sa.Column("image_id", sa.String(length=40), nullable=False),
        sa.Column("study_uid", sa.String(length=64), nullable=False),
        sa.Column("series_uid", sa.String(length=64), nullable=False),
        sa.Column("sop_class_uid", sa.String(length=64), nullable=False),
        sa.Column("transfer_syntax_uid", sa.String(length=64), nullable=False),
        sa.Column("instance_number", sa.Integer(), nullable=False),
        sa.Column("image_type", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("columns", sa.Integer(), nullable=False),
        sa.Column("number_of_frames", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("object_number", sa.Integer(), nullable=True),
        sa.Column("header_key", sa.Text(), nullable=False),
        sa.Column("json_key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["image_id"],
            ["slides_image.id"],
            name=op.f("fk_slides_instance_image_id_slides_image"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("sop_instance_uid", "image_id", name=op.f("pk_slides_instance")),
    )
    op.create_index(op.f("ix_slides_instance_image_id"), "slides_instance", ["image_id"], unique=False)
    op.create_index(op.f("ix_slides_instance_series_uid"), "slides_instance", ["series_uid"], unique=False)
    op.create_index(op.f("ix_slides_instance_study_uid"), "slides_instance", ["study_uid"], unique=False)
    op.create_table(
        "slides_object",
        sa.Column("image_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=True),
        sa.Column("sop_instance_uid", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["image_id"],
            ["slides_image.id"],
            name=op.f("fk_slides_object_image_id_slides_image"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("image_id", "number", name=op.f("pk_slides_object")),
    )
    op.create_index("ix_slides_object_sha256", "slides_object", ["sha256"], unique=False)
    op.create_table(
        "slides_statement",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("image_id", sa.String(length=40), nullable=False),
        sa.Column("element", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("person_id", sa.String(length=40), nullable=False),
        sa.Column("person_name", sa.Text(), nullable=False),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["image_id"],
            ["slides_image.id"],
            name=op.f("fk_slides_statement_image_id_slides_image"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_slides_statement")),
    )
    op.create_index(op.f("ix_slides_statement_image_id"), "slides_statement", ["image_id"], unique=False)

    op.execute("INSERT INTO slides_revision (id, revision) VALUES (1, 1)")
