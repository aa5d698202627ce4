"""Peers behind one bare ASGI application: /ROW/COLUMN.jpg answers a level-0 tile, read by the peer.

As good as we could make it for them: uvicorn with uvloop and httptools, no framework, no access log, and a
thread pool because both peers release the interpreter lock while they decode. Runs in the environment of the
peers, not of Hemalum.

    python tile_server.py {openslide,large-image,large-image-openslide} SLIDE PORT
"""

import asyncio
import io
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import uvicorn

QUALITY = 80
TILE = 256

type ReadTile = Callable[[int, int], bytes]


def openslide_deepzoom(slide: str) -> ReadTile:
    """OpenSlide with its DeepZoom generator, the way of its own example server."""
    import openslide
    from openslide.deepzoom import DeepZoomGenerator

    generator = DeepZoomGenerator(openslide.OpenSlide(slide), tile_size=TILE, overlap=0)
    level = generator.level_count - 1

    def read(row: int, column: int) -> bytes:
        out = io.BytesIO()
        generator.get_tile(level, (column, row)).save(out, "JPEG", quality=QUALITY)
        return out.getvalue()

    return read


def large_image_source(slide: str, module: str) -> ReadTile:
    """A tile source of large_image with its default cache, encoding JPEG."""
    import importlib

    source = importlib.import_module(module).open(slide, encoding="JPEG", jpegQuality=QUALITY)
    level = source.levels - 1

    def read(row: int, column: int) -> bytes:
        return bytes(source.getTile(column, row, level))

    return read


class TileServer:
    """The ASGI application."""

    def __init__(self, read: ReadTile, threads: int) -> None:
        self._read = read
        self._pool = ThreadPoolExecutor(threads)

    async def __call__(self, scope: dict[str, Any], _receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        if scope["path"] == "/":
            await _answer(send, b"text/plain", b"ready")
            return
        row, column = scope["path"][1 : -len(".jpg")].split("/")
        loop = asyncio.get_running_loop()
        tile = await loop.run_in_executor(self._pool, self._read, int(row), int(column))
        await _answer(send, b"image/jpeg", tile)


async def _answer(send: Any, media_type: bytes, body: bytes) -> None:
    headers = [(b"content-type", media_type), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def main() -> None:
    peer, slide, port = sys.argv[1:]
    if peer == "openslide":
        read = openslide_deepzoom(slide)
    elif peer == "large-image":
        read = large_image_source(slide, "large_image_source_tiff")
    else:
        read = large_image_source(slide, "large_image_source_openslide")
    uvicorn.run(
        TileServer(read, 2 * (os.cpu_count() or 1)),
        host="127.0.0.1",
        port=int(port),
        lifespan="off",
        log_level="warning",
        access_log=False,
        loop="uvloop",
        http="httptools",
    )


if __name__ == "__main__":
    main()
