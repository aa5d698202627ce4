"""What slides lend to the application."""

from typing import Any

from fastapi import APIRouter

from hemalum.capabilities.slides.policy import PERMISSIONS
from hemalum.capabilities.slides.routes import (
    deepzoom,
    dicomweb,
    governing,
    iiif,
    integrity,
    library,
    stow,
    uploads,
)
from hemalum.kernel.capability import Capability
from hemalum.runtime.frames import TileServer


def tiles(state: Any) -> TileServer:
    """The bare application that serves tiles."""
    return TileServer(
        state.tickets, state.serving.images, state.serving.transcode, state.serving.openings.reads
    )


def _router() -> APIRouter:
    router = APIRouter()
    router.include_router(library.router)
    router.include_router(library.revision_router)
    router.include_router(governing.router)
    router.include_router(governing.glass_router)
    router.include_router(uploads.router)
    router.include_router(integrity.router)
    return router


def _pages() -> APIRouter:
    pages = APIRouter()
    for each in (iiif, deepzoom, dicomweb, stow):
        pages.include_router(each.router)
    return pages


capability = Capability(
    name="slides",
    router=_router(),
    pages=_pages(),
    mounts={"/tiles/": tiles},
    permissions=PERMISSIONS,
)
