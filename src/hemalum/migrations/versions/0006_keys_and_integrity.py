"""Keys of slides, and what is known of the integrity of their bytes."""

import sqlalchemy as sa
from alembic import op

from hemalum.runtime.db import Json, UtcTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "data_key",
        sa.Column("name", sa.String(120), primary_key=True),
        sa.Column("suite", sa.String(20), nullable=False),
        sa.Column("wrapped", sa.LargeBinary),
        sa.Column("node_key", sa.String(300), nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.Column("destroyed_at", UtcTime),
    )
    op.create_table(
        "slides_integrity",
        sa.Column(
            "image_id", sa.String(40), sa.ForeignKey("slides_image.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("manifest_key", sa.Text, nullable=False),
        sa.Column("manifest_sha256", sa.String(64), nullable=False),
        sa.Column("replicated_sha256", sa.String(64)),
        sa.Column("round_id", sa.String(40), index=True),
        sa.Column("checked_at", UtcTime),
        sa.Column("damage", Json),
    )
    op.create_table(
        "slides_round",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("started_at", UtcTime, nullable=False, index=True),
        sa.Column("ended_at", UtcTime),
        sa.Column("slides", sa.Integer, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("damaged", sa.Integer, nullable=False),
        sa.Column("repaired", sa.Integer, nullable=False),
    )
