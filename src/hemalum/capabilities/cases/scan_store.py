"""Queries of the scans of cases, and of what models say of them, in the caller's transaction."""

from collections.abc import Collection
from itertools import groupby
from operator import itemgetter

import sqlalchemy as sa

from hemalum.capabilities.cases.marks import write_mark
from hemalum.capabilities.cases.model import UNMARKED_ORDER, Case, CaseId, Mark
from hemalum.capabilities.cases.tables import case_table, link_table, material_table
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
    ).all()
    found: dict[str, list[list[ImageId]]] = {}
    for (case_id, _), scans in groupby(rows, key=itemgetter(0, 1)):
        found.setdefault(case_id, []).append([ImageId(row[2]) for row in scans])
    return found


def cases_of(
    connection: sa.Connection, organisation_id: str, image_ids: Collection[str]
) -> dict[ImageId, CaseId]:
    """By image, the case of the organisation of which it is a scan."""
    piece, link, case = material_table.c, link_table.c, case_table.c
    rows = connection.execute(
        sa.select(link.image_id, piece.case_id)
        .join_from(link_table, material_table, link.material_id == piece.id)
        .join(case_table, case.id == piece.case_id)
        .where(case.organisation_id == organisation_id, among(connection, link.image_id, image_ids))
    )
    return {ImageId(image_id): CaseId(case_id) for image_id, case_id in rows}


def set_mark(connection: sa.Connection, case: Case, mark: Mark | None) -> None:
    """Keep what models say of a case, and its place by it."""
    kept = None if mark is None else write_mark(mark)
    order = UNMARKED_ORDER if mark is None else mark.band.order
    update = sa.update(case_table).where(case_table.c.id == case.id)
    connection.execute(update.values(mark=kept, band_order=order))
