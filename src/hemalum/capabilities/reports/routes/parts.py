"""What the routes of reports share: who asks, and of what."""

from typing import Annotated

from fastapi import Depends, Request

from hemalum.capabilities.reports import policy
from hemalum.capabilities.reports.service import Reports
from hemalum.kernel.actor import Actor
from hemalum.runtime.http import require


async def reports_of(request: Request) -> Reports:
    """The reports of this node."""
    reports: Reports = request.app.state.reports
    return reports


Viewer = Annotated[Actor, Depends(require(policy.VIEW_CASE))]
Reader = Annotated[Actor, Depends(require(policy.READ))]
Writer = Annotated[Actor, Depends(require(policy.WRITE))]
Signer = Annotated[Actor, Depends(require(policy.SIGN))]
Desk = Annotated[Reports, Depends(reports_of)]
