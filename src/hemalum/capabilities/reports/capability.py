"""What reports lend to the application."""

from typing import Any

from hemalum.kernel.capability import Capability


def _router() -> Any:
    from fastapi import APIRouter

    from hemalum.capabilities.reports.routes import critical, printing, reports

    router = APIRouter()
    # A version as PDF has a more special address than the version itself.
    for each in (printing, reports, critical):
        router.include_router(each.router)
    return router


capability = Capability(name="reports", router=_router)
