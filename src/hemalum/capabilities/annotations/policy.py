"""What people may do with annotations: the questions put to the policies of the node."""

from hemalum.capabilities.slides.service import probe_on_slides
from hemalum.runtime.policy import in_own_organisation

VIEW = "annotations.view"
DRAW = "annotations.draw"
REVISE = "annotations.revise"
"""To change what others drew."""
UNLOCK = "annotations.unlock"
"""To unlock what others drew and locked."""
EXPORT = "annotations.export"
DEFINE = "annotations.define_classes"

PERMISSIONS = {action: probe_on_slides(action) for action in (VIEW, DRAW, REVISE, UNLOCK, EXPORT)} | {
    DEFINE: in_own_organisation(DEFINE)
}
