"""What rescreening lends to the application."""

from typing import Any

from hemalum.capabilities.quality.jobs import DRAW_JOB
from hemalum.capabilities.quality.policy import PERMISSIONS
from hemalum.capabilities.reports.model import ReportSigned
from hemalum.kernel.capability import Capability


def _router() -> Any:
    from hemalum.capabilities.quality.routes import router

    return router


capability = Capability(
    name="quality",
    router=_router,
    subscribers={ReportSigned: (DRAW_JOB,)},
    permissions=PERMISSIONS,
)
