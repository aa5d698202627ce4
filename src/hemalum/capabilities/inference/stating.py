"""What a run measured, as the numbers of a DICOM structured report: which run has any, and which they are."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from hemalum.analysis.pleomorphism import Estimate
from hemalum.capabilities.inference.exporting import parameters_of
from hemalum.capabilities.inference.findings import density
from hemalum.capabilities.inference.model import (
    CellsMeasured,
    Engine,
    InferenceRun,
    Measured,
    Place,
    RunState,
)
from hemalum.capabilities.inference.results import scored
from hemalum.capabilities.models.model import Version
from hemalum.capabilities.slides.model import Image
from hemalum.formats.layers.measured import AlgorithmStated, Coded, GroupStated, NumberStated
from hemalum.formats.model.contract import Contract, OutputClass, Status, Task
from hemalum.kernel.errors import Conflict
from hemalum.kernel.geometry import SpacingUm

WRITE = "hemalum.formats.layers.report:write_measurements"

_OWN = "99HEMALUM"
_AREA: Coded = ("SCT", "42798000", "Area")
_LENGTH: Coded = ("SCT", "410668003", "Length")
_PROBABILITY: Coded = ("DCM", "122157", "Probability")
_NUCLEUS: Coded = ("SCT", "84640000", "Nucleus")
_MEAN: Coded = ("SCT", "373098007", "Mean")
_SD: Coded = ("SCT", "386136009", "Standard Deviation")
"""Of pydicom's dictionary of PS3.16. What it has no code for has one of our own scheme."""
_CV: Coded = (_OWN, "cv", "Coefficient of variation")
_SHORT = {_MEAN: "mean", _SD: "sd", _CV: "cv"}
"""A code value of more than 16 characters is a long one (PS3.3 8.1), which older readers pass over."""
_SHARE: Coded = (_OWN, "share", "Share of what was looked at")
_NUMBER: Coded = (_OWN, "number", "Number")
_DENSITY: Coded = (_OWN, "density", "Number by area")
_CIRCULARITY: Coded = (_OWN, "circularity", "Circularity")
_LOOKED: Coded = (_OWN, "looked-at", "What the model looked at")
_CANDIDATE: Coded = (_OWN, "mitosis-candidate", "Candidate for a mitosis")
_USES: dict[str, Coded] = {
    Status.RESEARCH: (_OWN, "research", "Research, not validated for clinical use"),
    Status.SHADOW: (_OWN, "shadow", "In shadow, not for patients"),
    Status.CLINICAL: (_OWN, "clinical", "In clinical use"),
    Status.WITHDRAWN: (_OWN, "withdrawn", "Withdrawn"),
}


def report_of(run: InferenceRun, version: Version, image: Image, engines: Iterable[Engine]) -> dict[str, Any]:
    """The arguments of `WRITE`, without those about the image.

    Raises:
        Conflict: the run is not done, was on an earlier scan, or measured nothing.
    """
    if run.state is not RunState.DONE:
        raise Conflict("Measurements can be exported once the run is done.")
    if image.generation != run.generation:
        raise Conflict("The run was on an earlier scan, which has no DICOM form any more.")
    spacing = None if image.description is None else image.description.measurable_um
    groups = [] if spacing is None else list(_groups(run, version.contract, spacing))
    if not groups:
        raise Conflict("This run measured nothing of the slide; there is no report of it.")
    return {
        "groups": [msgspec.to_builtins(each) for each in groups],
        "algorithm": msgspec.to_builtins(_algorithm(run, version, engines)),
        "seed": run.id,
    }


def _algorithm(run: InferenceRun, version: Version, engines: Iterable[Engine]) -> AlgorithmStated:
    use = Status.SHADOW if run.is_shadow else version.status
    return AlgorithmStated(
        run.model_id,
        run.model_version,
        version.contract.identity.publisher,
        tuple(f"{name}={value}" for name, value in parameters_of(run, engines).items()),
        _USES[use],
        tuple(str(each) for each in run.outside),
    )


def _groups(run: InferenceRun, contract: Contract, spacing: SpacingUm) -> Iterator[GroupStated]:
    if contract.task is Task.SLIDE_HEAD:
        yield from _probabilities(run, contract)
    if run.measured is not None:
        yield from _of_patches(run.measured, contract)
        yield from _of_regions(run.measured, contract, spacing)
        if run.measured.cells is not None and run.measured.cells.count:
            yield from _of_cells(run.measured.cells, run.measured.looked_mm2, spacing)
            yield from _of_cell_classes(run.measured.cells, run.measured.looked_mm2, contract)


def _probabilities(run: InferenceRun, contract: Contract) -> Iterator[GroupStated]:
    named = _classes(contract)
    for name, value in run.scores.items():
        number = NumberStated(_PROBABILITY, value, "1")
        yield GroupStated(f"class/{name}", _finding(named.get(name), name), (number,))


def _of_patches(measured: Measured, contract: Contract) -> Iterator[GroupStated]:
    looked = NumberStated(_AREA, measured.looked_mm2, "mm2")
    yield GroupStated("looked-at", _LOOKED, (looked,))
    output = scored(contract)
    for one in () if output is None or not measured.looked_mm2 else output.classes:
        mm2 = measured.areas_mm2.get(one.name, 0.0)
        numbers = (
            NumberStated(_AREA, mm2, "mm2"),
            NumberStated(_SHARE, 100 * mm2 / measured.looked_mm2, "%"),
        )
        yield GroupStated(f"class/{one.name}", _finding(one, one.name), numbers)


def _of_regions(measured: Measured, contract: Contract, spacing: SpacingUm) -> Iterator[GroupStated]:
    named = _classes(contract)
    for rule in contract.findings:
        found = measured.regions.get(rule.name)
        if found is None or not rule.measure.is_of_regions:
            continue
        finding = _finding(named.get(rule.class_name), rule.class_name)
        yield GroupStated(f"regions/{rule.name}", finding, (NumberStated(_NUMBER, found.count, "1"),))
        if found.largest is not None:
            length = NumberStated(_LENGTH, found.largest_mm, "mm")
            box = _box(found.largest, spacing)
            yield GroupStated(f"largest/{rule.name}", finding, (length,), box)


def _of_cells(cells: CellsMeasured, looked_mm2: float, spacing: SpacingUm) -> Iterator[GroupStated]:
    area = cells.area_um2
    numbers = [
        NumberStated(_NUMBER, cells.count, "1"),
        *_estimated(_AREA, area.mean, "um2", _MEAN),
        *_estimated(_AREA, area.sd, "um2", _SD),
        *_estimated(_AREA, area.cv, "%", _CV, 100),
        *_estimated(_CIRCULARITY, cells.circularity.cv, "%", _CV, 100),
    ]
    if looked_mm2:
        numbers.insert(1, NumberStated(_DENSITY, cells.count / looked_mm2, "/mm2"))
    yield GroupStated("nuclei", _NUCLEUS, tuple(numbers))
    if cells.candidates is None or not looked_mm2:
        return
    counted = NumberStated(_NUMBER, cells.candidates, "1")
    by_area = _estimated(_DENSITY, density(cells.candidates, looked_mm2), "/mm2")
    yield GroupStated("mitosis-candidates", _CANDIDATE, (counted, *by_area))
    hotspot = cells.hotspot
    if hotspot is not None and hotspot.looked_mm2:
        within = (
            NumberStated(_NUMBER, hotspot.count, "1"),
            NumberStated(_AREA, hotspot.looked_mm2, "mm2"),
            *_estimated(_DENSITY, density(hotspot.count, hotspot.looked_mm2), "/mm2"),
        )
        yield GroupStated("mitosis-hotspot", _CANDIDATE, within, _box(hotspot.place, spacing))


def _of_cell_classes(cells: CellsMeasured, looked_mm2: float, contract: Contract) -> Iterator[GroupStated]:
    named = _classes(contract)
    for one in cells.classes:
        numbers = [NumberStated(_NUMBER, one.count, "1")]
        if looked_mm2:
            numbers.append(NumberStated(_DENSITY, one.count / looked_mm2, "/mm2"))
        yield GroupStated(f"nuclei/{one.name}", _finding(named.get(one.name), one.name), tuple(numbers))


def _estimated(
    concept: Coded, estimate: Estimate, unit: str, statistic: Coded | None = None, factor: float = 1
) -> Iterator[NumberStated]:
    """The number first, then the limits of its 95 % interval where these are known."""
    yield NumberStated(concept, estimate.value * factor, unit, statistic)
    meaning = "Value" if statistic is None else statistic[2]
    name = "value" if statistic is None else _SHORT[statistic]
    for end, words, limit in (("low", "lower", estimate.low), ("high", "upper", estimate.high)):
        if limit is not None:
            derivation = (_OWN, f"{name}-95-{end}", f"{meaning}, {words} limit of the 95 % interval")
            yield NumberStated(concept, limit * factor, unit, derivation)


def _classes(contract: Contract) -> dict[str, OutputClass]:
    return {one.name: one for output in contract.outputs for one in output.classes}


def _finding(known: OutputClass | None, name: str) -> Coded:
    if known is None or known.code is None:
        return _OWN, name, name if known is None else known.title
    return known.code.scheme, known.code.value, known.code.meaning or known.title


def _box(place: Place, spacing: SpacingUm) -> tuple[float, float, float, float]:
    return (
        place.x_um / spacing.x_um,
        place.y_um / spacing.y_um,
        place.width_um / spacing.x_um,
        place.height_um / spacing.y_um,
    )
