"""What triage lends to the application."""

from typing import Any

from hemalum.capabilities.cases.model import ImageWasLinked, ImageWasUnlinked
from hemalum.capabilities.inference.model import RunEnded
from hemalum.capabilities.models.model import ModelStatusChanged
from hemalum.capabilities.triage.jobs import CONSIDER_JOB, RECONSIDER_JOB, WEIGH_JOB
from hemalum.capabilities.triage.model import MANAGE, VIEW, OperatingPointChanged
from hemalum.kernel.capability import Capability
from hemalum.runtime.policy import in_own_organisation


def _router() -> Any:
    from hemalum.capabilities.triage.routes import router

    return router


capability = Capability(
    name="triage",
    router=_router,
    subscribers={
        RunEnded: (WEIGH_JOB,),
        ImageWasLinked: (CONSIDER_JOB,),
        ImageWasUnlinked: (CONSIDER_JOB,),
        ModelStatusChanged: (RECONSIDER_JOB,),
        OperatingPointChanged: (RECONSIDER_JOB,),
    },
    permissions={action: in_own_organisation(action) for action in (VIEW, MANAGE)},
)
