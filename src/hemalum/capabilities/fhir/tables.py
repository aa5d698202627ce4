"""Tables of FHIR. Only the store uses them."""

import sqlalchemy as sa

from hemalum.runtime.db import metadata

order_table = sa.Table(
    "fhir_order",
    metadata,
    sa.Column("organisation_id", sa.String(40), primary_key=True),
    sa.Column("issuer", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, primary_key=True),
    sa.Column("case_id", sa.String(40), nullable=False, index=True),
)
"""Which case an order became, by each number that it came with: the same one becomes no second case."""
