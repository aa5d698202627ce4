"""What inference lends to the application."""

from typing import Any

from hemalum.capabilities.inference.jobs import CONSIDER_JOB, REREAD_JOB, REREAD_ON_JOB
from hemalum.capabilities.inference.model import RUN, VIEW_SHADOW, RunEnded
from hemalum.capabilities.quality.model import RereadAwaitsModel
from hemalum.capabilities.slides.model import SlideBecameAvailable, SlideWasDescribed
from hemalum.kernel.capability import Capability
from hemalum.runtime.policy import in_own_organisation


def _router() -> Any:
    from hemalum.capabilities.inference.routes import router

    return router


capability = Capability(
    name="inference",
    router=_router,
    subscribers={
        SlideBecameAvailable: (CONSIDER_JOB,),
        SlideWasDescribed: (CONSIDER_JOB,),
        RereadAwaitsModel: (REREAD_JOB,),
        RunEnded: (REREAD_ON_JOB,),
    },
    permissions={action: in_own_organisation(action) for action in (VIEW_SHADOW, RUN)},
)
