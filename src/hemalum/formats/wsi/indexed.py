"""A slide read through its frame index: byte ranges and frame decoding, no file format left."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from hemalum.formats.wsi.decode import decode_frame
from hemalum.formats.wsi.frame_index import FrameIndex, read_frame
from hemalum.formats.wsi.model import AssociatedKind, SlideDescription
from hemalum.formats.wsi.slide import Pixels, Slide, blank
from hemalum.formats.wsi.source import ByteSource, close_all
from hemalum.kernel.errors import Invalid
from hemalum.kernel.geometry import PixelRegion

type AssociatedReader = Callable[[], NDArray[np.uint8]]


class IndexedSlide(Slide):
    """Pixels from a frame index and the objects it points into.

    Every in-place reader ends here, and so does the server, which keeps only the index and the objects.
    The slide owns `sources` and closes them.
    """

    def __init__(
        self,
        description: SlideDescription,
        index: FrameIndex,
        sources: list[ByteSource],
        associated: Mapping[AssociatedKind, AssociatedReader] | None = None,
    ) -> None:
        self.description = description
        self.sources = sources
        self._index = index
        self._associated = dict(associated or {})

    @property
    def frame_index(self) -> FrameIndex:
        return self._index

    def read_level(self, level: int, region: PixelRegion, *, plane: int = 0, channel: int = 0) -> Pixels:
        self.check_request(level, region, plane, channel)
        frames = self._index.levels[level]
        out = blank(self.description, region.height_px, region.width_px)
        tile_w, tile_h = frames.tile.width_px, frames.tile.height_px
        left, top = max(0, region.x_px), max(0, region.y_px)
        right = min(frames.size.width_px, region.x_px + region.width_px)
        bottom = min(frames.size.height_px, region.y_px + region.height_px)
        if right <= left or bottom <= top:
            return out
        for row in range(top // tile_h, (bottom - 1) // tile_h + 1):
            for column in range(left // tile_w, (right - 1) // tile_w + 1):
                stream = read_frame(frames, self.sources, plane, channel, row, column)
                if stream is None:
                    continue
                pixels = decode_frame(frames, stream)
                x0, y0 = max(left, column * tile_w), max(top, row * tile_h)
                x1, y1 = min(right, (column + 1) * tile_w), min(bottom, (row + 1) * tile_h)
                out[y0 - region.y_px : y1 - region.y_px, x0 - region.x_px : x1 - region.x_px] = pixels[
                    y0 - row * tile_h : y1 - row * tile_h, x0 - column * tile_w : x1 - column * tile_w
                ]
        return out

    def read_associated(self, kind: AssociatedKind) -> NDArray[np.uint8]:
        reader = self._associated.get(kind)
        if reader is None:
            raise Invalid("This slide has no {kind} image.", kind=kind.words)
        return reader()

    def close(self) -> None:
        close_all(self.sources)
