"""What runs of a model over the slides of a case say together, in the form in which programs hand it in.

How surely a number of cells is known: Byar's approximation to the exact interval of a Poisson count
(N. E. Breslow and N. E. Day, Statistical Methods in Cancer Research II, IARC 1987, section 2.3), widened by
what the validation of the model found.
"""

import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hemalum.capabilities.inference.model import InferenceRun, RunState
from hemalum.capabilities.inference.results import predicted, scored
from hemalum.formats.model.contract import Contract, FindingRule, Measure

_Z = 1.96
"""Of a 95 % interval."""
_DIGITS = 4
_OF_CELLS = (Measure.CELLS, Measure.CELL_DENSITY)


@dataclass(frozen=True, slots=True)
class Measured:
    """What one run adds to the findings of a case. Sums over slides are those of the case."""

    looked_mm2: float = 0.0
    """Of patches where the model did not abstain."""
    areas_mm2: Mapping[str, float] = field(default_factory=dict)
    """Of the patches of each class."""
    cells: int = 0


def measured(contract: Contract, chunks: Iterable[bytes], cells: int) -> Measured:
    """What the chunks of a run hold; `cells` is how many cells it found, each counted once."""
    given, output = contract.input, scored(contract)
    assert given is not None
    stride_px = given.stride_px or given.tile_px - 2 * given.context_px
    patch_mm2 = (stride_px * given.um_per_px / 1000) ** 2
    patches = 0
    counts = np.zeros(0 if output is None else len(output.classes), np.int64)
    for chunk in chunks:
        with np.load(io.BytesIO(chunk), allow_pickle=False) as arrays:
            said = ~arrays["abstained"]
            patches += int(said.sum())
            if output is not None and said.any():
                classes = predicted(contract, output, arrays[f"output.{output.name}"][said])
                counts += np.bincount(classes[classes >= 0], minlength=len(counts))
    names = () if output is None else [each.name for each in output.classes]
    areas = {name: int(count) * patch_mm2 for name, count in zip(names, counts, strict=True)}
    return Measured(patches * patch_mm2, areas, cells)


def findings_of(
    contract: Contract, runs: Sequence[InferenceRun], parts: Sequence[Measured]
) -> list[dict[str, Any]]:
    """Findings as plain values, one for each rule of the contract, of runs on different slides.

    Where the model abstained or failed on one of the slides, nothing is known of the whole and stated.
    """
    silent = sum(run.state is not RunState.DONE for run in runs)
    whole = Measured(
        sum(each.looked_mm2 for each in parts),
        {name: sum(each.areas_mm2.get(name, 0.0) for each in parts) for name in _classes(parts)},
        sum(each.cells for each in parts),
    )
    supports = [
        {"kind": "layer", "reference": layer, "image_id": run.image_id}
        for run in runs
        for layer in run.layers
    ]
    model = {"kind": "model", "name": contract.identity.id, "version": contract.identity.version}
    found = []
    for rule in contract.findings:
        stated = _stated(rule, whole)
        if silent or not whole.looked_mm2:
            kept = {"kind": stated["kind"], "has_abstained": True}
            stated = kept | {"why": f"no answer on {silent}/{len(runs)} slides"}
        found.append({"id": rule.name, "name": rule.name, "model": model, "supports": supports} | stated)
    return found


def _classes(parts: Sequence[Measured]) -> list[str]:
    return sorted({name for each in parts for name in each.areas_mm2})


def _stated(rule: FindingRule, whole: Measured) -> dict[str, Any]:
    if rule.measure is Measure.CELLS:
        low, high = _widened(rule, *byar(whole.cells))
        return {
            "kind": "count",
            "number": float(whole.cells),
            "interval": {"low": math.floor(low), "high": math.ceil(high)},
        }
    if rule.measure is Measure.CELL_DENSITY:
        area = whole.looked_mm2 or math.inf
        return _number(rule, whole.cells / area, "/mm2", *(each / area for each in byar(whole.cells)))
    mm2 = whole.areas_mm2.get(rule.class_name, 0.0)
    if rule.measure is Measure.AREA:
        return _number(rule, mm2, "mm2", mm2, mm2)
    percent = 100 * mm2 / (whole.looked_mm2 or math.inf)
    return _number(rule, percent, "%", percent, percent, most=100.0)


def _number(
    rule: FindingRule, number: float, unit: str, low: float, high: float, *, most: float = math.inf
) -> dict[str, Any]:
    stated: dict[str, Any] = {"kind": "measurement", "number": _rounded(number), "unit": unit}
    # A number without anything known of its uncertainty has no interval; none is made up.
    if rule.interval is not None or rule.measure in _OF_CELLS:
        low, high = _widened(rule, low, high)
        stated["interval"] = {"low": _rounded(low), "high": _rounded(min(high, most))}
    return stated


def _widened(rule: FindingRule, low: float, high: float) -> tuple[float, float]:
    factors = rule.interval or (1.0, 1.0)
    return low * factors[0], high * factors[1]


def byar(count: int) -> tuple[float, float]:
    """Between which means of a Poisson distribution a count may lie, with 95 % confidence."""
    low = 0.0 if count == 0 else count * (1 - 1 / (9 * count) - _Z / (3 * math.sqrt(count))) ** 3
    more = count + 1
    return max(low, 0.0), more * (1 - 1 / (9 * more) + _Z / (3 * math.sqrt(more))) ** 3


def _rounded(number: float) -> float:
    return float(f"{number:.{_DIGITS}g}")
