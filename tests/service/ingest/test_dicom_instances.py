"""The DICOM instances that ingest makes of a slide."""

import asyncio
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pydicom
import pytest
import sqlalchemy as sa

from hemalum.capabilities.access.model import Role
from hemalum.capabilities.slides import store
from hemalum.capabilities.slides.dicom_groups import Target
from hemalum.capabilities.slides.dicomweb import DicomWeb
from hemalum.capabilities.slides.openings import Openings
from hemalum.capabilities.slides.originals import check_taking
from hemalum.formats.dicom.qido import parse_query
from hemalum.kernel.audit import Record
from hemalum.kernel.errors import NotPermitted
from hemalum.runtime.db import reading
from hemalum.testing import samples

PATIENCE_S = 30


def _instances(node: Any, image_id: str) -> list[Any]:
    with reading(node.slides.database) as connection:
        return store.list_instances(connection, sa.true(), image_id=image_id)


def test_label_and_overview_are_instances_and_stay_when_headers_are_made_anew(
    node: Any, tmp_path: Path
) -> None:
    (summary,) = node.ingest(*samples.svs_ycbcr(tmp_path).paths)
    before = _instances(node, summary.id)
    shown = {one.image_type[2] for one in before if one.may_show_label}
    assert shown == {"LABEL", "OVERVIEW"}
    assert {one.image_type[2] for one in before if not one.may_show_label} == {"VOLUME"}
    node.slides.describe(node.actor, summary.id, {"stain": "H&E"})
    end = time.monotonic() + PATIENCE_S
    while (after := _instances(node, summary.id))[0].header_key == before[0].header_key:
        assert time.monotonic() < end
        time.sleep(0.1)
    assert [one.sop_instance_uid for one in after] == [one.sop_instance_uid for one in before]
    with reading(node.slides.database) as connection:
        assert all("H&E" in (short or "") for short in store.list_search_json(connection, after))


def test_that_a_program_is_given_a_label_stands_in_the_log(node: Any, tmp_path: Path) -> None:
    (summary,) = node.ingest(*samples.svs_ycbcr(tmp_path).paths)
    records: list[Record] = []
    serving: Any = SimpleNamespace(openings=Openings(records.append))
    for one in sorted(_instances(node, summary.id), key=lambda one: one.may_show_label):
        uids = one.study_uid, one.series_uid, one.sop_instance_uid
        asyncio.run(DicomWeb(node.slides, serving).get_instance(node.actor, *uids))
        actions = ["slides.open", "slides.view_label"][: 1 + one.may_show_label]
        assert [record.action for record in records] == actions


def test_copies_of_an_instance_count_once(node: Any, tmp_path: Path) -> None:
    folder = tmp_path / "series"
    folder.mkdir()
    paths = samples.dicom_slide(folder).paths
    copy = folder / "zz-copy.dcm"
    copy.write_bytes(paths[0].read_bytes())
    (summary,) = node.ingest(folder)
    assert summary.reason is None
    assert len(_instances(node, summary.id)) == len(paths)


def test_what_an_original_says_of_the_patient_is_told_to_those_who_may_know(
    node: Any, tmp_path: Path
) -> None:
    paths = samples.dicom_slide(tmp_path).paths
    for path in paths:
        dataset = pydicom.dcmread(path)
        dataset.PatientName, dataset.PatientID, dataset.AccessionNumber = "Secret^Ada", "MRN-7", "A-7"
        dataset.save_as(path)
    (summary,) = node.ingest(*paths)
    node.access.add_person("student", "A student", "home", Role.STUDENT)
    records: list[Record] = []
    serving: Any = SimpleNamespace(openings=Openings(records.append))
    dicom, query = DicomWeb(node.slides, serving), parse_query([("PatientName", "Secret*")])
    for who, knows in ((node.actor, True), (node.access.actor_for("student"), False)):
        found = dicom.told(who, dicom.list_instances(who, summary.study_uid))
        metadata = b"".join(dicom.metadata(found, "http://node"))
        everything = dicom.search(
            who, Target.INSTANCES, parse_query([("includefield", "all")]), "http://node"
        )
        for told in (metadata.decode(), str(everything.items)):
            assert summary.study_uid in told
            assert [text in told for text in ("Secret", "MRN-7", "A-7")] == [knows] * 3
        assert bool(dicom.search(who, Target.STUDIES, query, "http://node").items) is knows
    assert [(one.action, one.actor and one.actor.name, one.target) for one in records] == [
        ("slides.view_clinical", node.actor.name, f"image/{summary.id}")
    ]


def test_that_a_search_names_a_patient_stands_in_the_log(node: Any, tmp_path: Path) -> None:
    paths = samples.dicom_slide(tmp_path).paths
    for path in paths:
        dataset = pydicom.dcmread(path)
        dataset.PatientName = "Secret^Ada"
        dataset.save_as(path)
    (summary,) = node.ingest(*paths)
    records: list[Record] = []
    serving: Any = SimpleNamespace(openings=Openings(records.append))
    dicom = DicomWeb(node.slides, serving)
    query = parse_query([("StudyInstanceUID", summary.study_uid)])
    for target, count in ((Target.SERIES, 0), (Target.STUDIES, 1), (Target.INSTANCES, 1)):
        dicom.search(node.actor, target, query, "http://node", summary.study_uid)
        assert len(records) == count
    (told,) = records
    assert (told.target, told.organisation_id) == (f"image/{summary.id}", summary.organisation_id)
    assert told.actor is not None
    assert told.actor.purpose is not None


@pytest.mark.parametrize(
    ("said", "is_kept"),
    [
        ({"PatientName": "Secret^Ada"}, True),
        ({"PatientID": "MRN-7"}, True),
        ({"PatientID": "P-001", "PatientIdentityRemoved": "YES"}, False),
        ({"PatientID": "", "PatientName": ""}, False),
    ],
)
def test_originals_that_name_the_patient_leave_whole_with_those_who_may_know(
    node: Any, tmp_path: Path, said: dict[str, str], is_kept: bool
) -> None:
    paths = samples.dicom_slide(tmp_path).paths
    for path in paths:
        dataset = pydicom.dcmread(path)
        dataset.PatientID = dataset.PatientName = dataset.AccessionNumber = dataset.PatientBirthDate = ""
        for name, value in said.items():
            setattr(dataset, name, value)
        dataset.save_as(path)
    (summary,) = node.ingest(*paths)
    image = node.slides.permit(node.actor, summary.id).image
    check_taking(node.slides, node.actor, image)
    name = f"learner-{summary.id[:8]}"
    node.access.add_person(name, "A learner", "home", Role.STUDENT)
    learner = node.access.actor_for(name)
    if is_kept:
        with pytest.raises(NotPermitted):
            check_taking(node.slides, learner, image)
    else:
        check_taking(node.slides, learner, image)
