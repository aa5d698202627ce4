"""What access lends to the application."""

from hemalum.capabilities.access.routes import entrance, router
from hemalum.kernel.capability import Capability

PERMISSIONS = (
    "access.administer",
    "access.administer_node",
    "audit.read",
    "audit.export",
    "audit.erase",
    "slides.share",
    "slides.break_glass",
)
"""Those of access, and those of capabilities that are not there yet."""

capability = Capability(name="access", router=router, pages=entrance, permissions=PERMISSIONS)
