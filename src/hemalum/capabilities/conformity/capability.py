"""What conformity lends to the application."""

from typing import Any

from hemalum.capabilities.cases.model import ImageWasLinked, ImageWasUnlinked, RequestWasChanged
from hemalum.capabilities.conformity.jobs import JUDGE_CASE_JOB, JUDGE_JOB
from hemalum.capabilities.conformity.model import MANAGE, VIEW
from hemalum.capabilities.reports.model import ReportSigned
from hemalum.capabilities.slides.model import SlideBecameAvailable, SlideWasDescribed
from hemalum.kernel.capability import Capability
from hemalum.runtime.policy import in_own_organisation


def _router() -> Any:
    from hemalum.capabilities.conformity.routes import router

    return router


capability = Capability(
    name="conformity",
    router=_router,
    subscribers={
        SlideBecameAvailable: (JUDGE_JOB,),
        SlideWasDescribed: (JUDGE_JOB,),
        ImageWasLinked: (JUDGE_JOB,),
        ImageWasUnlinked: (JUDGE_JOB,),
        RequestWasChanged: (JUDGE_CASE_JOB,),
        ReportSigned: (JUDGE_CASE_JOB,),
    },
    permissions={action: in_own_organisation(action) for action in (VIEW, MANAGE)},
)
