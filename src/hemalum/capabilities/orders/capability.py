"""What orders lend to the application."""

from typing import Any

from hemalum.capabilities.cases.model import CaseStatusChanged, CaseWasAccessioned, ImageWasLinked
from hemalum.capabilities.cases.service import on_own_cases
from hemalum.capabilities.orders.jobs import FOLLOW_JOB, NOTE_JOB
from hemalum.capabilities.orders.model import PROCESS, REQUEST
from hemalum.kernel.capability import Capability


def _router() -> Any:
    from hemalum.capabilities.orders.routes import router

    return router


capability = Capability(
    name="orders",
    router=_router,
    subscribers={
        CaseWasAccessioned: (NOTE_JOB,),
        ImageWasLinked: (FOLLOW_JOB,),
        CaseStatusChanged: (FOLLOW_JOB,),
    },
    permissions={action: on_own_cases(action) for action in (REQUEST, PROCESS)},
)
