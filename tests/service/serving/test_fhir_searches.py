"""A search that narrows to cases first finds just what looking at everything finds, in pages of any size."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import pytest

from hemalum.app.node import open_parts
from hemalum.capabilities.cases.accessioning import Accession, PartAsked
from hemalum.capabilities.cases.model import CaseStatus, Identity, PatientIdentifier, Priority
from hemalum.capabilities.fhir.finding import Position
from hemalum.capabilities.fhir.model import Kind
from hemalum.capabilities.fhir.service import Fhir
from hemalum.formats.fhir.searching import matches, parse_query
from hemalum.kernel.actor import Actor, Purpose
from hemalum.runtime.settings import load_settings

KINDS = (Kind.PATIENT, Kind.SERVICE_REQUEST, Kind.SPECIMEN, Kind.TASK)
BASE = "http://127.0.0.1"


@dataclass
class World:
    fhir: Fhir
    actor: Actor

    def search(self, kind: Kind, *stated: tuple[str, str]) -> list[dict[str, Any]]:
        """All pages of a search."""
        position: Position | None = Position(kind.value, stated)
        found: list[dict[str, Any]] = []
        while position is not None:
            page = self.fhir.search(self.actor, position, BASE)
            found += page.found
            position = None if page.following is None else self.fhir.pages.read(page.following)
        return found


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    settings = load_settings(tmp_path_factory.mktemp("searches") / "node", {})
    with open_parts(settings) as parts:
        actor = replace(parts.access.actor_for("admin"), purpose=Purpose.CARE)
        for number, (priority, is_expected) in enumerate(product(Priority, (True, False))):
            identity = Identity(
                f"Person {number % 4}", identifiers=(PatientIdentifier("R", f"N{number % 4}"),)
            )
            asked = Accession(
                (PartAsked("biopsy", "Skin", (("H&E", "PAS"),)), PartAsked("margin")),
                None if number == 1 else identity,
                None,
                priority,
                foreign_numbers=(PatientIdentifier("urn:his", f"O{number}"),),
                is_expected=is_expected,
            )
            case = parts.cases.accession(actor, asked).case
            if number % 3 == 0:
                parts.cases.move_case(actor, case.id, CaseStatus.ENDED, "cancelled by phone")
        (one,) = parts.cases.patients.find(actor, "N0")
        (other,) = parts.cases.patients.find(actor, "N2")
        parts.cases.patients.merge(actor, one.id, other.id, "the same person")
        yield World(parts.fhir_exports().fhir, actor)


def stated_of(resource: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Conditions that this resource fulfils, and some that it does not."""
    at = resource["meta"]["lastUpdated"]
    yield "_id", resource["id"]
    for prefix in ("ge", "gt", "le", "lt", ""):
        yield "_lastUpdated", prefix + at
    if resource["resourceType"] == "Patient":
        # By a number of somebody who was merged, whoever they are now is found.
        return
    for one in resource.get("identifier", []):
        yield "identifier", one["value"]
        yield "identifier", f"{one['system']}|{one['value']}"
        yield "identifier", f"urn:other|{one['value']}"
    yield "status", resource["status"]
    subject = resource.get("subject", resource.get("for", {})).get("reference")
    if subject is not None:
        yield "patient", subject
    if resource["resourceType"] == "Specimen":
        yield "accession", resource["accessionIdentifier"]["value"]
        yield "type", resource["type"]["coding"][0]["code"]
        for parent in resource.get("parent", []):
            yield "parent", parent["reference"]
    else:
        yield "priority", resource["priority"]
    if resource["resourceType"] == "Task":
        yield "focus", resource["focus"]["reference"]


@pytest.mark.parametrize("kind", KINDS)
def test_narrowing_loses_and_adds_nothing(world: World, kind: Kind) -> None:
    everything = world.search(kind)
    assert len(everything) >= 4
    conditions = {each for one in everything for each in stated_of(one)}
    for stated in sorted(conditions):
        expected = [one for one in everything if matches(one, parse_query(kind.value, [stated]).conditions)]
        assert sorted(one["id"] for one in world.search(kind, stated)) == sorted(
            one["id"] for one in expected
        )


@pytest.mark.parametrize("count", ["1", "2", "5", "7"])
def test_pages_of_any_size_hold_the_same(world: World, count: str) -> None:
    for kind in KINDS:
        assert world.search(kind, ("_count", count)) == world.search(kind)
    few = world.search(Kind.SPECIMEN, ("_count", count), ("type", "slide"))
    assert few == world.search(Kind.SPECIMEN, ("type", "slide"))


def test_several_conditions_have_to_hold_at_once(world: World) -> None:
    urgent = ("priority", "urgent")
    cancelled = ("status", "cancelled")
    both = world.search(Kind.TASK, urgent, cancelled)
    ids = {one["id"] for one in world.search(Kind.TASK, urgent)}
    assert [one["id"] for one in both] == [
        one["id"] for one in world.search(Kind.TASK, cancelled) if one["id"] in ids
    ]
    assert world.search(Kind.TASK, ("status", "ready"), cancelled) == []


def test_who_was_merged_says_into_whom(world: World) -> None:
    patients = {one["id"]: one for one in world.search(Kind.PATIENT)}
    (merged,) = [one for one in patients.values() if not one["active"]]
    into = merged["link"][0]["other"]["reference"]
    assert patients[into.removeprefix("Patient/")]["active"]
    by_either = [
        [one["id"] for one in world.search(Kind.TASK, ("patient", name))] for name in (merged["id"], into)
    ]
    assert by_either[0] == by_either[1] != []
