"""Whole-slide images: one interface to every scan, and the frame index that serves it without decoding.

`open_slide` opens any supported file by its content. What comes back is a `Slide`: levels, planes, channels
and regions in pixels or in um. `Slide.frame_index` says where each tile lies in the file.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hemalum.formats.wsi.model import (
    AssociatedKind,
    Channel,
    Codec,
    Colour,
    FocalPlane,
    Level,
    PixelFormat,
    SlideDescription,
)

if TYPE_CHECKING:
    from hemalum.formats.wsi.slide import Slide

__all__ = [
    "AssociatedKind",
    "Channel",
    "Codec",
    "Colour",
    "FocalPlane",
    "Level",
    "PixelFormat",
    "SlideDescription",
    "open_slide",
]


def open_slide(paths: Path | str | Sequence[Path | str]) -> "Slide":
    """The scan in a file, or in the files of one DICOM series; decided by what is in it, never by its name.

    The caller closes it. DICOM may come as several instances; of every other format give the one file that
    OpenSlide would be given, alone or with those that belong to it after it.

    Raises:
        UnreadableSlide: it cannot be shown correctly; the sentence says what the file is instead, or
            what is wrong with it.
    """
    # The server needs the index and the model, never the readers and their libraries.
    from hemalum.formats.wsi.opening import open_files

    given = [Path(paths)] if isinstance(paths, Path | str) else [Path(path) for path in paths]
    return open_files(given)
