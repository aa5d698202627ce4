"""What the routes of cases share: who asks, and of what."""

from typing import Annotated

from fastapi import Depends, Request

from hemalum.capabilities.cases import policy
from hemalum.capabilities.cases.service import Cases
from hemalum.kernel.actor import Actor
from hemalum.runtime.http import require

Viewer = Annotated[Actor, Depends(require(policy.VIEW))]
Accessioner = Annotated[Actor, Depends(require(policy.ACCESSION))]
Processor = Annotated[Actor, Depends(require(policy.PROCESS))]
Assigner = Annotated[Actor, Depends(require(policy.ASSIGN))]
PatientViewer = Annotated[Actor, Depends(require(policy.VIEW_PATIENT))]
Taker = Annotated[Actor, Depends(require(policy.TAKE_OVER_PATIENT))]
Overseer = Annotated[Actor, Depends(require(policy.VIEW_TURNAROUND))]
Merger = Annotated[Actor, Depends(require(policy.MERGE_PATIENTS))]


async def cases_of(request: Request) -> Cases:
    """The cases of this node."""
    cases: Cases = request.app.state.cases
    return cases


Desk = Annotated[Cases, Depends(cases_of)]
