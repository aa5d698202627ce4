"""What cases lend to the application."""

from typing import Any

from hemalum.capabilities.cases.jobs import LINK_JOB
from hemalum.capabilities.cases.policy import PERMISSIONS
from hemalum.capabilities.slides.model import SlideBecameAvailable
from hemalum.kernel.capability import Capability


def _router() -> Any:
    from fastapi import APIRouter

    from hemalum.capabilities.cases.routes import cases, images, turnaround

    router = APIRouter()
    for each in (cases, images, turnaround):
        router.include_router(each.router)
    return router


capability = Capability(
    name="cases",
    router=_router,
    subscribers={SlideBecameAvailable: (LINK_JOB,)},
    permissions=PERMISSIONS,
)
