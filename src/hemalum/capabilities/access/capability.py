"""What access lends to the application."""

from typing import Any

from hemalum.capabilities.access.policy import PERMISSIONS
from hemalum.kernel.capability import Capability


def _router() -> Any:
    from hemalum.capabilities.access.routes import router

    return router


def _pages() -> Any:
    from hemalum.capabilities.access.routes import entrance

    return entrance


capability = Capability(name="access", router=_router, pages=_pages, permissions=PERMISSIONS)
