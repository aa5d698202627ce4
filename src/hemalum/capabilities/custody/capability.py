"""What custody lends to the application."""

from typing import Any

from hemalum.capabilities.custody.policy import PERMISSIONS
from hemalum.kernel.capability import Capability


def _router() -> Any:
    from fastapi import APIRouter

    from hemalum.capabilities.custody.routes import keeping, scanning, tracing

    router = APIRouter()
    for each in (scanning, tracing, keeping):
        router.include_router(each.router)
    return router


capability = Capability(name="custody", router=_router, permissions=PERMISSIONS)
