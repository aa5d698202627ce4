"""What the stand-ins of all vendors share."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hemalum.formats.wsi.model import AssociatedKind
from hemalum.testing.samples import LOSSY_TOLERANCE, SampleSlide

OBJECTIVE = 20
BARCODE = "S26-0042-A1"
QUALITY = 92

type Pixels = NDArray[np.uint8]
"""(height, width, 3) RGB."""


@dataclass(frozen=True, eq=False, kw_only=True)
class VendorSample(SampleSlide):
    """A stand-in: its files (first the one to open) and what it is to be taken for."""

    vendor: str
    """OpenSlide's name of the format."""
    associated: Mapping[AssociatedKind, Pixels] = field(default_factory=dict)
    tolerance: float = LOSSY_TOLERANCE


def pyramid(*levels: Pixels) -> tuple[NDArray[Any], ...]:
    """Levels in the form of a `SampleSlide`."""
    return tuple(level[np.newaxis, np.newaxis] for level in levels)


def jpeg(pixels: Pixels, **options: Any) -> bytes:
    """A JPEG stream, YCbCr."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=QUALITY, **options)
    return buffer.getvalue()
