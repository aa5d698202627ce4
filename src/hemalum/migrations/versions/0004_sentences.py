"""Sentences that are kept (reasons, findings, warnings) become template and values."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_IMAGES = sa.table(
    "slides_image",
    sa.column("id", sa.String),
    *(sa.column(name, sa.Text) for name in ("reason", "findings", "description", "file_description")),
)


def upgrade() -> None:
    connection = op.get_bind()
    for image_id in connection.execute(sa.select(_IMAGES.c.id)).scalars().all():
        # One by one: a description holds a colour profile.
        row = connection.execute(sa.select(_IMAGES).where(_IMAGES.c.id == image_id)).mappings().one()
        values = {
            "reason": row["reason"] and json.dumps(_sentence(row["reason"])),
            "findings": row["findings"]
            and json.dumps([_finding(one) for one in json.loads(row["findings"])]),
            "description": _described(row["description"]),
            "file_description": _described(row["file_description"]),
        }
        connection.execute(sa.update(_IMAGES).where(_IMAGES.c.id == image_id).values(**values))


def _sentence(text: str) -> dict[str, Any]:
    """What was kept as text only stays English."""
    return {"template": text, "values": {}}


def _finding(plain: dict[str, Any]) -> dict[str, Any]:
    kept = {name: plain[name] for name in ("element", "problem")}
    return kept | {"message": _sentence(plain["message"])}


def _described(text: str | None) -> str | None:
    if text is None:
        return None
    plain = json.loads(text)
    return json.dumps(plain | {"warnings": [_sentence(one) for one in plain["warnings"]]})
