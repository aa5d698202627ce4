"""What is drawn on an image, as files."""

from collections.abc import Iterator, Mapping, Sequence

from hemalum.analysis.quantities import Quantity
from hemalum.capabilities.annotations.model import Exported, ExportForm, MeasuredOrNot, State
from hemalum.formats.annotations.geojson import feature_of, write_geojson
from hemalum.formats.annotations.model import Annotation
from hemalum.formats.spreadsheet import BYTE_ORDER_MARK, line_of

type Found = Sequence[tuple[State, MeasuredOrNot]]
"""Annotations that are there, with what was measured of them."""

COLUMNS = (
    "id",
    "kind",
    "class",
    "name",
    "note",
    "plane",
    "area_um2",
    "area_uncertainty_um2",
    "perimeter_um",
    "perimeter_uncertainty_um",
    "length_um",
    "length_uncertainty_um",
    "drawn_by",
    "drawn_at",
    "changed_by",
    "changed_at",
)
"""Of the CSV. Uncertainties are half-widths of the interval of about 95 % (k = 2)."""


def write(form: ExportForm, found: Found, colours: Mapping[str, str]) -> Exported:
    """A file of a form that is no DICOM. `colours` are those of classes by name."""
    match form:
        case ExportForm.GEOJSON:
            features = [
                feature_of(annotation, colours, _named(measured)) for annotation, measured in _drawn(found)
            ]
            return Exported(write_geojson(features), "application/geo+json", "geojson")
        case ExportForm.ASAP:
            # The XML writer is loaded by whoever asks for it, not with every command of the node.
            from hemalum.formats.annotations.asap import write_asap

            content, left_out = write_asap((annotation for annotation, _ in _drawn(found)), colours)
            return Exported(content, "application/xml", "xml", left_out)
        case _:
            lines = [BYTE_ORDER_MARK, line_of(COLUMNS), *(line_of(_cells(*each)) for each in found)]
            return Exported("".join(lines).encode(), "text/csv; charset=utf-8", "csv")


def _drawn(found: Found) -> Iterator[tuple[Annotation, MeasuredOrNot]]:
    for state, measured in found:
        assert state.annotation is not None
        yield state.annotation, measured


def _named(measured: MeasuredOrNot) -> dict[str, float]:
    """Measurements under the names that QuPath gives them."""
    named = {
        "Area µm^2": measured.area_um2,
        "Perimeter µm": measured.perimeter_um,
        "Length µm": measured.length_um,
    }
    return {name: quantity.value for name, quantity in named.items() if quantity is not None}


def values_of(measured: MeasuredOrNot) -> dict[str, float]:
    """The measured numbers by name, without their uncertainty."""
    quantities = {name: getattr(measured, name) for name in ("area_um2", "perimeter_um", "length_um")}
    return {name: quantity.value for name, quantity in quantities.items() if quantity is not None}


def _cells(state: State, measured: MeasuredOrNot) -> Iterator[str]:
    annotation = state.annotation
    assert annotation is not None
    yield annotation.id
    yield annotation.kind.value
    yield annotation.class_name or ""
    yield annotation.name
    yield annotation.note
    yield "" if annotation.plane is None else str(annotation.plane)
    for quantity in (measured.area_um2, measured.perimeter_um, measured.length_um):
        yield from _numbers(quantity)
    yield state.created.person_name
    yield state.created.at.isoformat()
    yield state.changed.person_name
    yield state.changed.at.isoformat()


def _numbers(quantity: Quantity | None) -> tuple[str, str]:
    if quantity is None:
        return "", ""
    return f"{quantity.value:.6g}", f"{quantity.uncertainty:.3g}"
