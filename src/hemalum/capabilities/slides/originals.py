"""Originals in DICOM that name the patient: who is told so may know the patient, and it stands in the log."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from hemalum.capabilities.slides import policy, store
from hemalum.capabilities.slides.dicom_groups import STUDY_UID
from hemalum.capabilities.slides.model import Image, Instance
from hemalum.capabilities.slides.openings import Openings
from hemalum.capabilities.slides.service import Slides
from hemalum.formats.dicom.patient import names_patient
from hemalum.kernel.actor import Actor
from hemalum.runtime.db import reading


def check_taking(slides: Slides, actor: Actor, image: Image) -> None:
    """Raise NotPermitted where DICOM originals of an image name a patient whom the actor may not know."""
    originals = [each for each in slides.list_instances(image.id) if each.object_number is not None]
    if any(names_patient(slides.blobs.get(each.json_key)) for each in originals):
        slides.permit(actor, image.id, policy.VIEW_CLINICAL)


def known_among(
    slides: Slides, connection: sa.Connection, actor: Actor, instances: Iterable[Instance]
) -> frozenset[str]:
    """The images of these instances of which the actor may read what an original says of the patient."""
    images = {each.image_id for each in instances if each.object_number is not None}
    return slides.narrow(connection, actor, images, policy.VIEW_CLINICAL)[0]


def list_data_sets(slides: Slides, connection: sa.Connection, instances: Sequence[Instance]) -> list[bytes]:
    """What searches look at of each instance, in DICOM JSON; of some the whole data set."""
    kept = store.list_search_json(connection, instances)
    told = zip(instances, kept, strict=True)
    return [slides.blobs.get(each.json_key) if short is None else short.encode() for each, short in told]


def tell_read(
    slides: Slides, openings: Openings, actor: Actor, originals: Sequence[Instance], known: frozenset[str]
) -> None:
    """Record whose patients an actor is told by the data sets of originals of the images that are `known`."""
    told = [each for each in originals if each.image_id in known]
    with reading(slides.database) as connection:
        data_sets = list_data_sets(slides, connection, told)
    naming = zip(told, map(names_patient, data_sets), strict=True)
    _tell(slides, openings, actor, {each.image_id for each, names in naming if names})


def tell_found(slides: Slides, openings: Openings, actor: Actor, items: Iterable[Mapping[str, Any]]) -> None:
    """Record whose patients an actor is told by the answer to a search, in the DICOM JSON model."""
    named = {item[STUDY_UID]["Value"][0] for item in items if names_patient(msgspec.json.encode(item))}
    if not named:
        return
    with reading(slides.database) as connection:
        images = store.list_of_studies(connection, named)
        (told,) = slides.narrow(connection, actor, images, policy.VIEW_CLINICAL)
    _tell(slides, openings, actor, told)


def _tell(slides: Slides, openings: Openings, actor: Actor, image_ids: Collection[str]) -> None:
    if not image_ids:
        return
    with reading(slides.database) as connection:
        owners = store.owners_of(connection, image_ids)
    openings.clinical_told(slides.gate.with_purpose(actor, slides.clock()), owners, "dicomweb")
