"""Tables of annotations. Only `store` uses them."""

import sqlalchemy as sa

from hemalum.runtime.db import Json, UtcTime, metadata

_ID = sa.String(40)

log_table = sa.Table(
    "annotations_log",
    metadata,
    sa.Column("image_id", _ID, primary_key=True),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)
"""One row for each image that was ever annotated; writers of one image wait for one another at it. There is
no foreign key to the image: what was drawn is kept if the image goes."""

command_table = sa.Table(
    "annotations_command",
    metadata,
    sa.Column("image_id", _ID, primary_key=True),
    sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("command_id", _ID, nullable=False),
    sa.Column("label", sa.String(16), nullable=False),
    sa.Column("person_id", _ID, nullable=False),
    sa.Column("person_name", sa.Text, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("undo_of", sa.BigInteger),
    sa.Column("standing", sa.String(16), nullable=False),
    sa.Column("effect", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("image_id", "command_id"),
    sa.Index("ix_annotations_command_stack", "image_id", "person_id", "standing", "sequence"),
)

state_table = sa.Table(
    "annotations_state",
    metadata,
    sa.Column("image_id", _ID, primary_key=True),
    sa.Column("annotation_id", _ID, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("same_as", sa.Integer, nullable=False),
    sa.Column("is_latest", sa.Boolean, nullable=False),
    sa.Column("kind", sa.String(16)),
    sa.Column("geometry", sa.Text),
    sa.Column("shape", Json),
    sa.Column("plane", sa.Integer),
    sa.Column("class_name", sa.Text),
    sa.Column("name", sa.Text),
    sa.Column("note", sa.Text),
    sa.Column("locked", sa.Boolean),
    sa.Column("colour", sa.String(7)),
    sa.Column("extra", Json),
    sa.Column("scale", Json),
    sa.Column("measured", Json),
    sa.Column("created_by", _ID, nullable=False),
    sa.Column("created_by_name", sa.Text, nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("changed_by", _ID, nullable=False),
    sa.Column("changed_by_name", sa.Text, nullable=False),
    sa.Column("changed_at", UtcTime, nullable=False),
    sa.Index("ix_annotations_state_latest", "image_id", "is_latest", "sequence"),
    sa.Index("ix_annotations_state_sequence", "image_id", "sequence", "number"),
)
"""Rows are added and never changed, but for `is_latest`. Without a geometry the annotation is removed.
`measured` is what was measured by `scale`; when the image has another scale since, it is measured again."""

classes_table = sa.Table(
    "annotations_classes",
    metadata,
    sa.Column("organisation_id", _ID, primary_key=True),
    sa.Column("classes", Json, nullable=False),
    sa.Column("changed_by", _ID, nullable=False),
    sa.Column("changed_at", UtcTime, nullable=False),
)
