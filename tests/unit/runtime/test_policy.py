"""Policies: the rules that ship, what is refused as a policy, and that lists and openings cannot disagree."""

import json
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cedarpy
import pytest

from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import Invalid
from hemalum.kernel.ids import OrganisationId, PersonId
from hemalum.runtime.policy import (
    SHIPPED,
    Permissions,
    Place,
    Policies,
    in_own_organisation,
    load_policies,
)
from hemalum.runtime.policy_corpus import run_corpus

SAMPLED_PREFIX = "a"
SCHEMA = (SHIPPED / "schema.cedarschema").read_text()


def test_the_shipped_rules_answer_the_corpus() -> None:
    cases = list(run_corpus(load_policies()))
    assert [case for case in cases if not case.is_as_expected] == []
    assert {case.allowed for case in cases} == {True, False}


def test_every_shipped_rule_decides_a_case_of_the_corpus() -> None:
    """A rule that no case needs is a rule that nobody tested."""
    policies = load_policies()
    deciding = {rule for case in run_corpus(policies) for rule in case.decision.rules}
    assert set(policies.rules) - deciding == set()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("permit (principal, action, resource) when {", "cannot be read"),
        ("permit (principal, action, resource);", "a rule has no @id"),
        (
            '@id("a") permit (principal, action, resource);\n@id("a") forbid (principal, action, resource);',
            "two rules are called a",
        ),
        (
            '@id("a") permit (principal, action == Action::"slides.burn", resource);',
            "do not fit their schema",
        ),
        (
            '@id("a") permit (principal, action == Action::"slides.view", resource) when { resource.x };',
            "do not fit",
        ),
    ],
)
def test_what_is_no_policy_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence):
        Policies({"site.cedar": text}, SCHEMA)


def test_a_site_forbids_more(tmp_path: Path) -> None:
    site = tmp_path / "policies"
    site.mkdir()
    rule = '@id("site.strong") forbid (principal, action, resource) when { !principal.strong };'
    (site / "site.cedar").write_text(rule)
    policies = load_policies(site)
    assert "site.strong" in policies.rules
    assert policies.digest != load_policies().digest
    allowed = [case for case in run_corpus(policies) if case.decision.is_allowed]
    assert allowed == []


def test_what_a_rule_says_of_one_person_holds_for_that_person_only(tmp_path: Path) -> None:
    rule = '@id("site.li") forbid (principal == Person::"p-li", action, resource);'
    (tmp_path / "site.cedar").write_text(rule)
    asked = Permissions(load_policies(tmp_path), {"read": in_own_organisation("audit.read")})
    place = Place(OrganisationId("here"))
    for name, found in (("p-wang", {"read"}), ("p-li", set()), ("p-wang", {"read"})):
        auditor = Actor(
            PersonId(name), name, place.id, frozenset(), "s", roles=frozenset({"auditor"}), is_strong=True
        )
        assert asked.of(auditor, place) == found


def test_a_sample_of_the_public_corpus_agrees(shared: Callable[[str], Path]) -> None:
    """The engine as we call it, against the decisions that the Cedar project publishes."""
    asked = agreed = 0
    for case, files in _sampled(shared("vectors/cedar/corpus-tests.tar.gz")):
        policies = cedarpy.PolicySet.from_str(files[case["policies"]])
        entities = files[case["entities"]]
        for request in case["requests"]:
            wanted = {key: request[key] for key in ("principal", "action", "resource", "context")}
            result = cedarpy.is_authorized(wanted, policies, entities)
            asked += 1
            agreed += result.allowed is (request["decision"] == "allow")
    assert asked > 2000
    assert agreed == asked


def _sampled(path: Path) -> Iterator[tuple[dict[str, Any], dict[str, str]]]:
    """Every so many-th case with its files; one pass, since a compressed archive has no other way."""
    files: dict[str, str] = {}
    with tarfile.open(path) as corpus:
        for member in corpus:
            # Files are named after the hash of their case, so a prefix is a fair sample.
            if member.isfile() and Path(member.name).name.startswith(SAMPLED_PREFIX):
                content = corpus.extractfile(member)
                assert content is not None
                files[member.name] = content.read().decode()
    for name, text in files.items():
        if name.endswith(".json") and ".entities" not in name:
            yield json.loads(text), files
