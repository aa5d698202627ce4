"""What access lends to the application."""

from typing import Any

from hemalum.kernel.capability import Capability
from hemalum.runtime.policy import in_own_organisation


def _router() -> Any:
    from hemalum.capabilities.access.routes import router

    return router


def _pages() -> Any:
    from hemalum.capabilities.access.routes import entrance

    return entrance


capability = Capability(
    name="access",
    router=_router,
    pages=_pages,
    permissions={"access.administer": in_own_organisation("access.administer")},
)
