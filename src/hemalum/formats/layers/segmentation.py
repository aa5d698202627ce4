"""What a model said of the patches of a slide as a DICOM Segmentation (PS3.3 A.51), through highdicom.

One pixel is one patch; the raster is tiled and lies on the slide (PS3.3 C.8.20.2). A patch of which the model
said nothing stands in a segment of its own, so that no reader takes it for a low value.

Plain arguments, for a child process: `header` is the level-0 instance up to its pixels.
"""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import highdicom
import numpy as np
from highdicom.color import CIELabColor
from highdicom.seg import Segmentation, SegmentDescription
from numpy.typing import NDArray
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from hemalum.formats.annotations.dicom_source import (
    CLASS_SCHEME,
    SERIES_NUMBER,
    bytes_of,
    code_of,
    equipment,
    read_source,
    text_of,
)
from hemalum.formats.layers.dicom import MOST_OF_PARAMETER, place_on_slide
from hemalum.formats.layers.segments import SegmentationForm, SegmentNamed
from hemalum.kernel.typed import typed

TILE_SIDE = 256
_MOST_FRACTION = 255
_ABSTAINED = Code("abstained", CLASS_SCHEME, "Abstained")
_ABSTAINED_COLOUR = "#888888"

type Array = NDArray[Any]


def write_segmentation(
    header: bytes,
    raster: bytes,
    form: str,
    segments: Sequence[Mapping[str, Any]],
    producer: Sequence[str],
    parameters: Mapping[str, str],
    title: str,
    *,
    pitch_px: float,
    origin_px: Sequence[float],
    names_patient: bool,
) -> bytes:
    """The object for a raster of patches.

    `raster` is an .npz: `values` (rows, columns, classes), 0 to 1 and NaN where nothing was looked at;
    `predicted` (rows, columns), the class of each patch, -1 for none of them; and `abstained`. A patch is
    `pitch_px` level-0 pixels wide, the first begins at `origin_px` (across, down). `producer` is the name and
    the version of what made it, `parameters` how it came about.
    """
    with np.load(io.BytesIO(raster), allow_pickle=False) as arrays:
        pixels = _pixels(SegmentationForm(form), arrays["values"], arrays["predicted"], arrays["abstained"])
    source = read_source(header, names_patient=names_patient)
    measures, orientation, position = place_on_slide(source, pitch_px, (origin_px[0], origin_px[1]))
    name, version = (text_of(each) for each in producer)
    algorithm = highdicom.AlgorithmIdentificationSequence(
        name=name,
        family=codes.DCM.ArtificialIntelligence,
        version=version,
        parameters={each: text_of(value, MOST_OF_PARAMETER) for each, value in parameters.items()},
    )
    named = [typed(each, SegmentNamed) for each in segments]
    is_binary = form == SegmentationForm.CLASSES
    made = Segmentation(
        source_images=[source],
        pixel_array=pixels[np.newaxis],
        segmentation_type="BINARY" if is_binary else "FRACTIONAL",
        segment_descriptions=[
            *(_described(number, each, algorithm) for number, each in enumerate(named, 1)),
            _abstained(len(named) + 1, algorithm),
        ],
        series_instance_uid=highdicom.UID(),
        series_number=SERIES_NUMBER,
        sop_instance_uid=highdicom.UID(),
        instance_number=1,
        max_fractional_value=_MOST_FRACTION,
        content_label=form.upper(),
        content_description=text_of(title),
        pixel_measures=measures,
        plane_orientation=orientation,
        plane_positions=[position],
        tile_pixel_array=True,
        tile_size=(TILE_SIDE, TILE_SIDE),
        dimension_organization_type="TILED_SPARSE",
        **equipment(),
    )
    # Type 2C (PS3.3 C.7.6.1): may be empty, and dciodvfy misses it.
    made.PatientOrientation = None
    return bytes_of(made)


def _pixels(form: SegmentationForm, values: Array, predicted: Array, abstained: Array) -> Array:
    """(rows, columns, segments), the last of which is where the model abstained."""
    said = ~np.isnan(values[..., 0]) & ~abstained
    if form is SegmentationForm.CLASSES:
        numbers = np.arange(values.shape[-1])
        of_classes = (predicted[..., np.newaxis] == numbers) & said[..., np.newaxis]
        return np.concatenate([of_classes, abstained[..., np.newaxis]], axis=-1).astype(np.uint8)
    known = np.where(said[..., np.newaxis], values, 0.0)
    return np.concatenate([known, abstained[..., np.newaxis]], axis=-1).astype(np.float32)


def _described(number: int, segment: SegmentNamed, algorithm: Any) -> SegmentDescription:
    kind = code_of(segment.name)
    if segment.code is not None:
        scheme, value, meaning = segment.code
        kind = Code(value, scheme, text_of(meaning or segment.title))
    rgb = bytes.fromhex(segment.colour.removeprefix("#"))
    return SegmentDescription(
        segment_number=number,
        segment_label=text_of(segment.title),
        segmented_property_category=codes.SCT.Tissue,
        segmented_property_type=kind,
        algorithm_type="AUTOMATIC",
        algorithm_identification=algorithm,
        display_color=CIELabColor.from_rgb(*rgb) if rgb else None,
    )


def _abstained(number: int, algorithm: Any) -> SegmentDescription:
    return SegmentDescription(
        segment_number=number,
        segment_label=_ABSTAINED.meaning,
        segmented_property_category=codes.SCT.SpatialAndRelationalConcept,
        segmented_property_type=_ABSTAINED,
        algorithm_type="AUTOMATIC",
        algorithm_identification=algorithm,
        display_color=CIELabColor.from_rgb(*bytes.fromhex(_ABSTAINED_COLOUR.removeprefix("#"))),
    )
