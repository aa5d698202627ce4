"""What the routes of custody share: who asks."""

from typing import Annotated

from fastapi import Depends, Request

from hemalum.capabilities.custody import policy
from hemalum.capabilities.custody.service import Custody
from hemalum.kernel.actor import Actor
from hemalum.runtime.http import require

Viewer = Annotated[Actor, Depends(require(policy.VIEW))]
Scanner = Annotated[Actor, Depends(require(policy.SCAN))]
Manager = Annotated[Actor, Depends(require(policy.MANAGE))]
Discarder = Annotated[Actor, Depends(require(policy.DISCARD))]


async def custody_of(request: Request) -> Custody:
    """The custody of this node."""
    custody: Custody = request.app.state.custody
    return custody


Desk = Annotated[Custody, Depends(custody_of)]
