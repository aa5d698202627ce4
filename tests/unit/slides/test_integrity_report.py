"""The report on integrity counts in the database what looking at every slide would find."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from hemalum.app.node import Parts, open_parts
from hemalum.capabilities.slides import integrity_store, standing
from hemalum.capabilities.slides.model import ImageStatus, Terms
from hemalum.capabilities.slides.tables import image_table, integrity_table
from hemalum.kernel.ids import OrganisationId
from hemalum.runtime.db import reading, transaction
from hemalum.runtime.settings import load_settings

AT = datetime(2026, 11, 1, tzinfo=UTC)
HARMED = [{"name": "slide.svs", "location": "a", "harm": "damaged", "chunks": [1], "repaired": False}]
REPAIRED = [HARMED[0] | {"repaired": True}]


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parts]:
    folder: Path = tmp_path_factory.mktemp("integrity")
    with open_parts(load_settings(folder / "node", {})) as opened:
        yield opened


def test_counts_and_damage_are_those_of_every_slide(parts: Parts) -> None:
    chance = random.Random(3)
    made: list[dict[str, Any]] = []
    with transaction(parts.database) as connection:
        for number in range(120):
            organisation = chance.choice(("home", "elsewhere"))
            terms = Terms(OrganisationId(organisation), restricted=chance.random() < 0.3)
            status = chance.choice((ImageStatus.AVAILABLE, ImageStatus.AVAILABLE, ImageStatus.QUARANTINED))
            row = {
                "id": f"image{chance.random()}",
                "name": f"slide {number:03}",
                "organisation_id": organisation,
                "terms_id": standing.keep_terms(connection, terms),
                "status": status.value,
                "created_at": AT,
                "keep_originals": False,
            }
            unstated = {one.name: "" for one in image_table.c if not one.nullable and one.default is None}
            connection.execute(sa.insert(image_table).values(unstated | row))
            checked = chance.choice((None, AT))
            damage = chance.choice((None, [], HARMED, REPAIRED)) if checked else None
            if chance.random() < 0.8:
                kept = {"image_id": row["id"], "manifest_key": "", "manifest_sha256": ""}
                connection.execute(
                    sa.insert(integrity_table).values(kept | {"checked_at": checked, "damage": damage})
                )
            else:
                checked = damage = None
            made.append(row | {"checked_at": checked, "damage": damage})
    for organisation_id in (None, "home", "elsewhere", "nowhere"):
        found = [
            one
            for one in made
            if one["status"] == "available" and organisation_id in (None, one["organisation_id"])
        ]
        with reading(parts.database) as connection:
            counts = integrity_store.count_standings(connection, organisation_id)
            damaged = integrity_store.list_damaged(connection, organisation_id)
        assert counts == (len(found), sum(one["checked_at"] is None for one in found))
        assert [one.name for one in damaged] == [one["name"] for one in found if one["damage"]]
        assert {one.checked_at for one in damaged} <= {AT}
        for one in damaged:
            kept = next(each for each in found if each["id"] == one.image_id)
            assert one.is_damaged is (kept["damage"] == HARMED)
