"""Tables of interfaces. Only the store uses them. Texts of messages are sealed."""

import sqlalchemy as sa

from hemalum.runtime.db import Json, UtcTime, metadata

sender_table = sa.Table(
    "interfaces_sender",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("organisation_id", sa.String(40), nullable=False),
    sa.Column("name", sa.String(60), nullable=False, unique=True),
    sa.Column("acts_as", sa.String(120), nullable=False),
    sa.Column("application", sa.Text, nullable=False),
    sa.Column("facility", sa.Text, nullable=False),
    sa.Column("charset", sa.String(20), nullable=False),
    sa.Column("time_zone", sa.String(60), nullable=False),
    sa.Column("addresses", Json, nullable=False),
    sa.Column("processing_id", sa.String(1), nullable=False),
    sa.Column("added_at", UtcTime, nullable=False),
)

receiver_table = sa.Table(
    "interfaces_receiver",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("organisation_id", sa.String(40), nullable=False),
    sa.Column("name", sa.String(60), nullable=False, unique=True),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("port", sa.Integer, nullable=False),
    sa.Column("application", sa.Text, nullable=False),
    sa.Column("facility", sa.Text, nullable=False),
    sa.Column("charset", sa.String(20), nullable=False),
    sa.Column("is_tls", sa.Boolean, nullable=False),
    sa.Column("sends", Json, nullable=False),
    sa.Column("with_pdf", sa.Boolean, nullable=False),
    sa.Column("added_at", UtcTime, nullable=False),
    sa.Column("last_sent_at", UtcTime),
    sa.Column("failed_at", UtcTime),
    sa.Column("failure", Json),
    sa.Column("held_by", sa.String(40)),
    sa.Column("held_until", UtcTime),
)
"""`held_by` is the process that sends there now: one at a time, so that the order is kept."""

_HAS_TEXT = sa.text("sealed IS NOT NULL")

message_table = sa.Table(
    "interfaces_message",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("direction", sa.String(4), nullable=False),
    sa.Column("organisation_id", sa.String(40), nullable=False),
    sa.Column("partner_id", sa.String(40), nullable=False),
    sa.Column("partner", sa.String(60), nullable=False),
    sa.Column("control_id", sa.String(200), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("sealed", sa.LargeBinary),
    sa.Column("charset", sa.String(20), nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("reason", Json),
    sa.Column("answer", sa.LargeBinary),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("done_at", UtcTime),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_attempt_at", UtcTime),
    sa.Column("patient_id", sa.String(40), index=True),
    sa.Column("case_id", sa.String(40)),
    sa.Column("replaces", sa.Integer),
    sa.UniqueConstraint("direction", "partner_id", "control_id", "digest"),
    sa.Index("ix_interfaces_message_list", "organisation_id", "state", "number"),
    sa.Index("ix_interfaces_message_queue", "partner_id", "state", "number"),
    sa.Index("ix_interfaces_message_texts", "at", sqlite_where=_HAS_TEXT, postgresql_where=_HAS_TEXT),
)
"""`digest` is keyed: whoever has the database alone cannot try guesses at a text. `answer` is sealed as
the text is."""

order_table = sa.Table(
    "interfaces_order",
    metadata,
    sa.Column("sender_id", sa.String(40), primary_key=True),
    sa.Column("issuer", sa.Text, primary_key=True),
    sa.Column("placer", sa.Text, primary_key=True),
    sa.Column("case_id", sa.String(40), nullable=False),
    sa.Column("message_number", sa.Integer, nullable=False),
)
"""Which case an order of a sender became."""
