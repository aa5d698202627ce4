"""QIDO-RS searches over the instances of a database, page by page, on PostgreSQL as on SQLite."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from hemalum.capabilities.slides import dicom_groups, dicom_search, store
from hemalum.capabilities.slides.dicom_groups import Groups, Target, seen_by, wanted_by
from hemalum.capabilities.slides.dicom_search import SearchResult, search
from hemalum.capabilities.slides.model import ImageStatus, Instance, Terms
from hemalum.capabilities.slides.tables import image_table
from hemalum.formats.dicom.qido import parse_query
from hemalum.kernel.ids import ImageId, OrganisationId
from hemalum.runtime.db import migrate, open_database, reading, transaction
from tests.service.conftest import fresh_databases

WSI = "1.2.840.10008.5.1.4.1.1.77.1.6"


def instance(study: int, series: int, number: int) -> Instance:
    return Instance(
        sop_instance_uid=f"1.{study}.{series}.{number}",
        image_id=ImageId("image"),
        study_uid=f"1.{study}",
        series_uid=f"1.{study}.{series}",
        sop_class_uid=WSI,
        transfer_syntax_uid="1.2.840.10008.1.2.4.50",
        instance_number=number,
        image_type=("ORIGINAL", "PRIMARY", "VOLUME", "NONE"),
        rows=256,
        columns=256,
        number_of_frames=4,
        level=number,
        object_number=None,
        header_key="head",
        json_key="json",
    )


EVERYTHING = [
    instance(study, series, number) for study in range(5) for series in range(2) for number in range(3)
]
HIDDEN = ImageId("hidden")
"""Of an image that is not visible, with instances of a study that otherwise is."""
LABEL = replace(
    instance(1, 0, 9),
    level=None,
    image_type=("ORIGINAL", "PRIMARY", "LABEL", "NONE"),
)
OVERVIEW = replace(instance(1, 0, 10), image_type=("derived", "primary", "overview", "none"))


@pytest.fixture(scope="module", params=["postgresql", "sqlite"])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Engine]:
    url = f"sqlite:///{tmp_path_factory.mktemp('search') / 'node.sqlite'}"
    if request.param == "postgresql":
        server: str = request.getfixturevalue("postgres")
        url = server.replace("/postgres", f"/{fresh_databases(server)}")
    made = open_database(url)
    migrate(made)
    hidden = [replace(instance(study, 5, 0), image_id=HIDDEN) for study in (1, 7)]
    with transaction(made) as connection:
        for image_id, instances in (("image", [*EVERYTHING, LABEL, OVERVIEW]), (HIDDEN, hidden)):
            store.add_image(
                connection,
                image_id=ImageId(image_id),
                terms=Terms(OrganisationId("home")),
                name=image_id,
                created_by=None,
                created_at=datetime(2026, 11, 29, tzinfo=UTC),
                objects=[],
            )
            store.update_image(connection, image_id, status=ImageStatus.AVAILABLE.value)
            store.replace_instances(connection, ImageId(image_id), instances)
    yield made
    made.dispose()


class Reader:
    """Data sets on demand, and which were asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, instances: Sequence[Instance]) -> list[dict[str, Any]]:
        self.asked += [one.sop_instance_uid for one in instances]
        return [self._model(one) for one in instances]

    @staticmethod
    def _model(one: Instance) -> dict[str, Any]:
        return {
            "00080018": {"vr": "UI", "Value": [one.sop_instance_uid]},
            "00080060": {"vr": "CS", "Value": ["SM"]},
            "00100020": {"vr": "LO", "Value": [f"patient {one.study_uid}"]},
            "00200013": {"vr": "IS", "Value": [one.instance_number]},
        }


class Find:
    """Searches of somebody who sees one image, and by default not its labels."""

    def __init__(self, database: sa.Engine) -> None:
        self.database = database

    def __call__(
        self, target: Target, read: Reader | None = None, *, with_labels: bool = False, **asked: str
    ) -> SearchResult:
        query = parse_query(asked.items())
        visible = image_table.c.id != HIDDEN
        with reading(self.database) as connection:
            seen = seen_by(visible, sa.true() if with_labels else sa.false())
            groups = Groups(connection, target, seen, wanted_by(connection, query, None, None))
            return search(groups, query, read or Reader(), "http://node/dicomweb")


@pytest.fixture(scope="module")
def find(database: sa.Engine) -> Find:
    return Find(database)


def values(result: SearchResult, tag: str) -> list[Any]:
    return [item[tag]["Value"][0] for item in result.items]


def test_counts_are_those_of_the_whole(find: Find) -> None:
    studies = find(Target.STUDIES)
    assert values(studies, "00201206") == [2] * 5
    assert values(studies, "00201208") == [6] * 5
    assert values(find(Target.SERIES), "00201209") == [3] * 10
    assert len(find(Target.INSTANCES).items) == 30


def test_identity_of_a_part_finds_the_whole(find: Find) -> None:
    assert values(find(Target.STUDIES, SeriesInstanceUID="1.3.1"), "0020000D") == ["1.3"]
    assert values(find(Target.STUDIES, SOPInstanceUID="1.2.1.2"), "0020000D") == ["1.2"]
    assert values(find(Target.SERIES, SOPInstanceUID="1.2.1.2"), "0020000E") == ["1.2.1"]
    assert len(find(Target.STUDIES, SOPClassUID=WSI).items) == 5
    assert find(Target.STUDIES, SOPClassUID="1.2").items == []


def test_only_what_is_shown_is_read(find: Find) -> None:
    read = Reader()
    result = find(Target.STUDIES, read, limit="2", offset="1")
    assert (values(result, "0020000D"), result.remaining) == (["1.1", "1.2"], 2)
    assert len(read.asked) == 2


@given(limit=st.integers(0, 12), offset=st.integers(0, 12), by_patient=st.booleans())
def test_pages_cut_the_same_list(find: Find, limit: int, offset: int, by_patient: bool) -> None:
    filters = {"PatientID": "patient*"} if by_patient else {}
    whole = values(find(Target.SERIES, **filters), "0020000E")
    page = find(Target.SERIES, **filters, limit=str(limit), offset=str(offset))
    assert values(page, "0020000E") == whole[offset : offset + limit]
    assert page.remaining == max(0, len(whole) - offset - limit)


@pytest.mark.parametrize(
    ("asked", "count"),
    [({"PatientID": "patient 1.4"}, 1), ({"PatientID": "patient 1.?"}, 5), ({"ModalitiesInStudy": "CT"}, 0)],
)
def test_attributes_are_matched(find: Find, asked: dict[str, str], count: int) -> None:
    assert len(find(Target.STUDIES, **asked).items) == count


def test_what_is_returned(find: Find) -> None:
    item = find(Target.INSTANCES, SOPInstanceUID="1.2.1.2").items[0]
    assert item["00081190"]["Value"] == ["http://node/dicomweb/studies/1.2/series/1.2.1/instances/1.2.1.2"]
    assert item["00083002"]["Value"] == ["1.2.840.10008.1.2.4.50"]
    assert list(item) == sorted(item)


def test_what_may_not_be_seen_is_neither_counted_nor_found(find: Find) -> None:
    studies = find(Target.STUDIES)
    assert values(studies, "0020000D") == [f"1.{study}" for study in range(5)]
    hidden = find(Target.INSTANCES, SOPInstanceUID="1.7.5.0")
    assert (hidden.items, hidden.remaining) == ([], 0)
    for label in (LABEL, OVERVIEW):
        uid = label.sop_instance_uid
        assert find(Target.INSTANCES, SOPInstanceUID=uid).items == []
        assert find(Target.STUDIES, SOPInstanceUID=uid).items == []
        assert len(find(Target.INSTANCES, SOPInstanceUID=uid, with_labels=True).items) == 1
    assert find(Target.STUDIES, StudyInstanceUID="1.1", with_labels=True).items[0]["00201208"]["Value"] == [8]


def test_of_a_part_that_is_asked_for_the_whole_is_counted(find: Find) -> None:
    (study,) = find(Target.STUDIES, SeriesInstanceUID="1.3.1").items
    assert (study["00201206"]["Value"], study["00201208"]["Value"]) == ([2], [6])


@pytest.mark.parametrize("target", list(Target))
def test_only_a_page_is_loaded(find: Find, monkeypatch: pytest.MonkeyPatch, target: Target) -> None:
    loaded: list[Instance] = []
    instances_where = store.instances_where

    def counted(*asked: Any) -> list[Instance]:
        found = instances_where(*asked)
        loaded.extend(found)
        return found

    monkeypatch.setattr(store, "instances_where", counted)
    result = find(target, limit="1", offset="2")
    of_group = {Target.STUDIES: 6, Target.SERIES: 3, Target.INSTANCES: 1}[target]
    whole = len(EVERYTHING) // of_group
    assert (len(loaded), len(result.items), result.remaining) == (of_group, 1, whole - 3)
    loaded.clear()
    monkeypatch.setattr(dicom_groups, "_PAGE", 2)
    assert len(find(target, PatientID="patient*").items) == whole
    assert len(loaded) == len(EVERYTHING)


def test_what_remains_is_counted_to_an_end(find: Find, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (dicom_groups, dicom_search):
        monkeypatch.setattr(module, "MOST_COUNTED", 3)
    for asked in ({}, {"PatientID": "patient*"}):
        assert find(Target.SERIES, limit="2", offset="5", **asked).remaining == 3
        assert find(Target.SERIES, limit="2", offset="4", **asked).remaining == 4
        assert find(Target.SERIES, limit="2", **asked).remaining == 4
