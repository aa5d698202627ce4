"""Images as child processes open them: by a recipe that says where the index and the objects lie.

`Slides.recipe` writes recipes; only child processes use this module.
"""

from collections.abc import Mapping
from contextlib import closing
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import numpy as np

from hemalum.formats.wsi.frame_index import FrameIndex
from hemalum.formats.wsi.model import Channel, FocalPlane, Level, SlideDescription
from hemalum.formats.wsi.source import ByteSource, close_all
from hemalum.kernel.errors import Conflict, Invalid, UnreadableSlide
from hemalum.runtime.crypto.source import open_place

type Recipe = Mapping[str, Any]

_URL_TIMEOUT_S = 30


def open_recipe(recipe: Recipe) -> tuple[SlideDescription, FrameIndex, list[ByteSource]]:
    """What an `IndexedSlide` is made of; it owns the sources.

    Raises:
        Conflict: an original is gone or was changed.
        UnreadableSlide: an object cannot be read.
    """
    check_unchanged(recipe)
    sources: list[ByteSource] = []
    try:
        sources.extend(open_place(place, UrlSource) for place in recipe["objects"])
        index = _index(recipe["index"])
    except BaseException:
        close_all(sources)
        raise
    return _described(index), index, sources


def check_unchanged(recipe: Recipe) -> None:
    """Raise Conflict when a linked original is gone, or is no longer the one that was taken in."""
    for place in recipe["objects"]:
        if "url" not in place:
            _check_unchanged(place)


class UrlSource:
    """An object behind a signed address, read by range."""

    def __init__(self, url: str, size: int) -> None:
        if urlsplit(url).scheme not in ("http", "https"):
            raise Invalid("Objects are read over HTTP.")
        self._url = url
        self._size = size

    @property
    def name(self) -> str:
        return "object"

    @property
    def size(self) -> int:
        return self._size

    def read(self, offset: int, length: int) -> bytes:
        wanted = Request(self._url, headers={"range": f"bytes={offset}-{offset + length - 1}"})  # noqa: S310 - checked above
        try:
            with urlopen(wanted, timeout=_URL_TIMEOUT_S) as answer:  # noqa: S310 - checked above
                is_range = answer.status == HTTPStatus.PARTIAL_CONTENT or not offset
                content: bytes = answer.read(length)
        except (OSError, HTTPException) as error:
            raise UnreadableSlide("The object store does not answer.") from error
        if not is_range:
            raise UnreadableSlide("The object store answered with another part than was asked.")
        if len(content) != length:
            raise UnreadableSlide("The object store answered with less than was asked.")
        return content

    def close(self) -> None:
        return None


def _check_unchanged(place: Mapping[str, Any]) -> None:
    path = Path(place["path"])
    try:
        found = path.stat()
    except OSError as error:
        raise Conflict("The original file {name} can no longer be read.", name=path.name) from error
    if found.st_size != place["size"] or place["mtime_ns"] not in (None, found.st_mtime_ns):
        raise Conflict("The original file {name} was changed after it was taken in.", name=path.name)


def _index(place: Mapping[str, Any]) -> FrameIndex:
    if "url" not in place and "seal" not in place:
        return FrameIndex.from_buffer(memoryview(np.memmap(place["path"], np.uint8, mode="r")))
    with closing(open_place(place, UrlSource)) as source:
        return FrameIndex.from_buffer(source.read(0, source.size))


def _described(index: FrameIndex) -> SlideDescription:
    """As much of a description as reading pixels needs."""
    finest = index.levels[0]
    return SlideDescription(
        format="frame-index",
        levels=tuple(Level(level.size, level.downsample) for level in index.levels),
        pixel=finest.pixel,
        spacing_um=None,
        planes=tuple(FocalPlane(0.0) for _ in range(finest.planes)),
        channels=tuple(Channel(str(number)) for number in range(finest.channels)),
    )
