"""What annotations lend to the application."""

from typing import Any

from hemalum.capabilities.annotations.policy import PERMISSIONS
from hemalum.kernel.capability import Capability


def _router() -> Any:
    from hemalum.capabilities.annotations.routes import router

    return router


capability = Capability(name="annotations", router=_router, permissions=PERMISSIONS)
