"""UIDs of the objects that Hemalum makes of an image: the same image always gets the same ones."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from hemalum.formats.wsi.model import AssociatedKind, SlideDescription

_NAMESPACE = uuid.UUID("9b1f6f3e-6f0a-5d1c-8a57-2f8f5b1f7c11")

IMPLEMENTATION_CLASS_UID = f"2.25.{uuid.uuid5(_NAMESPACE, 'implementation').int}"
IMPLEMENTATION_VERSION_NAME = "HEMALUM"


@dataclass(frozen=True, slots=True)
class SeriesUids:
    """All UIDs that the instances of one synthesised series need."""

    study: str
    series: str
    frame_of_reference: str
    dimension_organisation: str
    pyramid: str
    specimen: str
    levels: tuple[str, ...]
    """SOP Instance UID of each level, finest first."""
    associated: Mapping[AssociatedKind, str]


def derived_uid(seed: str, name: str) -> str:
    """A UID under 2.25 (PS3.5 B.2) that depends only on its arguments."""
    return f"2.25.{uuid.uuid5(_NAMESPACE, f'{seed}/{name}').int}"


def series_uids(seed: str, description: SlideDescription) -> SeriesUids:
    """UIDs for an image. `seed` is its lasting id or its hash; UIDs that the file states are kept."""
    return SeriesUids(
        study=description.study_uid or derived_uid(seed, "study"),
        series=description.series_uid or derived_uid(seed, "series"),
        frame_of_reference=description.frame_of_reference_uid or derived_uid(seed, "frame-of-reference"),
        dimension_organisation=derived_uid(seed, "dimension-organisation"),
        pyramid=derived_uid(seed, "pyramid"),
        specimen=derived_uid(seed, "specimen"),
        levels=tuple(derived_uid(seed, f"level-{n}") for n in range(len(description.levels))),
        associated={kind: derived_uid(seed, kind.value) for kind in AssociatedKind},
    )
