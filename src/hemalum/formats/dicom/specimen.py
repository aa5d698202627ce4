"""The specimen of the metadata profile in DICOM headers, there and back.

Primary Anatomic Structure with its side, and one Specimen Preparation Step each for collection, fixation,
embedding, sectioning and staining (PS3.3 C.7.6.22; PS3.16 TID 8001, 8003). What people said of the patient
stands in no header of an image.
"""

from typing import Any

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from hemalum.formats.dicom import describe as say
from hemalum.formats.dicom.codes import code_item
from hemalum.formats.profile.record import Concept, Specimen
from hemalum.formats.profile.terms import Code

_IDENTIFIER = Code("DCM", "121041", "Specimen Identifier")
_PROCESSING_TYPE = Code("DCM", "111701", "Processing type")
_DESCRIPTION = Code("DCM", "111703", "Processing step description")
_COLLECTION = Code("SCT", "17636008", "Specimen collection")
_PROCESSING = Code("SCT", "9265001", "Specimen processing")
_STAINING = Code("SCT", "127790008", "Staining")
_FIXATIVE = Code("SCT", "430864009", "Tissue Fixative")
_EMBEDDING = Code("SCT", "430863003", "Tissue embedding medium")
_SUBSTANCE = Code("SCT", "424361007", "Using substance")
_THICKNESS = Code("DCM", "112225", "Slice Thickness")
_UM = Code("UCUM", "um", "um")
_RETIRED_SUBSTANCE = ("SRT", "G-C350")
_MOST_MEANING = 64
_MOST_IDENTIFIER = 64
_MOST_CODES = 32
"""Of an element that is read; headers come from anybody."""


def write_specimen(item: Any, specimen: Specimen) -> None:
    """Put the codes of a specimen into an item of a Specimen Description Sequence that has its identifier."""
    if specimen.site is not None and specimen.site.codes:
        structures = [_item(code) for code in specimen.site.codes]
        if specimen.laterality is not None and specimen.laterality.codes:
            sides = [_item(code) for code in specimen.laterality.codes]
            structures[0].PrimaryAnatomicStructureModifierSequence = Sequence(sides)
        item.PrimaryAnatomicStructureSequence = Sequence(structures)
    steps = [_step(item.SpecimenIdentifier, content) for content in _steps(specimen)]
    if steps:
        item.SpecimenPreparationSequence = Sequence(steps)


def read_specimen(item: Any) -> Specimen | None:
    """The codes in an item of a Specimen Description Sequence; None where it has none."""
    site = say.sequence(item, "PrimaryAnatomicStructureSequence")
    sides = say.sequence(site[0], "PrimaryAnatomicStructureModifierSequence") if site else []
    content = [
        each
        for step in say.sequence(item, "SpecimenPreparationSequence")
        for each in say.sequence(step, "SpecimenPreparationStepContentItemSequence")
    ]
    found = {
        "site": _concept(site),
        "laterality": _concept(sides),
        "collection": _concept(_values(content, _COLLECTION.key)),
        "fixative": _concept(_values(content, _FIXATIVE.key)),
        "embedding": _concept(_values(content, _EMBEDDING.key)),
        "stain": _concept(_values(content, _SUBSTANCE.key, _RETIRED_SUBSTANCE)),
    }
    if not any(found.values()):
        return None
    identifier = (say.text(item, "SpecimenIdentifier") or "")[:_MOST_IDENTIFIER]
    return Specimen(identifier, thickness_um=_thickness(content), **found)


def _steps(specimen: Specimen) -> list[list[Any]]:
    steps = []
    if specimen.collection is not None and specimen.collection.codes:
        steps.append([_code(_PROCESSING_TYPE, _COLLECTION), *_codes(_COLLECTION, specimen.collection)])
    for name, concept, described in (
        (_FIXATIVE, specimen.fixative, "Fixation"),
        (_EMBEDDING, specimen.embedding, "Embedding"),
    ):
        if concept is not None and concept.codes:
            steps.append([*_processing(described), *_codes(name, concept)])
    if specimen.thickness_um is not None:
        steps.append([*_processing("Sectioning"), _number(_THICKNESS, specimen.thickness_um)])
    if specimen.stain is not None and specimen.stain.codes:
        steps.append([_code(_PROCESSING_TYPE, _STAINING), *_codes(_SUBSTANCE, specimen.stain)])
    return steps


def _step(identifier: str, content: list[Any]) -> Any:
    step = Dataset()
    step.SpecimenPreparationStepContentItemSequence = Sequence([_text(_IDENTIFIER, identifier), *content])
    return step


def _processing(described: str) -> list[Any]:
    return [_code(_PROCESSING_TYPE, _PROCESSING), _text(_DESCRIPTION, described)]


def _item(code: Code) -> Any:
    item = code_item(code.value, code.scheme, (code.meaning or code.value)[:_MOST_MEANING])
    if code.version:
        item.CodingSchemeVersion = code.version
    return item


def _content(kind: str, name: Code) -> Any:
    item = Dataset()
    item.ValueType = kind
    item.ConceptNameCodeSequence = Sequence([_item(name)])
    return item


def _code(name: Code, value: Code) -> Any:
    item = _content("CODE", name)
    item.ConceptCodeSequence = Sequence([_item(value)])
    return item


def _codes(name: Code, concept: Concept) -> list[Any]:
    return [_code(name, value) for value in concept.codes]


def _text(name: Code, value: str) -> Any:
    item = _content("TEXT", name)
    item.TextValue = value
    return item


def _number(name: Code, value: float) -> Any:
    item = _content("NUMERIC", name)
    item.NumericValue = f"{value:.10g}"
    item.MeasurementUnitsCodeSequence = Sequence([_item(_UM)])
    return item


def _values(content: list[Any], *names: tuple[str, str]) -> list[Any]:
    """The coded values of the content items that are called so."""
    return [
        value
        for each in content
        if _key(each) in names
        for value in say.sequence(each, "ConceptCodeSequence")
    ]


def _key(item: Any) -> tuple[str, str]:
    name = say.first(item, "ConceptNameCodeSequence")
    if name is None:
        return "", ""
    return say.text(name, "CodingSchemeDesignator") or "", say.text(name, "CodeValue") or ""


def _concept(items: list[Any]) -> Concept | None:
    codes = [
        Code(
            say.text(item, "CodingSchemeDesignator") or "",
            say.text(item, "CodeValue") or say.text(item, "LongCodeValue") or "",
            say.text(item, "CodeMeaning") or "",
            say.text(item, "CodingSchemeVersion") or "",
        )
        for item in items[:_MOST_CODES]
    ]
    kept = {code.key: code for code in codes if code.scheme and code.value}
    return Concept(tuple(kept.values())) if kept else None


def _thickness(content: list[Any]) -> float | None:
    for item in content:
        unit = say.first(item, "MeasurementUnitsCodeSequence")
        if _key(item) != _THICKNESS.key or unit is None or say.text(unit, "CodeValue") != _UM.value:
            continue
        value = say.number(item, "NumericValue")
        if value is not None and value > 0:
            return value
    return None
