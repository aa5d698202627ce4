"""What runs of a model over the slides of a case say together, in the form in which programs hand it in.

How surely a number of cells is known: Byar's approximation to the exact interval of a Poisson count
(N. E. Breslow and N. E. Day, Statistical Methods in Cancer Research II, IARC 1987, section 2.3), widened by
what the validation of the model found. Of a hotspot it is that of a field chosen beforehand: that this one
was chosen for having most is not in it. How surely the spread of nuclei is known: `analysis.pleomorphism`.
"""

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import reduce
from operator import add
from typing import Any

import msgspec

from hemalum.analysis.pleomorphism import LEAST_NUCLEI, Estimate, Spread
from hemalum.capabilities.inference.model import (
    CellsMeasured,
    HotspotMeasured,
    InferenceRun,
    Measured,
    Place,
    RunState,
)
from hemalum.formats.model.contract import Contract, FindingRule, Measure, Task
from hemalum.kernel.sentence import Sentence

_Z = 1.96
"""Of a 95 % interval."""
_DIGITS = 4
_MOST_SHOWN = 24
"""Places of one finding, in all slides."""
_EVEN = 0.5
"""From which probability on a class is there, where the contract states no operating point for it."""
_FEW_NUCLEI = Sentence("There are too few nuclei.")
_NOT_CALIBRATED = Sentence("The model states no calibration, so how sure it is, is not known.")
_OF_NUCLEI: Mapping[Measure, tuple[Callable[[Spread], Estimate], float, str]] = {
    Measure.NUCLEAR_AREA: (lambda spread: spread.mean, 1.0, "um2"),
    Measure.NUCLEAR_AREA_SD: (lambda spread: spread.sd, 1.0, "um2"),
    Measure.NUCLEAR_AREA_CV: (lambda spread: spread.cv, 100.0, "%"),
}


@dataclass(frozen=True)
class _Case:
    """What runs over different slides measured together."""

    runs: Sequence[InferenceRun]
    parts: Sequence[Measured]
    """Of each run."""

    @property
    def looked_mm2(self) -> float:
        return sum(each.looked_mm2 for each in self.parts)

    @property
    def cells(self) -> list[CellsMeasured]:
        return [each.cells for each in self.parts if each.cells is not None]

    def cells_of(self, class_name: str) -> int:
        return sum(each.count_of(class_name) for each in self.cells)

    def area_mm2(self, name: str) -> float:
        return sum(each.areas_mm2.get(name, 0.0) for each in self.parts)


@dataclass(frozen=True, slots=True)
class _Shown:
    """A place where a finding can be looked at."""

    image_id: str
    place: Place
    said: str = ""


@dataclass(frozen=True)
class _Stated:
    """What a finding states, and where."""

    values: dict[str, Any]
    shown: tuple[_Shown, ...] = ()


def findings_of(contract: Contract, runs: Sequence[InferenceRun], missing: int = 0) -> list[dict[str, Any]]:
    """Findings as plain values, one for each rule of the contract, of runs on different slides.

    Where the model abstained or failed on one of the slides, or has no run on some that are `missing`,
    nothing is known of the whole and stated.
    """
    is_head = contract.task is Task.SLIDE_HEAD
    spoke = [
        run
        for run in runs
        if run.state is RunState.DONE and (run.scores if is_head else run.measured is not None)
    ]
    case = _Case(spoke, [run.measured for run in spoke if run.measured is not None])
    slides = len(runs) + missing
    silent = slides - len(spoke)
    layers = [
        {"kind": "layer", "reference": layer, "image_id": run.image_id}
        for run in runs
        for layer in run.layers
    ]
    model = {"kind": "model", "name": contract.identity.id, "version": contract.identity.version}
    found = []
    for rule in contract.findings:
        if silent or not (spoke if is_head else case.looked_mm2):
            why = Sentence(
                "Of {slides} slides, {silent} have no answer.", {"slides": slides, "silent": silent}
            )
            stated = _silence(rule, why)
        elif is_head:
            stated = _likely(rule, contract, spoke)
        else:
            stated = _stated(rule, case)
        supports = [*map(_region, stated.shown), *layers]
        found.append(
            {"id": rule.name, "name": rule.name, "model": model, "supports": supports} | stated.values
        )
    return found


def byar(count: int) -> tuple[float, float]:
    """Between which means of a Poisson distribution a count may lie, with 95 % confidence."""
    low = 0.0 if count == 0 else count * (1 - 1 / (9 * count) - _Z / (3 * math.sqrt(count))) ** 3
    more = count + 1
    return max(low, 0.0), more * (1 - 1 / (9 * more) + _Z / (3 * math.sqrt(more))) ** 3


def density(count: int, area_mm2: float) -> Estimate:
    """A Poisson count by its area, in /mm2."""
    return Estimate(count / area_mm2, *(each / area_mm2 for each in byar(count)))


def fullest(hotspots: Sequence[tuple[str, HotspotMeasured]]) -> tuple[str, HotspotMeasured]:
    """The field with the most; of equals the first. With each stands its slide."""
    return max(hotspots, key=lambda each: each[1].count)


def _stated(rule: FindingRule, case: _Case) -> _Stated:
    measure = rule.measure
    if measure is Measure.CELLS:
        return _Stated(_counted(rule, case.cells_of(rule.class_name)))
    if measure is Measure.CELL_DENSITY:
        return _number(rule, density(case.cells_of(rule.class_name), case.looked_mm2), "/mm2")
    if measure.is_of_regions:
        return _of_regions(rule, case)
    # A number without anything known of its uncertainty has no interval; none is made up.
    mm2 = case.area_mm2(rule.class_name)
    if measure is Measure.AREA:
        return _number(rule, Estimate(mm2, *_limits(rule, mm2, mm2)), "mm2", _places(rule, case))
    if measure is Measure.SHARE:
        share = 100 * mm2 / case.looked_mm2
        estimate = Estimate(share, *_limits(rule, share, share))
        return _number(rule, estimate, "%", _places(rule, case), most=100.0)
    if measure in _OF_NUCLEI:
        return _of_nuclei(rule, case)
    return _of_candidates(rule, case)


def _of_regions(rule: FindingRule, case: _Case) -> _Stated:
    found = [(run.image_id, part.regions[rule.name]) for run, part in zip(case.runs, case.parts, strict=True)]
    if rule.measure is Measure.REGIONS:
        count = sum(each.count for _, each in found)
        known = {} if rule.interval is None else _whole_limits(rule, count, count)
        return _Stated({"kind": "count", "number": float(count)} | known, _places(rule, case))
    if rule.measure is Measure.PRESENCE:
        is_present = any(each.count for _, each in found)
        return _Stated({"kind": "presence", "is_present": is_present}, _places(rule, case))
    image_id, largest = max(found, key=lambda each: each[1].largest_mm)
    limits = _limits(rule, largest.largest_least_mm, largest.largest_most_mm)
    shown = () if largest.largest is None else (_Shown(image_id, largest.largest),)
    return _number(rule, Estimate(largest.largest_mm, *limits), "mm", shown)


def _places(rule: FindingRule, case: _Case) -> tuple[_Shown, ...]:
    """The regions that a finding is of, slide by slide from top to bottom; of many the largest."""
    found = [
        (each, _Shown(run.image_id, each.box, f"{_rounded(each.mm2):g} mm²"))
        for run, part in zip(case.runs, case.parts, strict=True)
        if rule.name in part.regions
        for each in part.regions[rule.name].places
    ]
    least = sorted((each.mm2 for each, _ in found), reverse=True)[:_MOST_SHOWN]
    return tuple(shown for each, shown in found if each.mm2 >= least[-1])[:_MOST_SHOWN]


def _likely(rule: FindingRule, contract: Contract, runs: Sequence[InferenceRun]) -> _Stated:
    """Whether a head says that a class is there; of several slides the one on which it is most likely."""
    if contract.calibration is None:
        return _silence(rule, _NOT_CALIBRATED)
    likely = max(run.scores.get(rule.class_name, 0.0) for run in runs)
    points = (each.threshold for each in contract.operating_points if each.class_name == rule.class_name)
    is_present = likely >= next(points, _EVEN)
    sure = likely if is_present else 1 - likely
    return _Stated({"kind": "presence", "is_present": is_present, "probability": _rounded(sure)})


def _of_nuclei(rule: FindingRule, case: _Case) -> _Stated:
    spread = reduce(add, (each.area_um2 for each in case.cells), Spread())
    if spread.count < LEAST_NUCLEI:
        return _silence(rule, _FEW_NUCLEI)
    ask, factor, unit = _OF_NUCLEI[rule.measure]
    estimate = ask(spread)
    limits = [None if each is None else each * factor for each in (estimate.low, estimate.high)]
    return _number(rule, Estimate(estimate.value * factor, *limits), unit)


def _of_candidates(rule: FindingRule, case: _Case) -> _Stated:
    counts = [each.candidates for each in case.cells if each.candidates is not None]
    fields = [
        (run.image_id, part.cells.hotspot)
        for run, part in zip(case.runs, case.parts, strict=True)
        if part.cells is not None and part.cells.hotspot is not None
    ]
    if len(counts) < len(case.runs) or not fields:
        return _silence(rule, _FEW_NUCLEI)
    image_id, hotspot = fullest(fields)
    shown = (_Shown(image_id, hotspot.place),)
    if rule.measure is Measure.MITOSIS_HOTSPOT:
        # Where nothing of the field was looked at, there is no density.
        area_mm2 = hotspot.looked_mm2
        if not area_mm2:
            return _silence(rule, Sentence("No patch of the field was looked at."))
        return _number(rule, density(hotspot.count, area_mm2), "/mm2", shown)
    if rule.measure is Measure.MITOSIS_CANDIDATES:
        return _Stated(_counted(rule, sum(counts)), shown)
    return _number(rule, density(sum(counts), case.looked_mm2), "/mm2", shown)


def _silence(rule: FindingRule, why: Sentence) -> _Stated:
    kind = "class" if rule.labels else _kind_of(rule.measure)
    return _Stated({"kind": kind, "has_abstained": True, "why": msgspec.to_builtins(why)})


def _kind_of(measure: Measure) -> str:
    if measure is Measure.PRESENCE:
        return "presence"
    return "count" if measure.is_count else "measurement"


def _region(shown: _Shown) -> dict[str, Any]:
    told = {"said": shown.said} if shown.said else {}
    return {"kind": "region", "image_id": shown.image_id, "region": asdict(shown.place)} | told


def _counted(rule: FindingRule, count: int) -> dict[str, Any]:
    return {"kind": "count", "number": float(count)} | _whole_limits(rule, *byar(count))


def _whole_limits(rule: FindingRule, low: float, high: float) -> dict[str, Any]:
    low, high = _widened(rule, low, high)
    return {"interval": {"low": math.floor(low), "high": math.ceil(high)}}


def _limits(rule: FindingRule, low: float, high: float) -> tuple[float, ...]:
    """Limits that mean nothing by themselves, and none where the validation of the model told none."""
    return () if rule.interval is None else (low, high)


def _number(
    rule: FindingRule,
    estimate: Estimate,
    unit: str,
    shown: tuple[_Shown, ...] = (),
    *,
    most: float = math.inf,
) -> _Stated:
    limits = None
    if estimate.low is not None and estimate.high is not None:
        low, high = _widened(rule, estimate.low, estimate.high)
        limits = low, min(high, most)
    if rule.labels:
        return _labelled(rule, limits, shown)
    stated: dict[str, Any] = {"kind": "measurement", "number": _rounded(estimate.value), "unit": unit}
    if limits is not None:
        stated["interval"] = {"low": _rounded(limits[0]), "high": _rounded(limits[1])}
    return _Stated(stated, shown)


def _labelled(rule: FindingRule, limits: tuple[float, float] | None, shown: tuple[_Shown, ...]) -> _Stated:
    """The label of a measurement; none where its interval is not known, or reaches over a limit."""
    if limits is None:
        return _silence(rule, Sentence("How sure the measurement is, is not known."))
    low, high = (bisect_right(rule.limits, each) for each in limits)
    if low != high:
        lower, upper = rule.labels[low], rule.labels[high]
        why = Sentence("It lies between {low} and {high}.", {"low": lower, "high": upper})
        return _silence(rule, why)
    return _Stated({"kind": "class", "label": rule.labels[low]}, shown)


def _widened(rule: FindingRule, low: float, high: float) -> tuple[float, float]:
    factors = rule.interval or (1.0, 1.0)
    return low * factors[0], high * factors[1]


def _rounded(number: float) -> float:
    return float(f"{number:.{_DIGITS}g}")
