"""What registration lends to the application."""

from typing import Any

from hemalum.capabilities.registration.policy import PERMISSIONS
from hemalum.kernel.capability import Capability


def _router() -> Any:
    from hemalum.capabilities.registration.routes import router

    return router


capability = Capability(name="registration", router=_router, permissions=PERMISSIONS)
