"""The corpus of cases that policies are tested with (`hemalum/policies/corpus.toml`)."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hemalum.kernel.actor import Actor
from hemalum.kernel.ids import OrganisationId, PersonId
from hemalum.runtime.policy import SHIPPED, Decision, Place, Policies, moment, person_entities, reference

CORPUS = SHIPPED / "corpus.toml"
_NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Case:
    """One question and what the policies answered."""

    name: str
    allowed: bool
    rule: str | None
    decision: Decision

    @property
    def is_as_expected(self) -> bool:
        """Whether the answer is the expected one, given by the expected rule if one is named."""
        return self.decision.is_allowed is self.allowed and (
            self.rule is None or self.rule in self.decision.rules
        )


def run_corpus(policies: Policies, path: Path = CORPUS) -> Iterator[Case]:
    """Ask every question of a corpus."""
    corpus = tomllib.loads(path.read_text())
    default = corpus["default"]
    for stated in corpus["case"]:
        nested = {name: default[name] | stated.get(name, {}) for name in ("person", "slide")}
        decision = _decide(policies, default | stated | nested)
        yield Case(stated["name"], stated["allowed"], stated.get("rule"), decision)


def _decide(policies: Policies, case: Mapping[str, Any]) -> Decision:
    person, slide = case["person"], case["slide"]
    home = Place(
        OrganisationId(person["organisation"]), country=person["country"], accredited=person["accredited"]
    )
    actor = Actor(
        PersonId(person["id"]),
        person["id"],
        home.id,
        frozenset(),
        "corpus",
        roles=frozenset(case["roles"]),
        is_strong=person["strong"],
    )
    entities = [*person_entities(actor, home), home.entity]
    stated = {case.get(key, home.id) for key in ("organisation", "case_of", "reread_of")}
    others = (stated | {slide["organisation"]}) - {home.id}
    entities += [Place(OrganisationId(other), country=slide["country"]).entity for other in sorted(others)]
    context: dict[str, Any] = {"now": moment(_NOON)}
    if "organisation" in case:
        return policies.decide(
            actor.person_id, case["action"], "Organisation", case["organisation"], entities, context
        )
    if "case_of" in case:
        owner = {
            "organisation": reference("Organisation", case["case_of"]),
            "blinded": case.get("reads_blinded", False),
        }
        entities.append({"uid": {"type": "Case", "id": "case"}, "attrs": owner, "parents": []})
        context["purpose"] = case["purpose"]
        return policies.decide(actor.person_id, case["action"], "Case", "case", entities, context)
    if "reread_of" in case:
        reread = {
            "organisation": reference("Organisation", case["reread_of"]),
            "involved": [reference("Person", one) for one in case.get("involved", [])],
            "open": case.get("waits", True),
        }
        entities.append({"uid": {"type": "Reread", "id": "reread"}, "attrs": reread, "parents": []})
        context["purpose"] = case["purpose"]
        return policies.decide(actor.person_id, case["action"], "Reread", "reread", entities, context)
    attributes = slide | {"organisation": reference("Organisation", slide["organisation"])}
    entities.append({"uid": {"type": "Slide", "id": "slide"}, "attrs": attributes, "parents": []})
    context |= {key: case[key] for key in ("purpose", "relation", "general_basis")}
    return policies.decide(actor.person_id, case["action"], "Slide", "slide", entities, context)
