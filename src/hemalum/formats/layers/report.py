"""What a model measured on a slide as a DICOM structured report by TID 1500 (PS3.16), through highdicom.

Numbers of the slide as a whole stand in a Measurement Group (TID 1501), those of a place in a Planar ROI
Measurements group (TID 1410) with the rectangle of the place on the total pixel matrix of level 0. Every
group names the algorithm (TID 4019) and what it may be used for. Nobody has verified such a report: it is
unverified and preliminary.

Plain arguments, for a child process: `header` is the level-0 instance up to its pixels.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import highdicom
import numpy as np
from highdicom import sr
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from hemalum.formats.annotations.dicom_report import measurement_report
from hemalum.formats.annotations.dicom_source import CLASS_SCHEME, bytes_of, read_source, text_of
from hemalum.formats.dicom.uids import derived_uid
from hemalum.formats.layers.measured import AlgorithmStated, Coded, GroupStated, NumberStated
from hemalum.kernel.typed import typed

_USE = Code("use", CLASS_SCHEME, "Use that is allowed")
_VALIDATED = Code("validated-use", CLASS_SCHEME, "Validated use")
_WITHIN = Code("within", CLASS_SCHEME, "Within validated use")
_OUTSIDE = Code("outside", CLASS_SCHEME, "Outside validated use")
_MOST_WORDS = 1024


def write_measurements(
    header: bytes,
    groups: Sequence[Mapping[str, Any]],
    algorithm: Mapping[str, Any],
    seed: str,
    *,
    names_patient: bool,
) -> bytes:
    """The report for `measured.GroupStated` and `measured.AlgorithmStated` as plain values.

    `seed` is the id of the run: tracking UIDs depend on it alone, so that all reports of one run share them.
    """
    source = read_source(header, names_patient=names_patient)
    told = typed(algorithm, AlgorithmStated)
    observer = sr.ObserverContext(
        observer_type=codes.DCM.Device,
        observer_identifying_attributes=sr.DeviceObserverIdentifyingAttributes(
            uid=derived_uid(f"{told.name}/{told.version}", "observer"),
            name=text_of(f"{told.name} {told.version}"),
            manufacturer_name=text_of(told.publisher),
            model_name=text_of(told.name),
        ),
    )
    made = measurement_report(
        source,
        sr.ObservationContext(observer_device_context=observer),
        [_group(typed(each, GroupStated), told, seed, source) for each in groups],
        is_complete=True,
        is_final=False,
    )
    return bytes_of(made)


def _group(group: GroupStated, told: AlgorithmStated, seed: str, source: Any) -> Any:
    common = {
        "tracking_identifier": sr.TrackingIdentifier(
            uid=highdicom.UID(derived_uid(seed, group.name)), identifier=text_of(group.name)
        ),
        "finding_type": _code(group.finding),
        "algorithm_id": sr.AlgorithmIdentification(
            name=text_of(told.name),
            version=text_of(told.version),
            family=codes.DCM.ArtificialIntelligence,
            manufacturer=text_of(told.publisher),
            parameters=[
                *(text_of(each, _MOST_WORDS) for each in told.parameters),
                *(text_of(f"outside validated use: {each}", _MOST_WORDS) for each in told.outside),
            ],
        ),
        "measurements": [_number(each) for each in group.numbers],
        "qualitative_evaluations": [
            sr.QualitativeEvaluation(_USE, _code(told.use)),
            sr.QualitativeEvaluation(_VALIDATED, _OUTSIDE if told.outside else _WITHIN),
        ],
    }
    if group.box_px is None:
        image = sr.SourceImageForMeasurementGroup.from_source_image(source)
        return sr.MeasurementsAndQualitativeEvaluations(**common, source_images=[image])
    region = sr.ImageRegion(
        "POLYLINE", _corners(group.box_px), sr.SourceImageForRegion.from_source_image(source), "VOLUME"
    )
    return sr.PlanarROIMeasurementsAndQualitativeEvaluations(**common, referenced_region=region)


def _number(stated: NumberStated) -> Any:
    return sr.Measurement(
        name=_code(stated.concept),
        value=stated.value,
        unit=Code(stated.unit, "UCUM", "no units" if stated.unit == "1" else stated.unit),
        derivation=None if stated.derivation is None else _code(stated.derivation),
    )


def _corners(box_px: tuple[float, float, float, float]) -> Any:
    left, top, width, height = box_px
    right, bottom = left + width, top + height
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom], [left, top]])


def _code(coded: Coded) -> Code:
    scheme, value, meaning = coded
    return Code(value, scheme, text_of(meaning))
