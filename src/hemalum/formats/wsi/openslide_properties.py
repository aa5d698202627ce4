"""What OpenSlide's properties say, in the field's terms.

Their names are those of https://openslide.org/formats/; one that stands under a different number in each file
is given as a pattern. Of several the first that holds something counts.
"""

from collections.abc import Mapping
from datetime import datetime
from fnmatch import fnmatchcase

from hemalum.kernel.sentence import Sentence

VENDORS = {
    "aperio": "Aperio",
    "argos": "Argos",
    "hamamatsu": "Hamamatsu",
    "huron": "Huron",
    "leica": "Leica",
    "mirax": "3DHISTECH",
    "philips": "Philips",
    "sakura": "Sakura",
    "trestle": "Trestle",
    "ventana": "Ventana",
    "zeiss": "Zeiss",
}
"""Who makes the scanners, by OpenSlide's name of the format."""

_TAGS = {
    "scanner_model": (
        "leica.device-model",
        "mirax.NONHIERLAYER_*.SCANNER_HARDWARE_VERSION",
        "philips.DICOM_MANUFACTURERS_MODEL_NAME",
        "ventana.ScannerModel",
        "zeiss.Information.Instrument.Microscopes.*.Name",
        "tiff.Model",
        "hamamatsu.Product",
    ),
    "scanner_serial": (
        "hamamatsu.NDP.S/N",
        "mirax.NONHIERLAYER_*.SCANNER_HARDWARE_ID",
        "philips.DICOM_DEVICE_SERIAL_NUMBER",
        "ventana.UnitNumber",
    ),
    "software": (
        "leica.device-version",
        "mirax.NONHIERLAYER_*.SCANNER_SOFTWARE_VERSION",
        "philips.DICOM_SOFTWARE_VERSIONS",
        "ventana.BuildVersion",
        "zeiss.Information.Application.Name",
        "tiff.Software",
    ),
    "barcode": ("openslide.barcode", "leica.barcode"),
    "acquired_at": (
        "leica.creation-date",
        "mirax.GENERAL.SLIDE_CREATIONDATETIME",
        "philips.DICOM_ACQUISITION_DATETIME",
        "zeiss.Information.Image.AcquisitionDateAndTime",
        "tiff.DateTime",
        "hamamatsu.Created",
    ),
}
_MOMENTS = ("%Y:%m:%d %H:%M:%S", "%Y%m%d%H%M%S.%f", "%d/%m/%Y %H:%M:%S")
_DAY = "%Y/%m/%d"
_PLANES = ("hamamatsu.NoLayers", "ventana.Z-layers")

SEVERAL_PLANES = Sentence("The file holds several focal planes; one of them is shown.")


def read_tags(properties: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Fields of a `SlideDescription` with their values, and the property that each was taken from."""
    values: dict[str, str] = {}
    sources: dict[str, str] = {}
    for field, patterns in _TAGS.items():
        for tag in (tag for pattern in patterns for tag in sorted(properties) if fnmatchcase(tag, pattern)):
            text = _text(tag, properties[tag])
            if value := _moment(text) if field == "acquired_at" else text:
                values[field], sources[field] = value, tag
                break
    return values, sources


def has_several_planes(properties: Mapping[str, str]) -> bool:
    """Whether they tell of focal planes besides the one that OpenSlide shows; NDPI and SCN do not tell."""
    tags = list(_PLANES)
    for number in range(_count(properties.get("mirax.HIERARCHICAL.HIER_COUNT"))):
        axis = f"mirax.HIERARCHICAL.HIER_{number}"
        tags += [f"{axis}_COUNT"] if properties.get(f"{axis}_NAME") == "Microscope focus level" else []
    return any(_count(properties.get(tag)) > 1 for tag in tags)


def _count(text: str | None) -> int:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 4 else 0


def _text(tag: str, value: str) -> str:
    """Leica puts semicolons between several devices, of which the first scanned; Philips quotes."""
    if tag.startswith("leica.device-"):
        value = value.split(";")[0]
    return value.replace('"', "").strip() if tag.startswith("philips.") else value.strip()


def _moment(value: str) -> str | None:
    """ISO 8601; a day alone stays one."""
    for form in (*_MOMENTS, _DAY):
        try:
            moment = datetime.strptime(value, form)  # noqa: DTZ007 - the file states no zone
        except ValueError:
            continue
        return moment.date().isoformat() if form == _DAY else moment.isoformat()
    try:
        return datetime.fromisoformat(value).isoformat() if "T" in value else None
    except ValueError:
        return None
