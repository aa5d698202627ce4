"""Several people who write about the same slides at once, on PostgreSQL and on SQLite."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier
from types import SimpleNamespace
from typing import Any, cast

import pytest

from hemalum.analysis.registration import Affine
from hemalum.capabilities.registration.model import SavedMeanwhile, TransformDraft, TransformKind
from hemalum.capabilities.registration.service import Registration
from hemalum.capabilities.slides import store
from hemalum.capabilities.slides.model import Terms
from hemalum.capabilities.slides.policy import Gate
from hemalum.capabilities.slides.service import Slides, described_columns
from hemalum.formats.wsi.model import Level, PixelFormat, SlideDescription
from hemalum.kernel.actor import Actor, Purpose
from hemalum.kernel.geometry import PixelSize, SpacingUm
from hemalum.kernel.ids import ImageId, OrganisationId, PersonId
from hemalum.runtime.db import migrate, open_database, transaction
from hemalum.runtime.policy import Place, load_policies

NOW = datetime(2026, 11, 28, 3, tzinfo=UTC)
HOME = OrganisationId("home")
MAY = frozenset({"slides.view", "slides.describe", "registration.align"})
ELEMENTS = ("specimen", "organ", "stain", "laboratory", "vendor", "scanner_model")


def person(name: str) -> Actor:
    return Actor(
        PersonId(name), name, HOME, MAY, name, roles=frozenset({"pathologist"}), purpose=Purpose.CARE
    )


@pytest.fixture(params=["postgresql", "sqlite"])
def slides(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Slides]:
    url = f"sqlite:///{tmp_path / 'node.sqlite'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("larger_node")()["HEMALUM_DATABASE_URL"]
    database = open_database(url)
    migrate(database)
    description = SlideDescription(
        "generic-tiff",
        (Level(PixelSize(1000, 800), 1.0),),
        PixelFormat(3, "uint8"),
        SpacingUm(0.5, 0.5),
    )
    columns = described_columns("slide", description, [], description, NOW)
    for name in ("one", "two"):
        with transaction(database) as connection:
            store.add_image(
                connection,
                image_id=ImageId(name),
                terms=Terms(HOME),
                name=name,
                created_by=None,
                created_at=NOW,
                objects=[],
            )
            store.update_image(connection, name, **columns)
    gate = Gate(load_policies(), lambda _: Place(HOME, country="CN"), frozenset(Purpose))
    unused = cast(Any, SimpleNamespace())
    queue = cast(Any, SimpleNamespace(enqueue=lambda *_, **__: None))
    yield Slides(unused, database, unused, queue, unused, gate, lambda _: None, clock=lambda: NOW)
    database.dispose()


def test_what_several_state_at_once_all_stands(slides: Slides) -> None:
    for round_number in range(3):
        together = Barrier(len(ELEMENTS))

        def state(element: str, said: str = f"said {round_number}", together: Barrier = together) -> None:
            together.wait()
            slides.describe(person(element), "one", {element: said})

        with ThreadPoolExecutor(len(ELEMENTS)) as pool:
            list(pool.map(state, ELEMENTS))
        described = slides.get_image(person("reader"), "one").description
        assert {getattr(described, element) for element in ELEMENTS} == {f"said {round_number}"}


def test_of_several_who_save_the_first_transform_one_does(slides: Slides) -> None:
    draft = TransformDraft(TransformKind.RIGID, Affine(1, 0, 0, 1, 5, 5), (), "by eye")
    together = Barrier(4)

    def save(number: int) -> bool:
        together.wait()
        try:
            Registration(slides).save(person(f"person{number}"), "one", "two", draft)
        except SavedMeanwhile:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(save, range(4))) == [False, False, False, True]
