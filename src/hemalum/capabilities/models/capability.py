"""What models lend to the application."""

from typing import Any

from hemalum.capabilities.models.model import MANAGE, RELEASE, VIEW
from hemalum.kernel.capability import Capability
from hemalum.runtime.policy import in_own_organisation


def _router() -> Any:
    from hemalum.capabilities.models.routes import router

    return router


capability = Capability(
    name="models",
    router=_router,
    permissions={action: in_own_organisation(action) for action in (VIEW, MANAGE, RELEASE)},
)
