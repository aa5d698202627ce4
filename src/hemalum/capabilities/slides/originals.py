"""Originals in DICOM that name the patient leave whole only with who may know the patient."""

from hemalum.capabilities.slides import policy
from hemalum.capabilities.slides.model import Image
from hemalum.capabilities.slides.service import Slides
from hemalum.formats.dicom.patient import names_patient
from hemalum.kernel.actor import Actor


def check_taking(slides: Slides, actor: Actor, image: Image) -> None:
    """Raise NotPermitted where DICOM originals of an image name a patient whom the actor may not know."""
    originals = [each for each in slides.list_instances(image.id) if each.object_number is not None]
    if any(names_patient(slides.blobs.get(each.json_key)) for each in originals):
        slides.permit(actor, image.id, policy.VIEW_CLINICAL)
