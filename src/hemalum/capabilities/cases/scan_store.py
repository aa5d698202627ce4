"""Queries of the scans of cases, in the caller's transaction."""

from collections.abc import Collection
from itertools import groupby
from operator import itemgetter

import sqlalchemy as sa

from hemalum.capabilities.cases.tables import link_table, material_table
from hemalum.kernel.ids import ImageId
from hemalum.runtime.db import among


def list_scans(connection: sa.Connection, case_ids: Collection[str]) -> dict[str, list[list[ImageId]]]:
    """The images of these cases slide by slide, in the order of `store.list_material`."""
    piece, link = material_table.c, link_table.c
    rows = connection.execute(
        sa.select(piece.case_id, piece.id, link.image_id)
        .join_from(material_table, link_table, link.material_id == piece.id)
        .where(among(connection, piece.case_id, case_ids))
        .order_by(piece.case_id, piece.place, link.linked_at, link.image_id)
    )
    found: dict[str, list[list[ImageId]]] = {}
    for (case_id, _), scans in groupby(rows, key=itemgetter(0, 1)):
        found.setdefault(case_id, []).append([ImageId(row[2]) for row in scans])
    return found
