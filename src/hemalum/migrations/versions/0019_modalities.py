"""Scanners that ask for the worklist."""

import sqlalchemy as sa
from alembic import op

from hemalum.runtime.db import Json, UtcTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "modalities_scanner",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("organisation_id", sa.String(40), nullable=False),
        sa.Column("title", sa.String(16), nullable=False, unique=True),
        sa.Column("acts_as", sa.String(120), nullable=False),
        sa.Column("addresses", Json, nullable=False),
        sa.Column("charset", sa.String(20), nullable=False),
        sa.Column("added_at", UtcTime, nullable=False),
        sa.Column("asked_at", UtcTime),
    )
