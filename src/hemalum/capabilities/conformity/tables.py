"""Tables of conformity. Only `store` uses them."""

import sqlalchemy as sa

from hemalum.runtime.db import Json, UtcTime, metadata

word_table = sa.Table(
    "conformity_word",
    metadata,
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
    sa.Index(
        "uq_conformity_word",
        "organisation_id",
        "kind",
        "word_key",
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    ),
)

slide_table = sa.Table(
    "conformity_slide",
    metadata,
    sa.Column(
        "image_id", sa.String(40), sa.ForeignKey("slides_image.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("organisation_id", sa.String(40), nullable=False),
    sa.Column("level", sa.String(16), nullable=False),
    sa.Column("month", sa.String(7), nullable=False),
    sa.Column("judged_at", UtcTime, nullable=False),
    sa.Column("verdicts", Json, nullable=False),
    sa.Index("ix_conformity_slide_level", "organisation_id", "level", "month"),
)

element_table = sa.Table(
    "conformity_element",
    metadata,
    sa.Column(
        "image_id", sa.String(40), sa.ForeignKey("slides_image.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("element", sa.String(20), primary_key=True),
    sa.Column("organisation_id", sa.String(40), nullable=False),
    sa.Column("level", sa.String(16), nullable=False),
    sa.Column("word_key", sa.Text, nullable=False),
    sa.Column("word", sa.Text, nullable=False),
    sa.Index("ix_conformity_element_level", "organisation_id", "element", "level"),
    sa.Index("ix_conformity_element_word", "organisation_id", "element", "word_key"),
)
"""One row for each verdict; `word` as it was written, `word_key` as words are compared, empty for others."""
