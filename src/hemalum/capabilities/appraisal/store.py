"""Queries on the tables of appraisals. Every function works in the caller's transaction."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from hemalum.analysis.stain import Rejected
from hemalum.capabilities.appraisal.model import (
    Appraisal,
    AppraisalState,
    Figures,
    Measure,
    MeasuredScan,
    Provenance,
)
from hemalum.capabilities.appraisal.tables import slide_table, staining_table
from hemalum.kernel.ids import ImageId, OrganisationId
from hemalum.kernel.sentence import Sentence
from hemalum.kernel.typed import typed


def put(connection: sa.Connection, appraisal: Appraisal) -> None:
    """Keep the appraisal of a slide in the place of any before."""
    connection.execute(sa.delete(slide_table).where(slide_table.c.image_id == appraisal.image_id))
    connection.execute(
        sa.insert(slide_table).values(
            image_id=appraisal.image_id,
            basis=appraisal.basis,
            method=appraisal.method,
            state=appraisal.state.value,
            reason=None if appraisal.reason is None else msgspec.to_builtins(appraisal.reason),
            figures=None if appraisal.figures is None else msgspec.to_builtins(appraisal.figures),
            judged_at=appraisal.judged_at,
        )
    )


def put_staining(
    connection: sa.Connection, image_id: ImageId, made: Provenance, figures: Figures | None
) -> None:
    """Keep what drift is told from of a scan in the place of any before; nothing without figures."""
    connection.execute(sa.delete(staining_table).where(staining_table.c.image_id == image_id))
    if figures is None:
        return
    haematoxylin, eosin = figures.staining.haematoxylin, figures.staining.eosin
    connection.execute(
        sa.insert(staining_table).values(
            image_id=image_id,
            organisation_id=made.organisation_id,
            vendor=made.vendor,
            scanner_model=made.scanner_model,
            scanner_serial=made.scanner_serial,
            stain=made.stain,
            laboratory=made.laboratory,
            scanned_at=made.scanned_at,
            haematoxylin_strength=None if haematoxylin is None else haematoxylin.strength,
            haematoxylin_degrees=None if haematoxylin is None else haematoxylin.degrees,
            eosin_strength=None if eosin is None else eosin.strength,
            eosin_degrees=None if eosin is None else eosin.degrees,
            rejected=None if figures.staining.rejected is None else figures.staining.rejected.value,
            blur=figures.median_blur,
        )
    )


def find(connection: sa.Connection, image_id: str) -> Appraisal | None:
    """The appraisal that is kept of a slide, of whatever scan."""
    row = connection.execute(sa.select(slide_table).where(slide_table.c.image_id == image_id)).first()
    if row is None:
        return None
    return Appraisal(
        ImageId(row.image_id),
        row.basis,
        row.method,
        AppraisalState(row.state),
        None if row.reason is None else typed(row.reason, Sentence),
        None if row.figures is None else typed(row.figures, Figures),
        row.judged_at,
    )


def list_measured(
    connection: sa.Connection, organisation_id: str, begin: datetime, end: datetime
) -> list[MeasuredScan]:
    """The scans of an organisation that were made in a time, in that order."""
    column = staining_table.c
    asked = (
        sa.select(staining_table)
        .where(column.organisation_id == organisation_id, column.scanned_at >= begin, column.scanned_at < end)
        .order_by(column.scanned_at, column.image_id)
    )
    return [_measured(row) for row in connection.execute(asked)]


def _measured(row: sa.Row[Any]) -> MeasuredScan:
    told = ((each, getattr(row, each.value)) for each in Measure)
    return MeasuredScan(
        ImageId(row.image_id),
        Provenance(
            OrganisationId(row.organisation_id),
            row.vendor,
            row.scanner_model,
            row.scanner_serial,
            row.stain,
            row.laboratory,
            row.scanned_at,
        ),
        None if row.rejected is None else Rejected(row.rejected),
        {each: value for each, value in told if value is not None},
    )


def list_unjudged(connection: sa.Connection, available: Iterable[str], method: int) -> list[str]:
    """Those of these images of which this version of the method has told nothing."""
    wanted = list(available)
    column = slide_table.c
    judged = sa.select(column.image_id).where(column.image_id.in_(wanted), column.method == method)
    known = set(connection.execute(judged).scalars())
    return [each for each in wanted if each not in known]
