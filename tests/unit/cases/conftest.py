"""Cases, and what the files of slides say of patients."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from hemalum.capabilities.access.model import Role
from hemalum.capabilities.slides.model import Terms
from hemalum.kernel.ids import new_id
from tests.hospital import DESCRIPTION, ELSEWHERE, Hospital

PEOPLE = {
    "li": Role.PATHOLOGIST,
    "wang": Role.PATHOLOGIST,
    "junior": Role.JUNIOR_PATHOLOGIST,
    "tech": Role.TECHNICIAN,
    "clinician": Role.CLINICIAN,
    "quality": Role.QUALITY_MANAGER,
}


class World(Hospital):
    def __init__(self, folder: Path) -> None:
        self.clinical: dict[str, bytes] = {}
        """Blobs of what files say of patients, by key."""
        super().__init__(folder, PEOPLE, blobs=SimpleNamespace(get=self.clinical.__getitem__))
        self.access.add_person("outsider", "Outsider", ELSEWHERE, Role.PATHOLOGIST)

    def new_image(
        self,
        name: str = "scan.svs",
        barcode: str | None = None,
        clinical: dict[str, str] | None = None,
        terms: Terms | None = None,
    ) -> str:
        described = replace(DESCRIPTION, barcode=barcode, acquired_at="2026-11-20T10:00:00")
        if clinical is None:
            return self.add_image(described, name, terms)
        key = f"clinical/{new_id()}.json"
        self.clinical[key] = json.dumps(clinical).encode()
        return self.add_image(described, name, terms, clinical_key=key)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("cases"))
    yield made
    made.close()
