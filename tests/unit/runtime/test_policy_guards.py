"""Rules that cannot hold for a purpose: leaving them out changes no answer."""

import json
from datetime import UTC, datetime
from functools import cache
from typing import Any

import cedarpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hemalum.kernel.actor import Actor, Purpose
from hemalum.kernel.ids import OrganisationId, PersonId
from hemalum.runtime.policy import Place, Policies, load_policies, moment, person_entities, reference
from hemalum.runtime.policy_guards import purposes_of

FAILS = "9223372036854775807 + 1 > 0"
ACTIONS = ("slides.view", "slides.view_label", "slides.export")
HOME = Place(OrganisationId("home"), country="CN", accredited=True)

atoms = st.sampled_from(
    [
        'context.purpose == "trial"',
        '"care" == context.purpose',
        '["care", "research"].contains(context.purpose)',
        'context.purpose != "care"',
        '!(context.purpose == "quality")',
        'principal in Role::"pathologist"',
        '(principal in Role::"student" || context.purpose == "teaching")',
        'context.relation.contains("own")',
        "resource.consented.contains(context.purpose)",
        "principal.country == resource.country",
        FAILS,
    ]
)
rules = st.tuples(
    st.sampled_from(["permit", "forbid"]),
    st.sampled_from(["when", "unless"]),
    st.lists(atoms, min_size=1, max_size=3),
    st.sampled_from(["", 'when { context.purpose == "care" }']),
)


@cache
def shipped() -> Policies:
    return load_policies()


@cache
def schema() -> cedarpy.Schema:
    return cedarpy.Schema.from_str(shipped().schema)


def named(number: int, rule: tuple[str, str, list[str], str]) -> str:
    effect, word, conditions, more = rule
    body = " && ".join(conditions)
    head = f"{effect} (principal, action == Action::{json.dumps(ACTIONS[number % 2])}, resource)"
    return f'@id("site.{number}")\n{head}\n{word} {{ {body} }} {more};'


def asked(role: str, purpose: Purpose, relation: list[str], consented: list[str]) -> tuple[Any, Any]:
    """Entities and context of somebody who looks at a slide."""
    actor = Actor(PersonId("li"), "Li", HOME.id, frozenset(), "s", roles=frozenset({role}))
    slide = {
        "organisation": reference("Organisation", HOME.id),
        "country": "CN",
        "restricted": False,
        "blinded": False,
        "consented": consented,
        "refused": [],
        "held_back": False,
    }
    uid = {"type": "Slide", "id": "slide"}
    entities = [*person_entities(actor, HOME), HOME.entity, {"uid": uid, "attrs": slide, "parents": []}]
    now = moment(datetime(2026, 1, 1, tzinfo=UTC))
    return entities, {"purpose": purpose, "relation": relation, "general_basis": [], "now": now}


@settings(max_examples=30)
@given(
    added=st.lists(rules, max_size=4),
    role=st.sampled_from(["pathologist", "student", "researcher"]),
    relation=st.sampled_from([["own"], ["sent"]]),
    purpose=st.sampled_from(Purpose),
    consented=st.lists(st.sampled_from([one.value for one in Purpose]), max_size=2, unique=True),
)
def test_every_answer_is_that_of_all_rules_together(
    added: list[tuple[str, str, list[str], str]],
    role: str,
    relation: list[str],
    purpose: Purpose,
    consented: list[str],
) -> None:
    site = "\n".join(named(number, rule) for number, rule in enumerate(added))
    policies = Policies(shipped().texts | {"site.cedar": site}, shipped().schema)
    whole = cedarpy.PolicySet.from_str("\n".join(policies.texts.values()))
    entities, context = asked(role, purpose, relation, consented)
    for action in ACTIONS:
        request = {
            "principal": {"type": "Person", "id": "li"},
            "action": {"type": "Action", "id": action},
            "resource": {"type": "Slide", "id": "slide"},
            "context": context,
        }
        result = cedarpy.is_authorized(request, whole, entities, schema())
        told = result.diagnostics.id_annotations_by_reason
        decision = policies.decide("li", action, "Slide", "slide", entities, context)
        assert decision.is_allowed is (result.allowed and not result.diagnostics.errors)
        assert decision.rules == tuple(sorted(told[one] for one in result.diagnostics.reasons))


@pytest.mark.parametrize(
    ("conditions", "purposes"),
    [
        ('when { context.purpose == "trial" }', {"trial"}),
        ('when { "trial" == context.purpose && resource.restricted }', {"trial"}),
        ('when { ["care", "quality"].contains(context.purpose) }', {"care", "quality"}),
        ('when { principal in Role::"student" && context.purpose == "teaching" }', {"teaching"}),
        ('when { context.purpose == "care" } when { context.purpose == "trial" }', set()),
        ('when { context.purpose == "care" } unless { resource.restricted }', {"care"}),
        (f'when {{ {FAILS} && context.purpose == "trial" }}', None),
        ('when { principal.country == "CN" && context.purpose == "trial" }', None),
        ('when { context.purpose == "care" || resource.restricted }', None),
        ("when { context.purpose == context.purpose }", None),
        ('when { context.general_basis.contains(context.purpose) && context.purpose == "trial" }', None),
        ('unless { context.purpose == "care" }', None),
        ('when { context.purpose != "care" }', None),
        ("", None),
    ],
)
def test_purposes_are_read_off_what_must_hold_first(conditions: str, purposes: set[str] | None) -> None:
    text = f"permit (principal, action, resource) {conditions};"
    [rule] = json.loads(cedarpy.policies_to_json_str(text))["staticPolicies"].values()
    assert purposes_of(rule) == purposes
