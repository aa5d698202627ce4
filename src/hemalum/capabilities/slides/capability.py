"""What slides lend to the application."""

from typing import Any

from hemalum.capabilities.slides.policy import PERMISSIONS
from hemalum.kernel.capability import Capability


def _tiles(state: Any) -> Any:
    """The bare application that serves tiles."""
    from hemalum.runtime.frames import TileServer

    return TileServer(
        state.tickets, state.serving.images, state.serving.transcode, state.serving.openings.reads
    )


def _router() -> Any:
    from fastapi import APIRouter

    from hemalum.capabilities.slides.routes import governing, integrity, library, looks, uploads

    router = APIRouter()
    router.include_router(library.router)
    router.include_router(library.revision_router)
    router.include_router(governing.router)
    router.include_router(governing.glass_router)
    router.include_router(governing.partners_router)
    router.include_router(looks.router)
    router.include_router(uploads.router)
    router.include_router(integrity.router)
    return router


def _pages() -> Any:
    from fastapi import APIRouter

    from hemalum.capabilities.slides.routes import deepzoom, dicomweb, iiif, stow

    pages = APIRouter()
    for each in (iiif, deepzoom, dicomweb, stow):
        pages.include_router(each.router)
    return pages


def _shortcut(app: Any, state: Any) -> Any:
    from hemalum.capabilities.slides.routes.frames import FrameShortcut

    return FrameShortcut(app, state)


capability = Capability(
    name="slides",
    router=_router,
    pages=_pages,
    shortcut=_shortcut,
    mounts={"/tiles/": _tiles},
    permissions=PERMISSIONS,
)
