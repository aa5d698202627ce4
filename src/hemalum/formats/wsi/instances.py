"""The DICOM instances of a scan without their pixels: the files' own, or headers made for other formats.

Runs in a confined child process, because original DICOM headers are untrusted.
"""

import io
import json
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pydicom

from hemalum.formats.dicom.uids import series_uids
from hemalum.formats.dicom.wsi_header import build_headers, header_bytes
from hemalum.formats.wsi.frame_index import FrameIndex
from hemalum.formats.wsi.model import SlideDescription
from hemalum.formats.wsi.source import FileSource, close_all
from hemalum.kernel.errors import Invalid, NoPhysicalScale, UnreadableSlide

_OFFSET_TABLES = (0x7FE00001, 0x7FE00002)


def write_instances(
    description: str, index: str, objects: list[str], seed: str, out_dir: str
) -> dict[str, Any]:
    """Write for each instance `instance-N.head` and `instance-N.json` into `out_dir`.

    `description` and `index` are files that `inspect` wrote, `objects` the files by number. A head is a Part
    10 file up to its pixel data, the JSON the same in the DICOM JSON model (PS3.18 annex F). For a scan that
    is DICOM these are the headers of its own files; for others one instance for each level is made, unless
    DICOM cannot hold it (no physical scale, floating point).

    Returns study and series UID, and `instances`: a list of maps with what is searched for, `level` and
    `object_number` as in `hemalum.capabilities.slides.model.Instance`.
    """
    described = msgspec.json.decode(Path(description).read_bytes(), type=SlideDescription)
    frames = FrameIndex.from_buffer(Path(index).read_bytes())
    folder = Path(out_dir)
    if described.format == "dicom":
        made = [_own(folder, number, path, frames) for number, path in enumerate(objects)]
        instances = [one for one in made if one is not None]
        return {
            "study_uid": described.study_uid,
            "series_uid": described.series_uid,
            "instances": instances,
        }
    uids = series_uids(seed, described)
    return {
        "study_uid": uids.study,
        "series_uid": uids.series,
        "instances": _made(folder, described, frames, objects, seed),
    }


def _made(
    folder: Path, described: SlideDescription, frames: FrameIndex, objects: list[str], seed: str
) -> list[dict[str, Any]]:
    sources = [FileSource(Path(path)) for path in objects]
    try:
        headers = build_headers(described, frames, list(sources), series_uids(seed, described))
    except (NoPhysicalScale, Invalid):
        return []
    finally:
        close_all(sources)
    return [
        _write(folder, number, header.dataset, header_bytes(header), header.level, None)
        for number, header in enumerate(headers)
    ]


def _own(folder: Path, number: int, path: str, frames: FrameIndex) -> dict[str, Any] | None:
    """An original DICOM file; None for an object that is not one (derived levels)."""
    with Path(path).open("rb") as file:
        if file.read(132)[128:] != b"DICM":
            return None
        with pydicom.config.disable_value_validation():
            try:
                dataset = pydicom.dcmread(path, stop_before_pixels=True)
                for tag in _OFFSET_TABLES:
                    dataset.pop(tag, None)
                head = io.BytesIO()
                dataset.save_as(head, enforce_file_format=False)
                return _write(folder, number, dataset, head.getvalue(), _level_of(number, frames), number)
            except (AttributeError, KeyError, TypeError, ValueError, NotImplementedError) as error:
                raise UnreadableSlide(
                    f"The DICOM header of {Path(path).name} is damaged ({type(error).__name__})."
                ) from error


def _level_of(object_number: int, frames: FrameIndex) -> int | None:
    for number, level in enumerate(frames.levels):
        if bool(np.any((level.objects == object_number) & (level.lengths > 0))):
            return number
    return None


def _write(
    folder: Path,
    number: int,
    dataset: Any,
    head: bytes,
    level: int | None,
    object_number: int | None,
) -> dict[str, Any]:
    (folder / f"instance-{number}.head").write_bytes(head)
    with pydicom.config.disable_value_validation():
        plain = dataset.to_json_dict(suppress_invalid_tags=True)
    (folder / f"instance-{number}.json").write_text(json.dumps(plain))
    return {
        "number": number,
        "sop_instance_uid": str(dataset.SOPInstanceUID),
        "sop_class_uid": str(dataset.SOPClassUID),
        "study_uid": str(dataset.StudyInstanceUID),
        "series_uid": str(dataset.SeriesInstanceUID),
        "transfer_syntax_uid": str(dataset.file_meta.TransferSyntaxUID),
        "instance_number": int(dataset.get("InstanceNumber") or number + 1),
        "image_type": [str(one) for one in dataset.get("ImageType", [])],
        "rows": int(dataset.get("Rows", 0)),
        "columns": int(dataset.get("Columns", 0)),
        "number_of_frames": int(dataset.get("NumberOfFrames", 1)),
        "level": level,
        "object_number": object_number,
    }
