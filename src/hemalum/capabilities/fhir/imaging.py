"""The images of a case (ImagingStudy, R4 11.3), and where DICOMweb gives them out."""

from collections.abc import Iterator, Sequence

from hemalum.capabilities.cases.model import Material
from hemalum.capabilities.fhir.model import finish
from hemalum.capabilities.fhir.opened import OpenedCase, Scan
from hemalum.formats.fhir import values
from hemalum.formats.fhir.values import Resource

_DCM = "http://dicom.nema.org/resources/ontology/DCM"
_MICROSCOPY = values.coding(_DCM, "SM", "Slide Microscopy")
_ENDPOINT = "dicomweb"


def studies_of(opened: OpenedCase) -> dict[str, list[tuple[Material, Scan]]]:
    """Scans with their slides, by the UID of their study; those alone that can be had."""
    found: dict[str, list[tuple[Material, Scan]]] = {}
    for piece in opened.material:
        for image_id in piece.image_ids:
            scan = opened.scans.get(image_id)
            if scan is not None and scan.summary.study_uid and scan.summary.series_uid:
                found.setdefault(scan.summary.study_uid, []).append((piece, scan))
    return found


def imaging_studies(opened: OpenedCase) -> Iterator[Resource]:
    """Each study of the case; its id is its UID."""
    for study_uid, scans in studies_of(opened).items():
        yield _study(opened, study_uid, scans)


def _study(opened: OpenedCase, study_uid: str, scans: Sequence[tuple[Material, Scan]]) -> Resource:
    series = [_series(piece, scan) for piece, scan in scans]
    resource: Resource = {
        "resourceType": "ImagingStudy",
        "id": study_uid,
        "contained": [
            {
                "resourceType": "Endpoint",
                "id": _ENDPOINT,
                "status": "active",
                "connectionType": values.coding(
                    "http://terminology.hl7.org/CodeSystem/endpoint-connection-type", "dicom-wado-rs"
                ),
                "payloadType": [values.concept("DICOM")],
                "address": f"{opened.base}/dicomweb",
            }
        ],
        "identifier": [{"system": values.DICOM_UID, "value": f"urn:oid:{study_uid}"}],
        "status": "available",
        "modality": [_MICROSCOPY],
        "subject": opened.subject,
        "basedOn": opened.orders,
        "endpoint": [{"reference": f"#{_ENDPOINT}"}],
        "numberOfSeries": len(series),
        "numberOfInstances": sum(one["numberOfInstances"] for one in series),
        "series": series,
    }
    return finish(values.without_empty(resource), opened.case.changed_at)


def _series(piece: Material, scan: Scan) -> Resource:
    # What may show the label of the glass is not told of: who may see that is a question of its own.
    told = [one for one in scan.instances if not one.may_show_label]
    series: Resource = {
        "uid": scan.summary.series_uid,
        "modality": _MICROSCOPY,
        "description": piece.description,
        "numberOfInstances": len(told),
        "specimen": [values.reference("Specimen", piece.id)],
        "instance": [
            {
                "uid": one.sop_instance_uid,
                "sopClass": {"system": "urn:ietf:rfc:3986", "code": f"urn:oid:{one.sop_class_uid}"},
                "number": one.instance_number,
            }
            for one in told
        ],
    }
    return values.without_empty(series)
