"""Custody: scan points, containers, the chain, where everything is, discards, loans."""

import sqlalchemy as sa
from alembic import op

from hemalum.runtime.db import Json, UtcTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_APPEND_ONLY = {
    "sqlite": (
        "CREATE TRIGGER custody_event_keep_values BEFORE UPDATE ON custody_event "
        "BEGIN SELECT RAISE(ABORT, 'the chain of custody is append-only'); END",
        "CREATE TRIGGER custody_event_keep_rows BEFORE DELETE ON custody_event "
        "BEGIN SELECT RAISE(ABORT, 'the chain of custody is append-only'); END",
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION custody_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the chain of custody is append-only'; END $$",
        "CREATE TRIGGER custody_event_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON custody_event "
        "FOR EACH STATEMENT EXECUTE FUNCTION custody_refuse()",
    ),
}


def upgrade() -> None:
    op.create_table(
        "custody_point",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("organisation_id", sa.String(40), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("room", sa.String(80), nullable=False),
        sa.Column("step", sa.String(16), nullable=False),
        sa.Column("is_active", sa.Boolean, nullable=False),
        sa.Column("added_at", UtcTime, nullable=False),
        sa.UniqueConstraint("organisation_id", "name"),
    )
    op.create_table(
        "custody_container",
        sa.Column("serial", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("code", sa.String(24), nullable=False, unique=True),
        sa.Column("organisation_id", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("slots", sa.Integer, nullable=False),
        sa.Column("added_at", UtcTime, nullable=False),
    )
    op.create_table(
        "custody_head",
        sa.Column("organisation_id", sa.String(40), primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.create_table(
        "custody_event",
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
    )
    op.create_table(
        "custody_standing",
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
    op.create_table(
        "custody_discard",
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
    )
    op.create_table(
        "custody_discarded",
        sa.Column("discard_id", sa.String(40), sa.ForeignKey("custody_discard.id"), primary_key=True),
        sa.Column("material_id", sa.String(40), primary_key=True),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("case_id", sa.String(40), nullable=False),
        sa.Column("keep_until", UtcTime),
    )
    op.create_table(
        "custody_loan",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("organisation_id", sa.String(40), nullable=False),
        sa.Column("material_id", sa.String(40), nullable=False),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("case_id", sa.String(40), nullable=False),
        sa.Column("lent_to", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("lent_by", sa.Text, nullable=False),
        sa.Column("lent_at", UtcTime, nullable=False),
        sa.Column("due_at", UtcTime, nullable=False),
        sa.Column("returned_by", sa.Text),
        sa.Column("returned_at", UtcTime),
    )
    op.create_index("ix_custody_point_organisation_id", "custody_point", ["organisation_id"])
    op.create_index("ix_custody_container_organisation_id", "custody_container", ["organisation_id"])
    op.create_index("ix_custody_event_point", "custody_event", ["organisation_id", "point_id", "number"])
    op.create_index("ix_custody_event_corrects", "custody_event", ["organisation_id", "corrects"])
    op.create_index("ix_custody_discard_list", "custody_discard", ["organisation_id", "state", "proposed_at"])
    op.create_index("ix_custody_discarded_material_id", "custody_discarded", ["material_id"])
    op.create_index("ix_custody_loan_material_id", "custody_loan", ["material_id"])
    op.create_index("ix_custody_loan_list", "custody_loan", ["organisation_id", "returned_at", "due_at"])
    for statement in _APPEND_ONLY[op.get_bind().dialect.name]:
        op.execute(statement)
