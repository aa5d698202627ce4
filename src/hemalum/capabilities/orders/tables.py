"""Tables of orders. Only the store uses them. Nothing in them names a patient."""

import sqlalchemy as sa

from hemalum.runtime.db import Json, UtcTime, metadata

work_table = sa.Table(
    "orders_work",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("organisation_id", sa.String(40), nullable=False),
    sa.Column("case_id", sa.String(40), nullable=False),
    sa.Column("case_number", sa.String(40), nullable=False),
    sa.Column("serial", sa.Integer, nullable=False),
    sa.Column("work", sa.String(16), nullable=False),
    sa.Column("subject_id", sa.String(40)),
    sa.Column("subject", sa.String(60), nullable=False),
    sa.Column("stains", Json, nullable=False),
    sa.Column("copies", sa.Integer, nullable=False),
    sa.Column("priority", sa.String(16), nullable=False),
    sa.Column("rank", sa.Integer, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("requested_by", sa.String(40), nullable=False),
    sa.Column("requested_by_name", sa.Text, nullable=False),
    sa.Column("requested_at", UtcTime, nullable=False),
    sa.Column("decided_by_name", sa.Text),
    sa.Column("said", sa.Text, nullable=False),
    sa.Column("planned", Json, nullable=False),
    sa.Column("known_scans", Json, nullable=False),
    sa.Column("changed_at", UtcTime, nullable=False),
    sa.UniqueConstraint("case_id", "serial"),
    sa.Index("ix_orders_work_list", "organisation_id", "state", "rank", "requested_at", "id"),
)
"""Where each work order is; how it came there stands in the history of its case."""

placed_table = sa.Table(
    "orders_placed",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("organisation_id", sa.String(40), nullable=False),
    sa.Column("case_id", sa.String(40), nullable=False, index=True),
    sa.Column("issuer", sa.Text, nullable=False),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("case_number", sa.String(40), nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("specimen_ids", Json, nullable=False),
    sa.Column("wants_revocation", sa.Boolean, nullable=False),
    sa.Column("placed_at", UtcTime, nullable=False),
    sa.Column("changed_at", UtcTime, nullable=False),
    sa.UniqueConstraint("case_id", "issuer", "number"),
)
"""Orders of clinicians. Who asked, and why, is sealed with the case."""
