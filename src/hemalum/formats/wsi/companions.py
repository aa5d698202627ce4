"""Slides of several files, of which one is opened: which others lie beside it.

MIRAX keeps the slide in a folder named after the file; Hamamatsu's VMS and VMU are a text that names images
beside it; Trestle keeps the macro picture in a file of its own (https://openslide.org/formats/).
"""

import re
from pathlib import Path

_VMS_GROUP = re.compile(r"\s*\[(Uncompressed )?Virtual Microscope Specimen\]")
_VMS_NAME = re.compile(r"^(?:ImageFile[^=\n]*|MapFile|MacroImage|OptimisationFile)=(.+?)\s*$", re.MULTILINE)
_VMS_KINDS = frozenset((".jpg", ".jpeg", ".ngr", ".opt"))
_OPTIONAL = frozenset((".opt",))
_MAX_TEXT_BYTES = 64 << 10
"""OpenSlide reads no longer ones."""


def list_companions(path: Path) -> list[Path]:
    """The files that belong to this one, whether or not they are there, in a stable order; none for most.

    Of a VMS or VMU only names without a folder count, so that a file cannot reach out of its own folder.
    """
    suffix = path.suffix.lower()
    if suffix == ".mrxs":
        folder = path.with_suffix("")
        found = folder.iterdir() if folder.is_dir() else ()
        return sorted({folder / "Slidedat.ini", *(one for one in found if one.is_file())})
    if suffix in (".vms", ".vmu"):
        return sorted(path.with_name(name) for name in _named_in_vms(path))
    macro = path.with_suffix(".Full")
    return [macro] if suffix in (".tif", ".tiff") and macro.is_file() else []


def find_missing_companion(path: Path) -> Path | None:
    """The first file without which this one cannot be shown, if there is one."""
    needed = (one for one in list_companions(path) if one.suffix.lower() not in _OPTIONAL)
    return next((one for one in needed if not one.is_file()), None)


def _named_in_vms(path: Path) -> set[str]:
    try:
        with path.open("rb") as file:
            text = file.read(_MAX_TEXT_BYTES).decode("utf-8-sig", "replace")
    except OSError:
        return set()
    if _VMS_GROUP.match(text) is None:
        return set()
    names = (Path(name) for name in _VMS_NAME.findall(text))
    return {name.name for name in names if str(name) == name.name and name.suffix.lower() in _VMS_KINDS}
