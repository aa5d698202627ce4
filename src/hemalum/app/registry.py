"""Every capability of the node, lowest first. This tuple is the only registration there is."""

from hemalum.capabilities.access.capability import capability as access
from hemalum.capabilities.audit.capability import capability as audit
from hemalum.capabilities.slides.capability import capability as slides
from hemalum.kernel.capability import Capability

CAPABILITIES: tuple[Capability, ...] = (access, audit, slides)
