"""Conformity of metadata: words and what they stand for, verdicts on slides; slides that are held back."""

import sqlalchemy as sa
from alembic import op

from hemalum.runtime.db import Json, UtcTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "slides_terms", sa.Column("held_back", sa.Boolean, nullable=False, server_default=sa.false())
    )
    op.create_table(
        "conformity_word",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("organisation_id", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("word_key", sa.Text, nullable=False),
        sa.Column("word", sa.Text, nullable=False),
        sa.Column("term", sa.String(40), nullable=False),
        sa.Column("by_id", sa.String(40), nullable=False),
        sa.Column("by_name", sa.Text, nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.Column("ended_at", UtcTime),
        sa.Column("ended_by_name", sa.Text),
    )
    op.create_index(
        "uq_conformity_word",
        "conformity_word",
        ["organisation_id", "kind", "word_key"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "conformity_slide",
        sa.Column(
            "image_id", sa.String(40), sa.ForeignKey("slides_image.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("organisation_id", sa.String(40), nullable=False),
        sa.Column("level", sa.String(16), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("judged_at", UtcTime, nullable=False),
        sa.Column("verdicts", Json, nullable=False),
    )
    op.create_index("ix_conformity_slide_level", "conformity_slide", ["organisation_id", "level", "month"])
    op.create_table(
        "conformity_element",
        sa.Column(
            "image_id", sa.String(40), sa.ForeignKey("slides_image.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("element", sa.String(20), primary_key=True),
        sa.Column("organisation_id", sa.String(40), nullable=False),
        sa.Column("level", sa.String(16), nullable=False),
        sa.Column("word_key", sa.Text, nullable=False),
        sa.Column("word", sa.Text, nullable=False),
    )
    op.create_index(
        "ix_conformity_element_level", "conformity_element", ["organisation_id", "element", "level"]
    )
    op.create_index(
        "ix_conformity_element_word", "conformity_element", ["organisation_id", "element", "word_key"]
    )
