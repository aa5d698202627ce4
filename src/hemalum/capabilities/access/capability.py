"""What access lends to the application."""

from hemalum.capabilities.access.routes import router
from hemalum.kernel.capability import Capability

capability = Capability(name="access", router=router, permissions=("access.administer",))
