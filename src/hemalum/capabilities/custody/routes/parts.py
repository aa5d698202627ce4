"""What the routes of custody share: who asks, and that nobody keeps the answers."""

from typing import Annotated

from fastapi import Depends, Request, Response

from hemalum.capabilities.custody import policy
from hemalum.capabilities.custody.service import Custody
from hemalum.kernel.actor import Actor
from hemalum.runtime.http import require


async def kept_nowhere(response: Response) -> None:
    """Tell browsers and proxies to keep nothing: where tissue is, is true for a moment."""
    response.headers["cache-control"] = "private, no-store"


Viewer = Annotated[Actor, Depends(require(policy.VIEW))]
Scanner = Annotated[Actor, Depends(require(policy.SCAN))]
Manager = Annotated[Actor, Depends(require(policy.MANAGE))]
Discarder = Annotated[Actor, Depends(require(policy.DISCARD))]


async def custody_of(request: Request) -> Custody:
    """The custody of this node."""
    custody: Custody = request.app.state.custody
    return custody


Desk = Annotated[Custody, Depends(custody_of)]
