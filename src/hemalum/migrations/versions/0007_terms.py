"""Terms of slides, slides sent to others, broken glass."""

import hashlib

import sqlalchemy as sa
from alembic import op

from hemalum.runtime.db import Json, UtcTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "slides_terms",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("organisation_id", sa.String(40), nullable=False, index=True),
        sa.Column("restricted", sa.Boolean, nullable=False),
        sa.Column("blinded", sa.Boolean, nullable=False),
        sa.Column("consented", Json, nullable=False),
        sa.Column("refused", Json, nullable=False),
    )
    op.create_table(
        "slides_share",
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
    op.create_table(
        "slides_glass",
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
    op.add_column("slides_image", sa.Column("terms_id", sa.String(40), nullable=False, server_default=""))
    _give_terms()
    op.drop_index("ix_slides_image_newest", "slides_image")
    op.create_index("ix_slides_image_newest", "slides_image", ["terms_id", "created_at", "id"])


def _give_terms() -> None:
    """Slides that are here come under the plain terms of their organisation (`model.Terms.id`)."""
    connection = op.get_bind()
    organisations = connection.execute(sa.text("SELECT DISTINCT organisation_id FROM slides_image")).scalars()
    for organisation in list(organisations):
        identifier = hashlib.sha256(f"{organisation}\n00\n\n".encode()).hexdigest()[:40]
        connection.execute(
            sa.text(
                "INSERT INTO slides_terms (id, organisation_id, restricted, blinded, consented, refused)"
                " VALUES (:id, :organisation, :no, :no, '[]', '[]')"
            ),
            {"id": identifier, "organisation": organisation, "no": False},
        )
        connection.execute(
            sa.text("UPDATE slides_image SET terms_id = :id WHERE organisation_id = :organisation"),
            {"id": identifier, "organisation": organisation},
        )
