"""What access lends to the application."""

from hemalum.capabilities.access.policy import PERMISSIONS
from hemalum.capabilities.access.routes import entrance, router
from hemalum.kernel.capability import Capability

capability = Capability(name="access", router=router, pages=entrance, permissions=PERMISSIONS)
