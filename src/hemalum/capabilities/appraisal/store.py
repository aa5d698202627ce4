"""Queries on the tables of appraisals. Every function works in the caller's transaction."""

from collections.abc import Iterable

import msgspec
import sqlalchemy as sa

from hemalum.capabilities.appraisal.model import Appraisal, AppraisalState, Figures, Provenance
from hemalum.capabilities.appraisal.tables import slide_table, staining_table
from hemalum.kernel.ids import ImageId
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
            rejected=figures.staining.rejected,
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


def list_unjudged(connection: sa.Connection, available: Iterable[str], method: int) -> list[str]:
    """Those of these images of which this version of the method has told nothing."""
    wanted = list(available)
    column = slide_table.c
    judged = sa.select(column.image_id).where(column.image_id.in_(wanted), column.method == method)
    known = set(connection.execute(judged).scalars())
    return [each for each in wanted if each not in known]
