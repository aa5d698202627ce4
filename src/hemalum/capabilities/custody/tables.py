"""Tables of custody. Only the stores use them. Nothing in them is of a patient."""

import sqlalchemy as sa

from hemalum.runtime.db import Json, UtcTime, metadata

point_table = sa.Table(
    "custody_point",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("organisation_id", sa.String(40), nullable=False, index=True),
    sa.Column("name", sa.String(80), nullable=False),
    sa.Column("room", sa.String(80), nullable=False),
    sa.Column("step", sa.String(16), nullable=False),
    sa.Column("is_active", sa.Boolean, nullable=False),
    sa.Column("added_at", UtcTime, nullable=False),
    sa.UniqueConstraint("organisation_id", "name"),
)

container_table = sa.Table(
    "custody_container",
    metadata,
    sa.Column("serial", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("code", sa.String(24), nullable=False, unique=True),
    sa.Column("organisation_id", sa.String(40), nullable=False, index=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("name", sa.String(80), nullable=False),
    sa.Column("slots", sa.Integer, nullable=False),
    sa.Column("added_at", UtcTime, nullable=False),
)

head_table = sa.Table(
    "custody_head",
    metadata,
    sa.Column("organisation_id", sa.String(40), primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)
"""The newest link of each chain; whoever adds one holds it."""

event_table = sa.Table(
    "custody_event",
    metadata,
    sa.Column("organisation_id", sa.String(40), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("subject", sa.String(60), nullable=False),
    sa.Column("subject_number", sa.Integer, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("material_id", sa.String(40)),
    sa.Column("case_id", sa.String(40)),
    sa.Column("action", sa.String(24), nullable=False),
    sa.Column("refusal", Json),
    sa.Column("refusal_code", sa.String(40), nullable=False),
    sa.Column("point_id", sa.String(40), nullable=False),
    sa.Column("before_place", Json, nullable=False),
    sa.Column("after_place", Json, nullable=False),
    sa.Column("before", sa.String(16), nullable=False),
    sa.Column("after", sa.String(16), nullable=False),
    sa.Column("actor_id", sa.String(40), nullable=False),
    sa.Column("actor_name", sa.Text, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("occurred_at", UtcTime, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("reading", sa.Text, nullable=False),
    sa.Column("corrects", sa.Integer),
    sa.Column("detail", Json, nullable=False),
    sa.Column("previous_hash", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.UniqueConstraint("organisation_id", "subject", "subject_number"),
    sa.Index("ix_custody_event_point", "organisation_id", "point_id", "number"),
    sa.Index("ix_custody_event_corrects", "organisation_id", "corrects"),
)
"""The database itself refuses to change or remove a row (migration 0021)."""

standing_table = sa.Table(
    "custody_standing",
    metadata,
    sa.Column("organisation_id", sa.String(40), primary_key=True),
    sa.Column("subject", sa.String(60), primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("material_id", sa.String(40), unique=True),
    sa.Column("case_id", sa.String(40)),
    sa.Column("point_id", sa.String(40), nullable=False),
    sa.Column("point", sa.String(80), nullable=False),
    sa.Column("container", sa.String(24), nullable=False),
    sa.Column("slot", sa.Integer),
    sa.Column("holder", sa.Text, nullable=False),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("since", UtcTime, nullable=False),
    sa.Column("seen_at", UtcTime, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.UniqueConstraint("organisation_id", "container", "slot"),
)
"""Where everything is now, as the chain tells: one row for each subject."""

discard_table = sa.Table(
    "custody_discard",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("organisation_id", sa.String(40), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("is_early", sa.Boolean, nullable=False),
    sa.Column("proposed_by", sa.String(40), nullable=False),
    sa.Column("proposed_by_name", sa.Text, nullable=False),
    sa.Column("proposed_at", UtcTime, nullable=False),
    sa.Column("decided_by", sa.String(40)),
    sa.Column("decided_by_name", sa.Text),
    sa.Column("decided_at", UtcTime),
    sa.Index("ix_custody_discard_list", "organisation_id", "state", "proposed_at"),
)

discarded_table = sa.Table(
    "custody_discarded",
    metadata,
    sa.Column("discard_id", sa.String(40), sa.ForeignKey("custody_discard.id"), primary_key=True),
    sa.Column("material_id", sa.String(40), primary_key=True, index=True),
    sa.Column("code", sa.String(60), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("case_id", sa.String(40), nullable=False),
    sa.Column("keep_until", UtcTime),
)
"""Pieces of discards."""

loan_table = sa.Table(
    "custody_loan",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("organisation_id", sa.String(40), nullable=False),
    sa.Column("material_id", sa.String(40), nullable=False, index=True),
    sa.Column("code", sa.String(60), nullable=False),
    sa.Column("case_id", sa.String(40), nullable=False),
    sa.Column("lent_to", sa.Text, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("lent_by", sa.Text, nullable=False),
    sa.Column("lent_at", UtcTime, nullable=False),
    sa.Column("due_at", UtcTime, nullable=False),
    sa.Column("returned_by", sa.Text),
    sa.Column("returned_at", UtcTime),
    sa.Index("ix_custody_loan_list", "organisation_id", "returned_at", "due_at"),
)
