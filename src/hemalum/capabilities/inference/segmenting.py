"""A run as a DICOM Segmentation: of which models there is one, and what a child process is told to write."""

import io
from collections.abc import Iterable
from typing import Any

import msgspec
import numpy as np

from hemalum.capabilities.inference.exporting import Exported, parameters_of
from hemalum.capabilities.inference.model import WHOLE, InferenceRun
from hemalum.capabilities.inference.results import bins_on, gather, predicted, raster_on, scored
from hemalum.capabilities.slides.model import Image
from hemalum.formats.layers.segments import SegmentationForm, SegmentNamed
from hemalum.formats.model.contract import Contract, Output, OutputClass
from hemalum.kernel.errors import Conflict

WRITE = "hemalum.formats.layers.segmentation:write_segmentation"


def segmented(contract: Contract, form: SegmentationForm) -> Output:
    """The output whose classes become segments.

    Raises:
        Conflict: the model tells no classes of patches apart, or gives no probabilities of them.
    """
    output = scored(contract)
    if output is None or contract.input is None:
        raise Conflict(
            "This model does not classify patches, so there is nothing to export as a segmentation."
        )
    if form is SegmentationForm.PROBABILITIES and not _is_probability(output):
        raise Conflict(
            "This model gives no probabilities; only its classes can be exported as a segmentation."
        )
    return output


def check_segmentable(run: InferenceRun, image: Image) -> None:
    """Whether a run is whole and lies on the scan that there is.

    Raises:
        Conflict: it is not, or does not.
    """
    if run.state not in WHOLE or not run.patches:
        raise Conflict("A segmentation can be exported once the run is done.")
    if image.generation != run.generation:
        raise Conflict("The run was on an earlier scan, which has no DICOM form any more.")


def segmentation_of(
    exported: Exported, form: SegmentationForm, image: Image, grid: tuple[int, int], chunks: Iterable[bytes]
) -> dict[str, Any]:
    """The arguments of `WRITE`, without those about the image; `grid` is that of the plan, `chunks` what the
    blobs of the run hold.

    Raises:
        Conflict: no raster of squares lies over the slide. Otherwise as `segmented` does.
    """
    run, contract = exported.run, exported.version.contract
    output = segmented(contract, form)
    assert contract.input is not None
    lies = raster_on(image, contract.input)
    if lies is None:
        raise Conflict("The pixels of this slide are not square, so no raster of patches fits it.")
    pitch_px, origin_px = lies
    found = gather(contract, grid, chunks)
    assert found.values is not None
    rows, columns = bins_on(image, pitch_px, origin_px)
    values, abstained = found.values[:rows, :columns], found.abstained[:rows, :columns]
    packed = io.BytesIO()
    np.savez(packed, values=values, predicted=predicted(contract, output, values), abstained=abstained)
    return {
        "raster": packed.getvalue(),
        "form": form.value,
        "segments": [msgspec.to_builtins(_segment(each)) for each in output.classes],
        "producer": [run.model_id, run.model_version],
        "parameters": parameters_of(run, exported.engines),
        "title": f"{run.model_name} {run.model_version}",
        "pitch_px": pitch_px,
        "origin_px": [origin_px, origin_px],
    }


def _is_probability(output: Output) -> bool:
    low, high = output.range or (0.0, 1.0)
    return output.unit == "1" and low >= 0 and high <= 1


def _segment(known: OutputClass) -> SegmentNamed:
    code = known.code
    return SegmentNamed(
        known.name,
        known.title,
        known.colour,
        None if code is None else (code.scheme, code.value, code.meaning),
    )
