"""A demo node is given its cases once, however often its seeding was cut off."""

from pathlib import Path

from hemalum.app.demo import _CASES_DONE, _DEMO_POINTS, seed_cases
from hemalum.app.demo_reports import _DONE, seed_reports
from hemalum.app.node import open_parts
from hemalum.capabilities.cases.model import CaseQuery, Priority, Queue
from hemalum.runtime.settings import load_settings, make_folders


def test_a_demo_node_has_its_cases_once(tmp_path: Path) -> None:
    settings = load_settings(tmp_path / "node", {})
    make_folders(settings)
    seed_cases(settings)
    (settings.data / _CASES_DONE).unlink()
    seed_cases(settings)
    seed_reports(settings)
    (settings.data / _DONE).unlink()
    seed_reports(settings)
    with open_parts(settings) as node:
        visitor = node.access.ensure_demo_person()
        _, signed = node.cases.list_cases(visitor, CaseQuery(Queue.CLOSED))
        _, drafted = node.cases.list_cases(visitor, CaseQuery(Queue.MINE, "breast"))
        reports = [node.reports.show(visitor, one.case.id).current for one in (*signed, *drafted)]
        points = node.custody.points.list_active(visitor)
        total, found = node.cases.list_cases(visitor, CaseQuery())
    assert total == 5
    assert len(points) == len(_DEMO_POINTS)
    assert found[0].case.priority is Priority.INTRAOPERATIVE
    assert [one.case.patient_id for one in found].count(None) == 1
    assert [None if one is None else one.status.value for one in reports] == ["final", "draft"]
