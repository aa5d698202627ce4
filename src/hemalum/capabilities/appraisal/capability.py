"""What appraisals lend to the application."""

from typing import Any

from hemalum.capabilities.appraisal.jobs import CONSIDER_JOB
from hemalum.capabilities.cases.model import ImageWasLinked, ImageWasUnlinked
from hemalum.capabilities.slides.model import SlideBecameAvailable, SlideWasDescribed
from hemalum.kernel.capability import Capability


def _router() -> Any:
    from hemalum.capabilities.appraisal.routes import router

    return router


capability = Capability(
    name="appraisal",
    router=_router,
    subscribers={
        SlideBecameAvailable: (CONSIDER_JOB,),
        # Its scale and its stain may be others now.
        SlideWasDescribed: (CONSIDER_JOB,),
        ImageWasLinked: (CONSIDER_JOB,),
        ImageWasUnlinked: (CONSIDER_JOB,),
    },
)
