"""Lists and openings: over random worlds, what is shown is just what can be opened."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from hemalum.capabilities.slides import standing, store
from hemalum.capabilities.slides.model import BrokenGlass, ImageStatus, LibraryQuery, Share, Terms
from hemalum.capabilities.slides.policy import (
    BREAK_GLASS,
    EXPORT,
    PERMISSIONS,
    VIEW,
    VIEW_LABEL,
    Gate,
    GlassNeeded,
)
from hemalum.kernel.actor import Actor, Purpose
from hemalum.kernel.errors import NotFound, NotPermitted
from hemalum.kernel.ids import ImageId, OrganisationId, PersonId
from hemalum.runtime.db import migrate, open_database
from hemalum.runtime.policy import Place, load_policies
from tests.budgets import examples

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
ROLES = (
    "pathologist",
    "technician",
    "researcher",
    "student",
    "sponsor_reviewer",
    "quality_manager",
    "auditor",
)
ORGANISATIONS = ("home", "county", "overseas")
PLACES = {
    "home": Place(OrganisationId("home"), country="CN", accredited=True),
    "county": Place(OrganisationId("county"), country="CN", accredited=False),
    "overseas": Place(OrganisationId("overseas"), country="SG", accredited=True),
}
POLICIES = load_policies()
EVERYTHING = frozenset(PERMISSIONS)

purposes = st.frozensets(st.sampled_from(Purpose), max_size=2)
organisations = st.sampled_from([OrganisationId(name) for name in ORGANISATIONS])
all_terms = st.builds(Terms, organisations, st.booleans(), st.booleans(), purposes, purposes)
moments = st.sampled_from([NOW - timedelta(hours=1), NOW + timedelta(hours=1)])


@dataclass(frozen=True)
class Slide:
    terms: Terms
    sent: list[tuple[OrganisationId, datetime, bool]]
    broken_until: list[datetime]


slides = st.builds(
    Slide,
    all_terms,
    st.lists(st.tuples(organisations, moments, st.booleans()), max_size=2),
    st.lists(moments, max_size=2),
)
actors = st.builds(
    lambda roles, organisation, purpose, breaks: Actor(
        PersonId("li"),
        "Li",
        organisation,
        EVERYTHING if breaks else EVERYTHING - {BREAK_GLASS},
        "s",
        roles=roles,
        purpose=purpose,
    ),
    st.frozensets(st.sampled_from(ROLES), max_size=2),
    organisations,
    st.sampled_from(Purpose),
    st.booleans(),
)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Engine]:
    engine = open_database(f"sqlite:///{tmp_path_factory.mktemp('standing') / 'node.sqlite'}")
    migrate(engine)
    yield engine
    engine.dispose()


def fill(connection: sa.Connection, world: list[Slide]) -> list[str]:
    """Write a world of slides; their ids."""
    ids = [f"slide-{number}" for number in range(len(world))]
    for image_id, slide in zip(ids, world, strict=True):
        store.add_image(
            connection,
            image_id=image_id,
            terms=slide.terms,
            name=image_id,
            created_by=None,
            created_at=NOW,
            objects=[],
        )
        for receiver, until, is_released in slide.sent:
            if receiver != slide.terms.organisation_id:
                basis = "contract" if is_released else None
                share = Share(ImageId(image_id), receiver, PersonId("wang"), NOW, until, basis)
                standing.add_share(connection, share)
        for number, until in enumerate(slide.broken_until):
            glass = BrokenGlass(
                f"{image_id}-{number}",
                ImageId(image_id),
                image_id,
                slide.terms.organisation_id,
                PersonId("li"),
                "Li",
                "an emergency",
                NOW,
                until,
            )
            standing.add_glass(connection, glass)
    return ids


def may(gate: Gate, connection: sa.Connection, actor: Actor, image_id: str, action: str) -> bool:
    """What opening says."""
    found = standing.find_standing(connection, image_id, actor, NOW)
    try:
        gate.check(actor, action, found, NOW)
    except (NotFound, NotPermitted):
        return False
    return True


@settings(max_examples=examples(30))
@given(
    world=st.lists(slides, max_size=8),
    actor=actors,
    basis=purposes,
    action=st.sampled_from([VIEW, VIEW_LABEL, EXPORT]),
)
def test_what_a_list_shows_is_what_can_be_opened(
    database: sa.Engine, world: list[Slide], actor: Actor, basis: frozenset[Purpose], action: str
) -> None:
    gate = Gate(POLICIES, PLACES.__getitem__, basis)
    with database.connect() as connection:
        ids = fill(connection, world)
        for image_id in ids[::2]:
            store.update_image(connection, image_id, status=ImageStatus.AVAILABLE.value)
        visible = standing.visible(
            connection, actor, NOW, lambda one: gate.decide(actor, action, one, NOW).is_allowed
        )
        page = store.list_images(connection, visible, LibraryQuery(limit=500))
        allowed = {image_id for image_id in ids if may(gate, connection, actor, image_id, action)}
        assert {item.id for item in page.items} == allowed
        assert page.total == len(allowed)
        for status in (ImageStatus.RECEIVING, ImageStatus.AVAILABLE):
            page = store.list_images(connection, visible, LibraryQuery(limit=500, status=status))
            assert page.total == len(page.items)
        found = standing.alike(connection, [*ids, "no-slide"], actor, NOW)
        assert sorted(image_id for alike in found.values() for image_id in alike) == sorted(ids)
        decided = [(alike, gate.decide(actor, action, one, NOW)) for one, alike in found.items()]
        assert {one for alike, said in decided if said.is_allowed for one in alike} == allowed


@settings(max_examples=examples(30))
@given(slide=slides, actor=actors)
def test_what_lets_somebody_see_a_slide_of_others_ends_when_it_says(
    database: sa.Engine, slide: Slide, actor: Actor
) -> None:
    with database.connect() as connection:
        [image_id] = fill(connection, [slide])
        found = standing.find_standing(connection, image_id, actor, NOW)
        assert found is not None
        ends = standing.ends_at(connection, image_id, found, actor, NOW)
        if standing.Relation.OWN in found.relation or not found.relation:
            assert ends is None
            return
        assert ends is not None
        before = standing.find_standing(connection, image_id, actor, ends - timedelta(seconds=1))
        after = standing.find_standing(connection, image_id, actor, ends)
        assert before is not None
        assert after is not None
        assert before.relation
        assert not after.relation


def refused(gate: Gate, actor: Actor, terms: Terms, action: str = VIEW) -> type[Exception] | None:
    relation = (
        frozenset({standing.Relation.OWN}) if terms.organisation_id == actor.organisation_id else frozenset()
    )
    try:
        gate.check(actor, action, standing.Standing(terms, relation), NOW)
    except (NotFound, NotPermitted) as error:
        return type(error)
    return None


def test_a_refusal_tells_no_more_than_it_must() -> None:
    gate = Gate(POLICIES, PLACES.__getitem__, frozenset({Purpose.RESEARCH}))
    pathologist = Actor(
        PersonId("li"),
        "Li",
        OrganisationId("home"),
        EVERYTHING,
        "s",
        roles=frozenset({"pathologist"}),
    )
    researcher = Actor(
        PersonId("wu"),
        "Wu",
        OrganisationId("home"),
        EVERYTHING - {BREAK_GLASS},
        "s",
        roles=frozenset({"researcher"}),
    )
    own, others = Terms(OrganisationId("home")), Terms(OrganisationId("county"))
    protected = Terms(OrganisationId("home"), restricted=True)
    reading: dict[str, Any] = {"purpose": Purpose.RESEARCH}
    assert refused(gate, pathologist, own) is None
    assert refused(gate, pathologist, protected) is GlassNeeded
    assert refused(gate, pathologist, others) is NotFound
    assert gate.may_break_glass(pathologist, standing.Standing(others, frozenset()), NOW)
    assert not gate.may_break_glass(researcher, standing.Standing(others, frozenset()), NOW)
    studying = Actor(**{name: getattr(researcher, name) for name in Actor.__slots__} | reading)
    assert refused(gate, studying, own) is None
    assert refused(gate, studying, protected) is NotFound
    assert refused(gate, studying, others) is NotFound
    assert refused(gate, studying, own, VIEW_LABEL) is NotPermitted
    with pytest.raises(NotFound):
        gate.check(pathologist, VIEW, None, NOW)


def test_the_purpose_is_the_first_that_the_roles_allow() -> None:
    gate = Gate(POLICIES, PLACES.__getitem__, frozenset({Purpose.RESEARCH, Purpose.TEACHING}))
    found = {}
    for role in ("pathologist", "quality_manager", "researcher", "student", "auditor"):
        actor = Actor(PersonId("p"), "P", OrganisationId("home"), EVERYTHING, "s", roles=frozenset({role}))
        found[role] = gate.with_purpose(actor, NOW).purpose
    assert found == {
        "pathologist": Purpose.CARE,
        "quality_manager": Purpose.QUALITY,
        "researcher": Purpose.RESEARCH,
        "student": Purpose.TEACHING,
        "auditor": Purpose.CARE,
    }


def test_a_token_reaches_no_further_than_it_is_meant_for() -> None:
    gate = Gate(POLICIES, PLACES.__getitem__, frozenset())
    actor = Actor(
        PersonId("p"), "P", OrganisationId("home"), frozenset({VIEW}), "s", roles=frozenset({"pathologist"})
    )
    own = Terms(OrganisationId("home"))
    assert refused(gate, actor, own) is None
    assert refused(gate, actor, own, VIEW_LABEL) is NotPermitted
    assert refused(gate, actor, own, EXPORT) is NotPermitted
