"""Appraisals over HTTP."""

from datetime import date, datetime
from typing import Annotated

import numpy as np
from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from hemalum.analysis.stain import Rejected, mean_colour, rendered
from hemalum.capabilities.appraisal.drifting import (
    LEAST_SCANS_A_DAY,
    REFERENCE_DAYS,
    VIEW,
    DriftAlarm,
    DriftQuery,
    Limits,
    Line,
    LineDrift,
    LinesBy,
    MeasureDrift,
    Reference,
)
from hemalum.capabilities.appraisal.model import (
    BLURRED_ABOVE,
    Appraisal,
    AppraisalState,
    Figures,
    Measure,
    MeasuredScan,
    Stain,
    Staining,
)
from hemalum.capabilities.appraisal.service import Appraising
from hemalum.formats.profile.terms import Kind, find_term
from hemalum.formats.spreadsheet import BYTE_ORDER_MARK, line_of
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import Invalid
from hemalum.kernel.sentence import Sentence
from hemalum.runtime.http import kept_nowhere, require

VIEW_SLIDE = "slides.view"


async def _appraising_of(request: Request) -> Appraising:
    appraising: Appraising = request.app.state.appraising
    return appraising


router = APIRouter(tags=["appraisal"], dependencies=[Depends(kept_nowhere)])

Viewer = Annotated[Actor, Depends(require(VIEW_SLIDE))]
QualityViewer = Annotated[Actor, Depends(require(VIEW))]
Desk = Annotated[Appraising, Depends(_appraising_of)]


class AppraisedPlace(BaseModel):
    """A square of a slide in level-0 pixels."""

    x_px: float
    y_px: float
    side_px: float
    blur: float | None
    """From 0 (sharp) to 1; null where there is no detail to tell it by."""


class AppraisedStain(BaseModel):
    """One stain of a slide, as its pixels tell."""

    colour: str
    """RRGGBB of the light that it lets through at its strength."""
    density_rgb: tuple[float, float, float]
    """Optical density in red, green and blue, of length 1."""
    strength: float
    """Density that 99 of 100 stained pixels stay below."""
    degrees: float
    """Between its colour and that of the book."""


class AppraisedStaining(BaseModel):
    """How the tissue is coloured."""

    haematoxylin: AppraisedStain | None
    """Null unless the stain is haematoxylin and eosin, and both could be told."""
    eosin: AppraisedStain | None
    condition: float | None
    """Of the matrix of both: 1 for colours at right angles, larger for colours that are alike."""
    rejected: Rejected | None
    """Why haematoxylin and eosin could not be told."""
    mean_colour: str | None
    """RRGGBB of stained tissue; null with too little of it."""
    mean_lab: tuple[float, float, float] | None
    """The same in the space l-alpha-beta of Reinhard, and its spread."""
    spread_lab: tuple[float, float, float] | None


class AppraisalFigures(BaseModel):
    """What is told of a scan. Shares are of 1."""

    tissue_mm2: float
    tissue_share: float
    """Of the whole picture."""
    ink_share: float | None
    """Of what stands out from the glass; null unless the stain is haematoxylin and eosin."""
    fold_share: float | None
    """Of the tissue; null unless the stain is haematoxylin and eosin."""
    edge_share: float
    """Of the whole picture."""
    overview_um: float
    """um per pixel of the picture that the shares were told of."""
    place_um: float
    """um per pixel of the places."""
    median_blur: float | None
    blurred_above: float
    """A place with more blur counts as out of focus."""
    blurred_places: int
    places: list[AppraisedPlace]
    staining: AppraisedStaining


class AppraisalShown(BaseModel):
    """What is told of the scan of a slide."""

    state: AppraisalState
    reason: Sentence | None
    """In a form that can be said in another language."""
    message: str
    """The same in English; empty where there is none."""
    method: int | None
    judged_at: datetime | None
    figures: AppraisalFigures | None


@router.get("/images/{image_id}")
def show_appraisal(image_id: str, actor: Viewer, desk: Desk) -> AppraisalShown:
    """Tissue, ink, folds, edges of glass and blur of a scan, or why they are not told."""
    return _shown(desk.show(actor, image_id))


def _shown(found: Appraisal | None) -> AppraisalShown:
    if found is None:
        return AppraisalShown(
            state=AppraisalState.WAITING, reason=None, message="", method=None, judged_at=None, figures=None
        )
    return AppraisalShown(
        state=found.state,
        reason=found.reason,
        message="" if found.reason is None else str(found.reason),
        method=found.method,
        judged_at=found.judged_at,
        figures=None if found.figures is None else _figures(found.figures),
    )


def _figures(figures: Figures) -> AppraisalFigures:
    return AppraisalFigures(
        tissue_mm2=figures.tissue_mm2,
        tissue_share=figures.tissue_share,
        ink_share=figures.ink_share,
        fold_share=figures.fold_share,
        edge_share=figures.edge_share,
        overview_um=figures.overview_um,
        place_um=figures.place_um,
        median_blur=figures.median_blur,
        blurred_above=BLURRED_ABOVE,
        blurred_places=figures.blurred_places,
        places=[
            AppraisedPlace(x_px=each.x_px, y_px=each.y_px, side_px=each.side_px, blur=each.blur)
            for each in figures.places
        ],
        staining=_staining(figures.staining),
    )


def _staining(staining: Staining) -> AppraisedStaining:
    kept = staining.colouring
    return AppraisedStaining(
        haematoxylin=None if staining.haematoxylin is None else _stain(staining.haematoxylin),
        eosin=None if staining.eosin is None else _stain(staining.eosin),
        condition=staining.condition,
        rejected=staining.rejected,
        mean_colour=None if kept is None else bytes(mean_colour(kept)).hex(),
        mean_lab=None if kept is None else kept.mean,
        spread_lab=None if kept is None else kept.spread,
    )


def _stain(stain: Stain) -> AppraisedStain:
    light = rendered(np.array([[stain.strength]]), np.array([stain.density_rgb]))
    return AppraisedStain(
        colour=light.tobytes().hex(),
        density_rgb=stain.density_rgb,
        strength=stain.strength,
        degrees=stain.degrees,
    )


# Drift --------------------------------------------------------------------------------------------------


class StainName(BaseModel):
    """What is on the glass, in both languages; the words of the laboratory where nobody mapped them."""

    en: str
    zh: str


class DriftLine(BaseModel):
    """Scans of one stain by one scanner, each as it is stated; empty where it is not, or does not count."""

    vendor: str
    scanner_model: str
    scanner_serial: str
    stain: str


class DriftLimits(BaseModel):
    """What a chart judges by, and the days that it was learnt from."""

    begin: date
    end: date
    days: int
    scans: int
    centre: float
    spread: float
    """Standard deviation of medians of days."""
    lower: float
    upper: float


class DriftWeek(BaseModel):
    """A week of scans."""

    monday: date
    scans: int
    median: float
    average: float | None
    """The moving average at its end; null up to the end of the reference."""
    outside: int
    """Days on which the moving average was beyond a limit."""


class DriftAlarmShown(BaseModel):
    """A moving average that is beyond a limit now."""

    since: date
    average: float
    by: float
    """From the centre."""
    deviations: float
    """The same in standard deviations of the reference."""


class DriftMeasure(BaseModel):
    """One measure of one line."""

    measure: Measure
    days: int
    """Of the reference, that count."""
    limits: DriftLimits | None
    """Null with too few days."""
    weeks: list[DriftWeek]
    alarm: DriftAlarmShown | None


class LineShown(BaseModel):
    """One line in a period."""

    line: DriftLine
    stain_name: StainName
    scans: int
    rejected: int
    """Scans of haematoxylin and eosin whose stains could not be told."""
    laboratories: list[str]
    measures: list[DriftMeasure]


class DriftShown(BaseModel):
    """Drift of scanners and stains."""

    least_scans_a_day: int
    """Days with fewer do not count in a chart."""
    reference_days: int
    """That count: so many are needed, and without a stated reference the first so many are taken."""
    lines: list[LineShown]


class DriftSlide(BaseModel):
    """A scan of a line."""

    image_id: str
    name: str
    scanned_at: datetime
    rejected: Rejected | None
    values: dict[Measure, float]


async def _drift_query(
    begin: datetime,
    end: datetime,
    reference_begin: date | None = None,
    reference_end: date | None = None,
    by: LinesBy = LinesBy.SCANNER,
) -> DriftQuery:
    if reference_begin is None and reference_end is None:
        return DriftQuery(begin, end, None, by)
    if reference_begin is None or reference_end is None or reference_begin > reference_end:
        raise Invalid("A reference has a first and a last day.")
    return DriftQuery(begin, end, Reference(reference_begin, reference_end), by)


DriftAsked = Annotated[DriftQuery, Depends(_drift_query)]


@router.get("/drift")
def show_drift(asked: DriftAsked, actor: QualityViewer, desk: Desk) -> DriftShown:
    """Scanners and stains of a time: medians by week, and whether they are what they were."""
    return DriftShown(
        least_scans_a_day=LEAST_SCANS_A_DAY,
        reference_days=REFERENCE_DAYS,
        lines=[_line(one) for one in desk.drifting.report(actor, asked)],
    )


@router.get("/drift/slides")
def list_drift_slides(
    monday: date,
    actor: QualityViewer,
    desk: Desk,
    vendor: str = "",
    scanner_model: str = "",
    scanner_serial: str = "",
    stain: str = "",
    by: LinesBy = LinesBy.SCANNER,
) -> list[DriftSlide]:
    """The newest scans of a line in a week that the actor may see."""
    line = Line(vendor, scanner_model, scanner_serial, stain)
    return [
        DriftSlide(
            image_id=scan.image_id,
            name=summary.name,
            scanned_at=scan.made.scanned_at,
            rejected=scan.rejected,
            values=dict(scan.values),
        )
        for scan, summary in desk.drifting.list_slides(actor, line, monday, by)
    ]


_COLUMNS = (
    *("image_id", "scanned_at", "vendor", "scanner_model", "scanner_serial", "stain", "laboratory"),
    *("rejected", *(each.value for each in Measure)),
)
"""Of the table of scans."""


@router.get("/drift.csv", response_class=Response)
def export_drift(asked: DriftAsked, actor: QualityViewer, desk: Desk) -> Response:
    """The scans of a time as a table."""
    scans = desk.drifting.list_scans(actor, asked)
    lines = [BYTE_ORDER_MARK, line_of(_COLUMNS), *(line_of(_cells(one)) for one in scans)]
    headers = {"content-disposition": 'attachment; filename="scanners-and-stains.csv"'}
    return Response("".join(lines), media_type="text/csv; charset=utf-8", headers=headers)


def _cells(scan: MeasuredScan) -> list[str]:
    made = scan.made
    return [
        scan.image_id,
        made.scanned_at.isoformat(),
        *(made.vendor, made.scanner_model, made.scanner_serial, made.stain, made.laboratory),
        scan.rejected or "",
        *(str(scan.values.get(each, "")) for each in Measure),
    ]


def _line(found: LineDrift) -> LineShown:
    line = found.line
    return LineShown(
        line=DriftLine(
            vendor=line.vendor,
            scanner_model=line.scanner_model,
            scanner_serial=line.scanner_serial,
            stain=line.stain,
        ),
        stain_name=_stain_name(line.stain),
        scans=found.scans,
        rejected=found.rejected,
        laboratories=list(found.laboratories),
        measures=[_measure(one) for one in found.measures],
    )


def _stain_name(stain: str) -> StainName:
    terms = [find_term(Kind.STAIN, each) for each in stain.split("+")]
    known = [one for one in terms if one is not None]
    if len(known) < len(terms):
        return StainName(en=stain, zh=stain)
    return StainName(en=", ".join(one.en for one in known), zh="、".join(one.zh for one in known))


def _measure(found: MeasureDrift) -> DriftMeasure:
    return DriftMeasure(
        measure=found.measure,
        days=found.days,
        limits=None if found.limits is None else _limits(found.limits),
        weeks=[
            DriftWeek(
                monday=one.monday,
                scans=one.scans,
                median=one.median,
                average=one.average,
                outside=one.outside,
            )
            for one in found.weeks
        ],
        alarm=None if found.alarm is None else _alarm(found.alarm),
    )


def _limits(limits: Limits) -> DriftLimits:
    return DriftLimits(
        begin=limits.begin,
        end=limits.end,
        days=limits.days,
        scans=limits.scans,
        centre=limits.centre,
        spread=limits.spread,
        lower=limits.lower,
        upper=limits.upper,
    )


def _alarm(alarm: DriftAlarm) -> DriftAlarmShown:
    return DriftAlarmShown(since=alarm.since, average=alarm.average, by=alarm.by, deviations=alarm.deviations)
