"""What apps lend to the application."""

from typing import Any

from hemalum.capabilities.apps.policy import PERMISSIONS
from hemalum.kernel.capability import Capability


def _router() -> Any:
    from hemalum.capabilities.apps.routes.apps import router

    return router


def _pages() -> Any:
    from fastapi import APIRouter

    from hemalum.capabilities.apps.routes import oauth

    pages = APIRouter()
    # What is left of the addresses of OAuth is answered last.
    pages.include_router(oauth.exchange)
    pages.include_router(oauth.router)
    return pages


capability = Capability(name="apps", router=_router, pages=_pages, permissions=PERMISSIONS)
