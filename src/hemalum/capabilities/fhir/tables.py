"""Tables of FHIR. Only the store uses them."""

import sqlalchemy as sa

from hemalum.runtime.db import Json, UtcTime, metadata

order_table = sa.Table(
    "fhir_order",
    metadata,
    sa.Column("organisation_id", sa.String(40), primary_key=True),
    sa.Column("issuer", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, primary_key=True),
    sa.Column("case_id", sa.String(40), nullable=False, index=True),
)
"""Which case an order became, by each number that it came with: the same one becomes no second case."""

export_table = sa.Table(
    "fhir_export",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("organisation_id", sa.String(40), nullable=False),
    sa.Column("person_id", sa.String(40), nullable=False),
    sa.Column("permissions", Json, nullable=False),
    sa.Column("kinds", Json, nullable=False),
    sa.Column("is_of_patients", sa.Boolean, nullable=False),
    sa.Column("since", UtcTime),
    sa.Column("request", sa.Text, nullable=False),
    sa.Column("begun_at", UtcTime, nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("parts", Json, nullable=False),
    sa.Column("failure", Json),
    sa.Column("ended_at", UtcTime),
)
"""Exports in bulk. What was exported lies sealed among the blobs until the export expires."""

subscription_table = sa.Table(
    "fhir_subscription",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("organisation_id", sa.String(40), nullable=False, index=True),
    sa.Column("person_id", sa.String(40), nullable=False),
    sa.Column("permissions", Json, nullable=False),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("failure", Json),
    sa.Column("made_at", UtcTime, nullable=False),
    sa.Column("ends_at", UtcTime),
)
"""Who is told of what. Criteria may name a patient, and headers are secrets: both are sealed."""
