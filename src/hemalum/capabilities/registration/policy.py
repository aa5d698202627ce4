"""What people may do with transforms: the questions put to the policies of the node."""

from hemalum.capabilities.slides.service import probe_on_slides

VIEW = "slides.view"
ALIGN = "registration.align"
"""To save or remove what lays one slide over another; asked of both."""

PERMISSIONS = {ALIGN: probe_on_slides(ALIGN)}
