"""What reports lend to the application."""

from typing import Any

from hemalum.capabilities.reports.jobs import WORD_DRAFT_JOB
from hemalum.capabilities.reports.model import FindingsWereHandedIn
from hemalum.kernel.capability import Capability


def _router() -> Any:
    from fastapi import APIRouter

    from hemalum.capabilities.reports.routes import critical, dictation, findings, printing, reports

    router = APIRouter()
    # A version as PDF has a more special address than the version itself.
    for each in (printing, reports, critical, findings, dictation):
        router.include_router(each.router)
    return router


capability = Capability(name="reports", router=_router, subscribers={FindingsWereHandedIn: (WORD_DRAFT_JOB,)})
