"""Cases on PostgreSQL as on SQLite: numbers given at once differ, lists agree, mergers come apart."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from hemalum.app.node import Parts, open_parts
from hemalum.capabilities.cases import store
from hemalum.capabilities.cases.accessioning import Accession, PartAsked
from hemalum.capabilities.cases.model import (
    CaseQuery,
    CaseStatus,
    Identity,
    LinkedElsewhere,
    PatientIdentifier,
    Queue,
    Stage,
)
from hemalum.capabilities.custody.model import ContainerKind, Step, UnknownCode
from hemalum.capabilities.custody.scanning import ScanAsked
from hemalum.capabilities.reports.model import Content, Language, Section
from hemalum.capabilities.reports.showing import Draft
from hemalum.capabilities.slides import store as slides_store
from hemalum.capabilities.slides.model import Terms
from hemalum.kernel.actor import Actor
from hemalum.kernel.clock import utc_now
from hemalum.kernel.ids import ImageId, new_id
from hemalum.runtime.db import transaction
from hemalum.runtime.settings import load_settings

AT_ONCE = 8


@pytest.fixture(params=["postgresql", "sqlite"])
def node(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Parts]:
    stated: dict[str, str] = {}
    if request.param == "postgresql":
        larger: Callable[[], dict[str, str]] = request.getfixturevalue("larger_node")
        stated = larger()
    with open_parts(load_settings(tmp_path / "node", stated)) as parts:
        yield parts


def order(number: str) -> Accession:
    identity = Identity("Nobody, Ada", identifiers=(PatientIdentifier("Register", number),))
    return Accession((PartAsked("biopsy", "Colon", (("H&E",),)),), identity)


def test_cases_work_on_either_database(node: Parts) -> None:
    admin, cases = node.access.actor_for("admin"), node.cases
    first = cases.accession(admin, order("P0"))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        made = list(pool.map(lambda n: cases.accession(admin, order(f"P{n}")), range(1, AT_ONCE + 1)))
    numbers = {one.case.number for one in [first, *made]}
    assert len(numbers) == AT_ONCE + 1
    total, listed = cases.list_cases(admin, CaseQuery(limit=5))
    assert (total, len(listed)) == (AT_ONCE + 1, 5)
    assert cases.list_cases(admin, CaseQuery(text="p3"))[0] == 1
    for text, found in (("colon", AT_ONCE + 1), ("olo iop", AT_ONCE + 1), ("colonx", 0), ("结肠", 0)):
        assert cases.list_cases(admin, CaseQuery(text=text))[0] == found
    cases.add_material(admin, first.case.id, None, "活检", "结肠")
    assert cases.list_cases(admin, CaseQuery(text="结肠"))[0] == 1
    assert cases.list_cases(admin, CaseQuery(text="肠"))[0] == 1
    shown = cases.move_material(admin, first.material[0].id, Stage.GROSSED)
    assert shown.case.status is CaseStatus.IN_PROCESS
    cases.move_case(admin, first.case.id, CaseStatus.READY)
    cases.assigning.assign(admin, first.case.id, admin.person_id)
    _, counts = cases.count_queues(admin)
    assert (counts[Queue.MINE], counts[Queue.OPEN]) == (1, AT_ONCE + 1)
    a, b = str(first.case.patient_id), str(made[0].case.patient_id)
    assert len(cases.patients.merge(admin, a, b, "the same person").case_ids) == 2
    assert len(cases.patients.unmerge(admin, a, "they are two").case_ids) == 1
    assert cases.find_case(admin, first.material[-1].identifier).case.id == first.case.id
    visitor = node.access.ensure_demo_person()
    content = Content(sections={Section.DIAGNOSIS: "Tubular adenoma."})
    draft = node.reports.write(visitor, first.case.id, Draft(None, content, Language.EN))
    signed = node.reports.sign(visitor, first.case.id, 1, draft.sha256)
    assert node.reports.show(visitor, first.case.id).current == signed
    flagged = node.reports.critical.flag(visitor, first.case.id, "malignant")
    assert [one.id for one in node.reports.critical.list_open(visitor)] == [flagged.id]
    check_custody(node, [piece.identifier for one in made for piece in one.material])


@pytest.mark.parametrize("first", ["code", "hand"])
def test_an_image_that_a_person_and_its_code_link_at_once_is_linked_once(
    larger_node: Callable[[], dict[str, str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    first: str,
) -> None:
    """Whoever is slower by a moment is told so: on PostgreSQL neither waits for the other's case."""
    with open_parts(load_settings(tmp_path / "node", larger_node())) as node:
        admin, linking = node.access.actor_for("admin"), node.cases.linking
        said, chosen = (
            node.cases.accession(admin, order(number)).material[-1].identifier for number in ("P1", "P2")
        )
        image = new_image(node, admin, said)

        def by_code() -> None:
            assert linking.link_by_code(image) == (said if first == "code" else None)

        def by_hand() -> None:
            if first == "hand":
                assert linking.link(admin, image, chosen).case.slides_scanned == 1
            else:
                with pytest.raises(LinkedElsewhere):
                    linking.link(admin, image, chosen)

        faster, slower = (by_code, by_hand) if first == "code" else (by_hand, by_code)
        add_link = store.add_link

        def overtaken(*row: Any) -> bool:
            monkeypatch.setattr(store, "add_link", add_link)
            faster()
            return add_link(*row)

        monkeypatch.setattr(store, "add_link", overtaken)
        slower()
        found = linking.find_case_of(admin, image)
        assert found is not None
        assert found[1].identifier == (said if first == "code" else chosen)
        assert linking.find_claim(image) == ("settled", found[1].identifier)


def new_image(node: Parts, actor: Actor, identifier: str) -> str:
    """An image whose name says which slide it is of."""
    image_id, name = ImageId(new_id()), identifier.replace("/", "_") + ".svs"
    with transaction(node.database) as connection:
        slides_store.add_image(
            connection,
            image_id=image_id,
            terms=Terms(actor.organisation_id),
            name=name,
            created_by=None,
            created_at=utc_now(),
            objects=[],
        )
    return image_id


def check_custody(node: Parts, codes: list[str]) -> None:
    """Scans at once are one chain, which the database lets nobody change."""
    admin, custody = node.access.actor_for("admin"), node.custody
    desk = custody.points.add(admin, "Desk", "Room 1", Step.PLACE)
    rack = custody.containers.add(admin, ContainerKind.RACK, "Rack 1", len(codes))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        asked = [ScanAsked(desk.id, code, rack.code) for code in codes]
        done = list(pool.map(lambda one: custody.scanning.scan(admin, one), asked))
    assert sorted(each.event.after_place.slot or 0 for each in done) == list(range(1, len(codes) + 1))
    with pytest.raises(UnknownCode):
        custody.scanning.scan(admin, ScanAsked(desk.id, codes[0][:-1] + "Z"))
    assert custody.tracing.verify(admin).faults == ()
    assert custody.tracing.find(admin, codes[0]).verified.is_whole
    assert len(custody.tracing.list_waiting(admin, desk.id)) == 0
    made = custody.discarding.propose(admin, codes[1:2], "old", despite_retention=True)
    assert custody.discarding.list_all(admin) == [made]
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), transaction(node.database) as connection:
        connection.execute(sa.text("UPDATE custody_event SET reason = 'so it was'"))
