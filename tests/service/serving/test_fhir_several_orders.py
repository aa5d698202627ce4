"""A case that fulfils several orders: each is a ServiceRequest, changed by itself and by one at a time."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import pytest
import sqlalchemy as sa

from hemalum.app.node import Parts, open_parts
from hemalum.capabilities.cases.accessioning import Accession, PartAsked
from hemalum.capabilities.cases.model import Case, Identity, Kind, Material, PatientIdentifier
from hemalum.capabilities.fhir import updating
from hemalum.capabilities.fhir.finding import Position
from hemalum.capabilities.fhir.model import ChangedSince
from hemalum.capabilities.fhir.model import Kind as Type
from hemalum.capabilities.fhir.service import Fhir
from hemalum.capabilities.fhir.updating import Updating
from hemalum.capabilities.orders.model import PlacedAsked
from hemalum.kernel.actor import Actor, Purpose
from hemalum.runtime.settings import load_settings

BASE = "http://127.0.0.1"
_PARAMETERS = {"based_on": "based-on"}


@dataclass
class World:
    parts: Parts
    fhir: Fhir
    actor: Actor

    def case(self, *numbers: str) -> str:
        """A case of so many orders, each with a specimen of its own."""

        def also(connection: sa.Connection, case: Case, material: Sequence[Material]) -> None:
            pieces = [one for one in material if one.kind is Kind.PART]
            asked = [
                PlacedAsked("urn:his", number, (piece.id,))
                for number, piece in zip(numbers, pieces, strict=True)
            ]
            self.parts.orders.placing.note(connection, case, asked)

        asked = Accession(
            tuple(PartAsked("biopsy", "Skin") for _ in numbers),
            Identity("Ada Example", identifiers=(PatientIdentifier("R", numbers[0]),)),
            foreign_numbers=tuple(PatientIdentifier("urn:his", one) for one in numbers),
            is_expected=True,
        )
        return str(self.parts.cases.accession(self.actor, asked, also).case.id)

    def search(self, kind: Type, **stated: str) -> list[dict[str, Any]]:
        named = tuple((_PARAMETERS.get(name, name), value) for name, value in stated.items())
        return list(self.fhir.search(self.actor, Position(kind.value, named), BASE).found)

    def change(self, order: dict[str, Any], status: str) -> dict[str, Any]:
        version = f'W/"{order["meta"]["versionId"]}"'
        updated = Updating(self.fhir, BASE).update(
            self.actor, Type.SERVICE_REQUEST, order["id"], order | {"status": status}, version
        )
        return dict(updated)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with open_parts(load_settings(tmp_path_factory.mktemp("orders") / "node", {})) as parts:
        actor = replace(parts.access.actor_for("admin"), purpose=Purpose.CARE)
        yield World(parts, parts.fhir_exports().fhir, actor)


def orders_of(world: World, case_id: str) -> list[dict[str, Any]]:
    (task,) = world.search(Type.TASK, focus=f"ServiceRequest/{case_id}")
    ids = [one["reference"].removeprefix("ServiceRequest/") for one in task["basedOn"]]
    return [dict(world.fhir.read(world.actor, Type.SERVICE_REQUEST, one, BASE)) for one in ids]


def test_each_order_of_a_case_is_read_found_and_named(world: World) -> None:
    case_id = world.case("A1", "A2", "A3")
    made = orders_of(world, case_id)
    assert made[0]["id"] == case_id
    assert [one["identifier"][1]["value"] for one in made] == ["A1", "A2", "A3"]
    specimens = [one["specimen"] for one in made]
    assert [len(one) for one in specimens] == [1, 1, 1]
    for order, ((named,), number) in zip(made, zip(specimens, ("A1", "A2", "A3"), strict=True), strict=True):
        piece = world.fhir.read(world.actor, Type.SPECIMEN, named["reference"].rpartition("/")[2], BASE)
        assert [one["reference"] for one in piece["request"]] == [f"ServiceRequest/{order['id']}"]
        assert world.search(Type.SERVICE_REQUEST, identifier=f"urn:his|{number}") == [order]
        (task,) = world.search(Type.TASK, based_on=f"ServiceRequest/{order['id']}")
        assert task["id"] == case_id
    patient = made[0]["subject"]["reference"]
    assert world.search(Type.SERVICE_REQUEST, patient=patient) == made
    assert world.search(Type.SERVICE_REQUEST, patient=patient, _count="2") == made[:2]


def test_an_order_is_changed_without_the_others(world: World) -> None:
    case_id = world.case("B1", "B2")
    first, second = orders_of(world, case_id)
    assert world.change(second, "on-hold")["status"] == "on-hold"
    assert [one["status"] for one in orders_of(world, case_id)] == ["active", "on-hold"]
    patient = first["subject"]["reference"]
    (held,) = world.search(Type.SERVICE_REQUEST, patient=patient, status="on-hold")
    assert held["id"] == second["id"]
    world.change(held, "revoked")
    assert [one["status"] for one in orders_of(world, case_id)] == ["active", "revoked"]
    (task,) = world.search(Type.TASK, focus=case_id)
    assert task["status"] == "requested"
    world.change(orders_of(world, case_id)[0], "revoked")
    (task,) = world.search(Type.TASK, focus=case_id)
    assert task["status"] == "cancelled"


def test_of_two_who_change_an_order_at_once_one_does(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    case_id = world.case("C1", "C2")
    _, order = orders_of(world, case_id)
    # Both have found their version right before either of them changes anything.
    both = threading.Barrier(2, timeout=30)
    checked = updating._check_rest

    def wait(known: dict[str, Any], resource: dict[str, Any]) -> None:
        checked(known, resource)
        both.wait()

    monkeypatch.setattr(updating, "_check_rest", wait)

    def change(status: str) -> str:
        try:
            return str(world.change(order, status)["status"])
        except ChangedSince:
            return "changed since"

    with ThreadPoolExecutor(2) as pool:
        came = list(pool.map(change, ("on-hold", "revoked")))
    assert sorted(came)[0] == "changed since"
    (won,) = [one for one in came if one != "changed since"]
    assert [one["status"] for one in orders_of(world, case_id)] == ["active", won]
