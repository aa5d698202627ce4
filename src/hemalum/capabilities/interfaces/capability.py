"""What interfaces lend to the application."""

from typing import Any

from hemalum.capabilities.cases.model import MaterialMoved
from hemalum.capabilities.custody.model import PieceWasPutAway
from hemalum.capabilities.interfaces.jobs import (
    SEND_PLACE_JOB,
    SEND_REPORT_JOB,
    SEND_SPECIMEN_JOB,
    SEND_WORK_JOB,
)
from hemalum.capabilities.interfaces.model import MANAGE, VIEW
from hemalum.capabilities.orders.model import WorkOrderMoved
from hemalum.capabilities.reports.model import ReportSigned
from hemalum.kernel.capability import Capability
from hemalum.runtime.policy import in_own_organisation


def _router() -> Any:
    from hemalum.capabilities.interfaces.routes import router

    return router


capability = Capability(
    name="interfaces",
    router=_router,
    subscribers={
        ReportSigned: (SEND_REPORT_JOB,),
        WorkOrderMoved: (SEND_WORK_JOB,),
        MaterialMoved: (SEND_SPECIMEN_JOB,),
        PieceWasPutAway: (SEND_PLACE_JOB,),
    },
    permissions={action: in_own_organisation(action) for action in (VIEW, MANAGE)},
)
