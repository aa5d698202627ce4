"""Scopes: what is asked for is narrowed, and never widened."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemalum.formats.fhir.scopes import PLAIN, Interaction, Level, Scope, narrow, parse_scope, scopes_of

KINDS = ("*", "Patient", "DiagnosticReport", "Specimen")
LETTERS = "cruds"
resource_scopes = st.builds(
    Scope,
    st.sampled_from(Level),
    st.sampled_from(KINDS),
    st.sets(st.sampled_from(LETTERS), min_size=1).map(frozenset),
)
scopes = st.sets(st.one_of(resource_scopes.map(str), st.sampled_from(PLAIN)), max_size=6)


def reach(stated: set[str] | frozenset[str]) -> set[tuple[Level, str, str]]:
    """All that somebody can do by scopes, kind by kind."""
    return {
        (one.level, kind, letter)
        for one in scopes_of(stated)
        for kind in (*KINDS[1:], "Task")
        for letter in one.interactions
        if one.kind in ("*", kind)
    }


@given(resource_scopes)
def test_a_scope_is_read_as_it_is_written(scope: Scope) -> None:
    assert parse_scope(str(scope)) == scope


@given(scopes, scopes)
def test_what_is_granted_is_what_is_both_asked_for_and_allowed(asked: set[str], allowed: set[str]) -> None:
    granted = narrow(asked, allowed)
    assert reach(granted) == reach(asked) & reach(allowed)
    assert granted & set(PLAIN) == asked & allowed & set(PLAIN)
    assert narrow(granted, allowed) == narrow(granted, granted)


def test_scopes_of_the_first_version_are_understood() -> None:
    assert narrow(["patient/*.read"], ["patient/DiagnosticReport.rs"]) == {"patient/DiagnosticReport.rs"}
    assert str(parse_scope("user/Patient.*")) == "user/Patient.cruds"
    assert str(parse_scope("user/Patient.write")) == "user/Patient.cud"


@pytest.mark.parametrize(
    "text",
    [
        "patient/Observation.rs?category=laboratory",
        "patient/Observation.",
        "patient/Observation.sr",
        "patient/observation.r",
        "everybody/Patient.r",
        "patient/*.rs patient/*.c",
        "launch/encounter",
        "",
    ],
)
def test_what_cannot_be_granted_is_no_scope(text: str) -> None:
    assert parse_scope(text) is None
    assert narrow([text], [text, "patient/*.cruds"]) == frozenset()


def test_a_scope_covers_its_kind_and_letters() -> None:
    scope = parse_scope("user/Patient.r")
    assert scope is not None
    assert scope.covers("Patient", Interaction.READ)
    assert not scope.covers("Patient", Interaction.SEARCH)
    assert not scope.covers("Specimen", Interaction.READ)
