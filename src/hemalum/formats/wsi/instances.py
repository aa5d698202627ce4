"""The DICOM instances of a scan without their pixels: the files' own, or headers made for other formats.

Runs in a confined child process, because original DICOM headers are untrusted.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from PIL import Image

from hemalum.formats.dicom.bulk_data import stored_address
from hemalum.formats.dicom.header import Header, frame_count, read_header, recognises
from hemalum.formats.dicom.json import abridged_json, to_json_bytes
from hemalum.formats.dicom.json_groups import instance_json_pieces
from hemalum.formats.dicom.uids import SeriesUids, series_uids
from hemalum.formats.dicom.wsi_header import (
    InstanceHeader,
    build_associated_header,
    build_headers,
    header_bytes,
)
from hemalum.formats.wsi.frame_index import FrameIndex
from hemalum.formats.wsi.model import AssociatedKind, SlideDescription
from hemalum.formats.wsi.source import ByteSource, FileSource, close_all
from hemalum.kernel.errors import Invalid, NoPhysicalScale, UnreadableSlide
from hemalum.kernel.geometry import PixelSize
from hemalum.kernel.typed import typed_json

_PIECE_BYTES = 4 << 20
_UIDS = {
    "sop_instance_uid": "SOPInstanceUID",
    "sop_class_uid": "SOPClassUID",
    "study_uid": "StudyInstanceUID",
    "series_uid": "SeriesInstanceUID",
}
_LARGEST_NUMBER = 0x7FFFFFFF


def write_instances(
    description: str,
    index: str,
    objects: list[str],
    pictures: dict[str, str],
    seed: str,
    out_dir: str,
) -> dict[str, Any]:
    """Write for each instance `instance-N.head` and `instance-N.json` into `out_dir`.

    `description` and `index` are files that `inspect` wrote, `objects` the files by number, `pictures` the
    JPEG files of label and macro by kind. A head is a Part 10 file up to its pixel data, the JSON the same in
    the DICOM JSON model (PS3.18 annex F) with addresses as in `bulk_data`. For a scan that is DICOM these are
    the headers of its own files, per-frame functional groups in the JSON only. For others an instance is made
    for each level, for the label and for the macro (an OVERVIEW), unless DICOM cannot hold the scan (no
    physical scale, floating point).

    Returns study and series UID, and `instances`: a list of maps with `search_json` (`abridged_json`), and
    `level`, `object_number` and the rest as in `hemalum.capabilities.slides.model.Instance`.

    Raises:
        UnreadableSlide: the header of an original is damaged.
    """
    described = typed_json(Path(description).read_bytes(), SlideDescription)
    frames = FrameIndex.from_buffer(Path(index).read_bytes())
    folder = Path(out_dir)
    if described.format == "dicom":
        return {
            "study_uid": described.study_uid,
            "series_uid": described.series_uid,
            "instances": _own_ones(folder, objects, frames),
        }
    uids = series_uids(seed, described)
    headers = _headers(described, frames, objects, pictures, uids)
    return {
        "study_uid": uids.study,
        "series_uid": uids.series,
        "instances": [_write_made(folder, number, header) for number, header in enumerate(headers)],
    }


# Made ones ----------------------------------------------------------------------------------------------


def _headers(
    described: SlideDescription,
    frames: FrameIndex,
    objects: list[str],
    pictures: Mapping[str, str],
    uids: SeriesUids,
) -> list[InstanceHeader]:
    """One header for each level, then label and overview; none when DICOM cannot hold the scan."""
    sources: list[ByteSource] = []
    try:
        sources.extend(FileSource(Path(path)) for path in objects)
        headers = build_headers(described, frames, sources, uids)
    except (NoPhysicalScale, Invalid):
        return []
    finally:
        close_all(sources)
    for kind in (AssociatedKind.LABEL, AssociatedKind.MACRO):
        if kind.value not in pictures:
            continue
        path = Path(pictures[kind.value])
        with Image.open(path, formats=("JPEG",)) as picture:
            size = PixelSize(*picture.size)
        headers.append(build_associated_header(described, kind, size, path.stat().st_size, uids))
    return headers


def _write_made(folder: Path, number: int, header: InstanceHeader) -> dict[str, Any]:
    (folder / f"instance-{number}.head").write_bytes(header_bytes(header))
    (folder / f"instance-{number}.json").write_bytes(to_json_bytes(header.dataset, stored_address))
    return _facts(number, header.dataset, header.form.transfer_syntax) | {
        "level": header.level,
        "object_number": None,
    }


# Originals ----------------------------------------------------------------------------------------------


def _own_ones(folder: Path, objects: list[str], frames: FrameIndex) -> list[dict[str, Any]]:
    """The originals that are DICOM. Derived levels are not, and of copies the first counts, as in reading."""
    found: dict[str, dict[str, Any]] = {}
    for number, path in enumerate(objects):
        with FileSource(Path(path)) as source:
            if not recognises(source.read(0, min(132, source.size))):
                continue
            own = _own(folder, number, source)
        found.setdefault(
            own["sop_instance_uid"], own | {"level": _level_of(number, frames), "object_number": number}
        )
    return list(found.values())


def _own(folder: Path, number: int, source: ByteSource) -> dict[str, Any]:
    try:
        with pydicom.config.disable_value_validation():
            header = read_header(source)
            _write_head(source, header, folder / f"instance-{number}.head")
            with (folder / f"instance-{number}.json").open("wb") as file:
                file.writelines(instance_json_pieces(header, stored_address))
            return _facts(number, header.dataset, header.transfer_syntax)
    except (UnreadableSlide, MemoryError):
        raise
    except Exception as error:
        # pydicom converts values on access, with many kinds of error on damaged ones, OSError among them.
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise UnreadableSlide(
            "The DICOM header of {name} is damaged ({kind}).", name=source.name, kind=type(error).__name__
        ) from error


def _write_head(source: ByteSource, header: Header, path: Path) -> None:
    """The header as it lies in the file, but for the per-frame groups, which can be larger than all else."""
    after = header.per_frame_start + len(header.per_frame)
    with path.open("wb") as file:
        for start, end in ((0, header.per_frame_start), (after, header.length)):
            for offset in range(start, end, _PIECE_BYTES):
                file.write(source.read(offset, min(_PIECE_BYTES, end - offset)))


def _level_of(object_number: int, frames: FrameIndex) -> int | None:
    for number, level in enumerate(frames.levels):
        if bool(np.any((level.objects == object_number) & (level.lengths > 0))):
            return number
    return None


def _facts(number: int, dataset: Any, transfer_syntax: str) -> dict[str, Any]:
    """What is listed of an instance without reading its JSON."""
    return {
        "number": number,
        **{name: _uid(dataset, keyword) for name, keyword in _UIDS.items()},
        "transfer_syntax_uid": transfer_syntax,
        "instance_number": _instance_number(dataset, number + 1),
        "image_type": _image_type(dataset),
        "rows": int(dataset.get("Rows") or 0),
        "columns": int(dataset.get("Columns") or 0),
        "number_of_frames": frame_count(dataset),
        "search_json": abridged_json(dataset, stored_address),
    }


def _uid(dataset: Any, keyword: str) -> str:
    value = str(dataset.get(keyword, ""))
    if not re.fullmatch(r"[0-9.]{1,64}", value):
        raise UnreadableSlide("The DICOM header holds no valid {keyword}.", keyword=keyword)
    return value


def _image_type(dataset: Any) -> list[str]:
    value = dataset.get("ImageType") or []
    return [str(one).strip() for one in ([value] if isinstance(value, str) else value)]


def _instance_number(dataset: Any, otherwise: int) -> int:
    stated = dataset.get("InstanceNumber")
    if stated is None or abs(int(stated)) > _LARGEST_NUMBER:
        return otherwise
    return int(stated)
