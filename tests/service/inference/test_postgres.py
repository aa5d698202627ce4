"""Runs and operating points that are begun at once get numbers of their own, on either database."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier

import pytest
import sqlalchemy as sa

from hemalum.capabilities.inference import store as runs
from hemalum.capabilities.inference.model import InferenceRun, RunState
from hemalum.capabilities.slides import store as slides
from hemalum.capabilities.slides.model import Terms
from hemalum.capabilities.triage import store as points
from hemalum.capabilities.triage.model import (
    Calibration,
    CalibrationMethod,
    OperatingPoint,
    Rule,
    TriagePurpose,
)
from hemalum.kernel.ids import ImageId, OrganisationId, new_id
from hemalum.runtime.db import migrate, open_database, transaction

NOW = datetime(2026, 11, 28, tzinfo=UTC)
HOME = OrganisationId("home")
AT_ONCE = 6
RULE = Rule(TriagePurpose.TRIAGE, "violet", 0.7, Calibration(CalibrationMethod.PLATT), 0.1, ())


@pytest.fixture(params=["postgresql", "sqlite"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    url = f"sqlite:///{tmp_path / 'node.sqlite'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("larger_node")()["HEMALUM_DATABASE_URL"]
    made = open_database(url)
    migrate(made)
    yield made
    made.dispose()


def at_once(database: sa.Engine, number: Callable[[sa.Connection], int]) -> list[int]:
    """Numbers that several transactions get; on PostgreSQL all are open before the first one asks."""
    meeting = Barrier(AT_ONCE if database.dialect.name == "postgresql" else 1)

    def one(_: int) -> int:
        with transaction(database) as connection:
            meeting.wait()
            return number(connection)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return sorted(pool.map(one, range(AT_ONCE)))


def test_runs_begun_at_once_have_numbers_of_their_own(database: sa.Engine) -> None:
    with transaction(database) as connection:
        slides.add_image(
            connection,
            image_id=ImageId("slide"),
            terms=Terms(HOME),
            name="slide",
            created_by=None,
            created_at=NOW,
            objects=[],
        )
        runs.add_pass(connection, "pass", "slide")

    def begin(connection: sa.Connection) -> int:
        number = runs.next_number(connection, "slide", "sample.violet", "1.2.0")
        run = InferenceRun(
            id=new_id(),
            organisation_id=HOME,
            image_id=ImageId("slide"),
            generation="g",
            number=number,
            version_id="v",
            model_id="sample.violet",
            model_version="1.2.0",
            model_name="Violet",
            model_name_zh="",
            address="a" * 64,
            task="classification",
            is_shadow=False,
            state=RunState.WAITING,
            reason=None,
            outside=(),
            pass_id="pass",
            created_at=NOW,
            created_by=None,
        )
        runs.add_run(connection, run)
        return number

    assert at_once(database, begin) == list(range(1, AT_ONCE + 1))


def test_points_set_at_once_have_numbers_of_their_own(database: sa.Engine) -> None:
    def put_in_force(connection: sa.Connection) -> int:
        number = points.next_number(connection, HOME, "v")
        point = OperatingPoint(
            new_id(), HOME, "v", "sample.violet", "1.2.0", "Violet", number, RULE, "ours", NOW, "Li"
        )
        points.add_point(connection, point)
        return number

    assert at_once(database, put_in_force) == list(range(1, AT_ONCE + 1))
