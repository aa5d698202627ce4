"""A slide read through its frame index: byte ranges and frame decoding, no file format left."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import astuple

import numpy as np
from numpy.typing import NDArray

from hemalum.formats.wsi.decode import decode_frame, mean_of_squares
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
        return self._assembled(level, region, plane, channel, 1)

    def _assembled(self, level: int, region: PixelRegion, plane: int, channel: int, factor: int) -> Pixels:
        """Stored tiles, shrunk by a factor that divides their sides; `region` is in shrunk pixels."""
        frames = self._index.levels[level]
        out = blank(self.description, region.height_px, region.width_px)
        tile_w, tile_h = frames.tile.width_px // factor, frames.tile.height_px // factor
        left, top = max(0, region.x_px), max(0, region.y_px)
        right = min(frames.size.width_px // factor, region.x_px + region.width_px)
        bottom = min(frames.size.height_px // factor, region.y_px + region.height_px)
        if right <= left or bottom <= top:
            return out
        for row in range(top // tile_h, (bottom - 1) // tile_h + 1):
            for column in range(left // tile_w, (right - 1) // tile_w + 1):
                pixels = self._tile(level, plane, channel, row, column, factor)
                if pixels is None:
                    continue
                x0, y0 = max(left, column * tile_w), max(top, row * tile_h)
                x1, y1 = min(right, (column + 1) * tile_w), min(bottom, (row + 1) * tile_h)
                out[y0 - region.y_px : y1 - region.y_px, x0 - region.x_px : x1 - region.x_px] = pixels[
                    y0 - row * tile_h : y1 - row * tile_h, x0 - column * tile_w : x1 - column * tile_w
                ]
        return out

    def _tile(
        self, level: int, plane: int, channel: int, row: int, column: int, factor: int
    ) -> Pixels | None:
        """A stored tile, decoded and shrunk; None when it is blank."""
        frames = self._index.levels[level]
        stream = read_frame(frames, self.sources, plane, channel, row, column)
        return None if stream is None else decode_frame(frames, stream, factor)

    def read_associated(self, kind: AssociatedKind) -> NDArray[np.uint8]:
        reader = self._associated.get(kind)
        if reader is None:
            raise Invalid("This slide has no {kind} image.", kind=kind.words)
        return reader()

    def close(self) -> None:
        close_all(self.sources)


class SharedTilesSlide(IndexedSlide):
    """A slide that keeps the tiles it decoded last, for readers of neighbouring and overlapping regions.

    For one thread.
    """

    def __init__(
        self, description: SlideDescription, index: FrameIndex, sources: list[ByteSource], *, kept_bytes: int
    ) -> None:
        super().__init__(description, index, sources)
        self._most = kept_bytes
        self._held = 0
        self._tiles: OrderedDict[tuple[int, int, int, int, int, int], Pixels] = OrderedDict()
        self.decoded = 0
        """How many tiles were decoded so far."""

    def read_shrunk(self, level: int, region: PixelRegion, factor: int) -> Pixels:
        """As `read_level`, of a level in which each pixel stands for `factor` x `factor` stored ones.

        `region` is in pixels of that level, and each is what `decode.decode_frame` makes of its square. What
        the level holds only in part, at its edge, counts as not scanned.

        Raises as `read_level` does.
        """
        stored = PixelRegion(*(each * factor for each in astuple(region)))
        self.check_request(level, stored, 0, 0)
        tile = self._index.levels[level].tile
        if tile.width_px % factor or tile.height_px % factor:
            return mean_of_squares(self.read_level(level, stored), factor)
        return self._assembled(level, region, 0, 0, factor)

    def _tile(
        self, level: int, plane: int, channel: int, row: int, column: int, factor: int
    ) -> Pixels | None:
        place = (level, plane, channel, row, column, factor)
        known = self._tiles.get(place)
        if known is not None:
            self._tiles.move_to_end(place)
            return known
        pixels = super()._tile(*place)
        if pixels is None:
            return None
        self.decoded += 1
        self._tiles[place] = pixels
        self._held += pixels.nbytes
        while self._held > self._most and len(self._tiles) > 1:
            _, oldest = self._tiles.popitem(last=False)
            self._held -= oldest.nbytes
        return pixels
