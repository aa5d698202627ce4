"""Viewports of rendered pictures: what of an instance is shown, and how large (PS3.18 section 8.3.5.1.4)."""

from hemalum.kernel.geometry import PixelSize
from hemalum.runtime.http_errors import BadRequest

LONGEST_PICTURE_PX = 4096

type Viewport = tuple[float, ...]
"""Width and height that the picture fits into and, optionally, the part of the source that is shown: left,
top, width and height in its pixels."""


def shown_part(viewport: Viewport | None, size: PixelSize) -> tuple[float, float, float, float]:
    """Left, top, width and height of the source that a viewport shows; 0 stands for the rest of it."""
    if viewport is None or len(viewport) == 2:
        return 0.0, 0.0, float(size.width_px), float(size.height_px)
    _, _, left, top, width, height = viewport
    return left, top, width or size.width_px - left, height or size.height_px - top


def fitted(width: float, height: float, viewport: Viewport | None) -> PixelSize:
    """The size of the picture: the source's own, made smaller to fit.

    Raises:
        BadRequest: nothing of the source is shown.
    """
    if width <= 0 or height <= 0:
        raise BadRequest("The viewport shows nothing of the image.")
    most = viewport[:2] if viewport else (LONGEST_PICTURE_PX, LONGEST_PICTURE_PX)
    scale = min(most[0] / width, most[1] / height)
    if viewport is None or len(viewport) == 2:
        scale = min(1.0, scale)
    return PixelSize(max(1, round(width * scale)), max(1, round(height * scale)))
