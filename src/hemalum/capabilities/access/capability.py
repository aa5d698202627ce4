"""What access lends to the application."""

from hemalum.capabilities.access.routes import entrance, router
from hemalum.kernel.capability import Capability
from hemalum.runtime.policy import in_own_organisation

capability = Capability(
    name="access",
    router=router,
    pages=entrance,
    permissions={"access.administer": in_own_organisation("access.administer")},
)
