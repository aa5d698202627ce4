"""Commands, undo and redo of several people: any interleaving equals a simple model, and nothing is lost."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from hemalum.capabilities.annotations.model import (
    Add,
    Change,
    ChangedMeanwhile,
    Command,
    CommandLabel,
    Locked,
    Remove,
    Shown,
)
from hemalum.capabilities.annotations.service import Annotations
from hemalum.capabilities.slides import store
from hemalum.capabilities.slides.model import Statement, Terms
from hemalum.capabilities.slides.policy import Gate
from hemalum.capabilities.slides.service import Slides, described_columns
from hemalum.formats.annotations.geometry import MOST_POSITIONS
from hemalum.formats.annotations.model import Annotation, AnnotationKind
from hemalum.formats.wsi.model import Level, PixelFormat, SlideDescription
from hemalum.kernel.actor import Actor, Purpose
from hemalum.kernel.errors import Conflict, Invalid, NotPermitted
from hemalum.kernel.geometry import PixelSize, SpacingUm
from hemalum.kernel.ids import ImageId, OrganisationId, PersonId, new_id
from hemalum.runtime.db import migrate, open_database, transaction
from hemalum.runtime.policy import Place, load_policies
from hemalum.runtime.sandbox import Limits, Workers
from tests.budgets import examples

NOW = datetime(2026, 11, 28, 3, tzinfo=UTC)
HOME = OrganisationId("home")
EVERYTHING = frozenset({"slides.view"} | {f"annotations.{each}" for each in ("view", "draw", "revise")})
POLICIES = load_policies()


def person(name: str, role: str = "pathologist", purpose: Purpose = Purpose.CARE) -> Actor:
    return Actor(PersonId(name), name, HOME, EVERYTHING, name, roles=frozenset({role}), purpose=purpose)


LI, WANG, STUDENT = person("li"), person("wang"), person("student", "student", Purpose.TEACHING)
DESCRIPTION = SlideDescription(
    "generic-tiff",
    (Level(PixelSize(1000, 800), 1.0),),
    PixelFormat(3, "uint8"),
    SpacingUm(0.5, 0.5),
)


@dataclass
class World:
    annotations: Annotations
    database: sa.Engine
    told: list[Any] = field(default_factory=list)

    def new_image(self, description: SlideDescription = DESCRIPTION) -> str:
        image_id = new_id()
        with transaction(self.database) as connection:
            store.add_image(
                connection,
                image_id=ImageId(image_id),
                terms=Terms(HOME),
                name=image_id,
                created_by=None,
                created_at=NOW,
                objects=[],
            )
            store.update_image(
                connection,
                image_id,
                **described_columns("slide", description, [], description, NOW),
            )
        return image_id


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    engine = open_database(f"sqlite:///{tmp_path_factory.mktemp('annotations') / 'node.sqlite'}")
    migrate(engine)
    told: list[Any] = []
    gate = Gate(POLICIES, lambda _: Place(HOME, country="CN", accredited=True), frozenset(Purpose))
    unused = cast(Any, SimpleNamespace())
    slides = Slides(unused, engine, unused, unused, unused, gate, told.append, lambda: NOW)
    workers = Workers(1)
    yield World(Annotations(slides, workers), engine, told)
    workers.close()
    engine.dispose()


def drawn(identifier: str, note: str = "", *, locked: bool = False) -> Annotation:
    return Annotation(
        identifier,
        AnnotationKind.LINE,
        {"type": "LineString", "coordinates": [[0, 0], [30, 40]]},
        note=note,
        locked=locked,
    )


def give(world: World, image: str, who: Actor, *steps: Any, label: CommandLabel = CommandLabel.ADD) -> Any:
    return world.annotations.give(who, image, Command(new_id(), label, steps))


def notes(world: World, image: str) -> dict[str, str]:
    return {one.id: one.note for one in world.annotations.list_since(LI, image).annotations}


# The model: the value of an annotation is a token that nothing else equals, so undo must bring back that one.


@dataclass
class Told:
    """A command in the model."""

    who: str
    before: dict[str, str | None]
    after: dict[str, str | None]


class Model:
    """What an honest person with paper would keep."""

    def __init__(self) -> None:
        self.now: dict[str, str | None] = {}
        self.done: dict[str, list[Told]] = {"li": [], "wang": []}
        self.undone: dict[str, list[Told]] = {"li": [], "wang": []}

    def give(self, who: str, wanted: dict[str, str | None]) -> None:
        before = {one: self.now.get(one) for one in wanted}
        self.now |= wanted
        self.done[who].append(Told(who, before, wanted))
        self.undone[who].clear()

    def undo(self, who: str) -> bool:
        return self._move(self.done[who], self.undone[who], undoes=True)

    def redo(self, who: str) -> bool:
        return self._move(self.undone[who], self.done[who], undoes=False)

    def _move(self, out: list[Told], into: list[Told], *, undoes: bool) -> bool:
        if not out:
            return False
        told = out[-1]
        expected, wanted = (told.after, told.before) if undoes else (told.before, told.after)
        if any(self.now.get(one) != value for one, value in expected.items()):
            return False
        self.now |= wanted
        into.append(out.pop())
        return True


def machine_of(world: World) -> type[RuleBasedStateMachine]:
    people = st.sampled_from([LI, WANG])

    class Machine(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.image = world.new_image()
            self.model = Model()
            self.count = 0
            self.given = 0
            self.known: dict[str, Shown] = {}
            self.sequence = 0

        def _token(self) -> str:
            self.count += 1
            return f"token{self.count:06}"

        def _live(self) -> dict[str, Shown]:
            return {one.id: one for one in world.annotations.list_since(LI, self.image).annotations}

        @rule(who=people, count=st.integers(1, 3))
        def add(self, who: Actor, count: int) -> None:
            wanted = {f"mark-{self._token()}": self._token() for _ in range(count)}
            give(world, self.image, who, *(Add(drawn(one, note)) for one, note in wanted.items()))
            self.model.give(who.name, dict(wanted))
            self.given += 1

        @rule(who=people, data=st.data())
        def change(self, who: Actor, data: st.DataObject) -> None:
            live = self._live()
            if not live:
                return
            ids = data.draw(st.lists(st.sampled_from(sorted(live)), min_size=1, max_size=2, unique=True))
            wanted: dict[str, str | None] = {}
            steps: list[Any] = []
            for one in ids:
                removes = data.draw(st.booleans())
                wanted[one] = None if removes else self._token()
                version = live[one].version
                steps.append(Remove(one, version) if removes else Change(one, version, {"note": wanted[one]}))
            give(world, self.image, who, *steps, label=CommandLabel.CHANGE)
            self.model.give(who.name, wanted)
            self.given += 1

        @rule(who=people)
        def undo(self, who: Actor) -> None:
            self._take_back(self.model.undo(who.name), world.annotations.undo, who)

        @rule(who=people)
        def redo(self, who: Actor) -> None:
            self._take_back(self.model.redo(who.name), world.annotations.redo, who)

        def _take_back(self, works: bool, method: Any, who: Actor) -> None:
            if works:
                method(who, self.image)
                self.given += 1
            else:
                with pytest.raises(Conflict):
                    method(who, self.image)

        @rule(data=st.data())
        def change_what_was_another_version(self, data: st.DataObject) -> None:
            live = self._live()
            if live:
                one = live[data.draw(st.sampled_from(sorted(live)))]
                with pytest.raises(ChangedMeanwhile):
                    give(world, self.image, LI, Change(one.id, one.version - 1, {"note": "late"}))

        @invariant()
        def everybody_sees_what_the_model_says(self) -> None:
            wanted = {one: note for one, note in self.model.now.items() if note is not None}
            for who in (LI, WANG):
                news = world.annotations.list_since(who, self.image, self.sequence)
                for gone in news.removed:
                    self.known.pop(gone, None)
                self.known |= {one.id: one for one in news.annotations}
                assert {one.id: one.note for one in self.known.values()} == wanted
                assert (news.stack.undo is not None) == bool(self.model.done[who.name])
                assert (news.stack.redo is not None) == bool(self.model.undone[who.name])
            self.sequence = news.sequence

        def teardown(self) -> None:
            """Polling brought all that is there. The history leads there from nothing and lost no token."""
            assert self.known == self._live()
            history = world.annotations.list_history(LI, self.image, 0, 500)
            assert history.total == len(history.items) == self.given
            assert [entry.done.sequence for entry in history.items] == list(range(1, self.given + 1))
            now: dict[str, Annotation | None] = {}
            seen = set()
            for entry in history.items:
                for change in entry.changes:
                    assert now.get(change.id) == change.before
                    now[change.id] = change.after
                    if change.after is not None:
                        seen.add(change.after.note)
            assert {one: kept.note for one, kept in now.items() if kept is not None} == notes(
                world, self.image
            )
            told = [*self.model.done.values(), *self.model.undone.values()]
            written = {note for each in told for one in each for note in one.after.values() if note}
            assert written <= seen

    return Machine


def test_any_interleaving_equals_the_model(world: World) -> None:
    run_state_machine_as_test(
        machine_of(world),
        settings=settings(
            max_examples=examples(6),
            stateful_step_count=25,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_a_command_that_arrives_twice_is_done_once(world: World) -> None:
    image = world.new_image()
    command = Command("command-1", CommandLabel.ADD, [Add(drawn("mark-0001"))])
    first = world.annotations.give(LI, image, command)
    again = world.annotations.give(LI, image, command)
    assert (first.sequence, again.sequence) == (1, 1)
    assert first.annotations == again.annotations
    with pytest.raises(Conflict, match="Somebody else"):
        world.annotations.give(WANG, image, command)
    world.annotations.undo(LI, image, "undo-00001")
    assert world.annotations.undo(LI, image, "undo-00001").sequence == 2


def test_all_of_a_command_is_done_or_nothing(world: World) -> None:
    image = world.new_image()
    give(world, image, LI, Add(drawn("mark-0001")))
    before = len(world.told)
    with pytest.raises(ChangedMeanwhile, match="mark-0001"):
        give(world, image, LI, Add(drawn("mark-0002")), Remove("mark-0001", 7))
    assert (notes(world, image), len(world.told)) == ({"mark-0001": ""}, before)
    with pytest.raises(Conflict, match="already"):
        give(world, image, LI, Add(drawn("mark-0001")))
    with pytest.raises(Invalid, match="once"):
        give(world, image, LI, Add(drawn("mark-0003")), Remove("mark-0003", 1))


def test_what_is_locked_is_unlocked_by_whoever_drew_it(world: World) -> None:
    image = world.new_image()
    give(world, image, LI, Add(drawn("mark-0001", locked=True)))
    for who in (LI, WANG):
        with pytest.raises(Locked, match="li"):
            give(world, image, who, Remove("mark-0001", 1))
    with pytest.raises(Locked):
        give(world, image, WANG, Change("mark-0001", 1, {"locked": False}))
    give(world, image, LI, Change("mark-0001", 1, {"locked": False}))
    give(world, image, WANG, Change("mark-0001", 2, {"note": "seen"}))
    assert notes(world, image) == {"mark-0001": "seen"}


def test_what_is_locked_is_unlocked_by_somebody_who_may(world: World) -> None:
    image = world.new_image()
    give(world, image, LI, Add(drawn("mark-0001", locked=True)))
    chief = replace(person("chief"), permissions=EVERYTHING | {"annotations.unlock"})
    with pytest.raises(Locked):
        give(world, image, chief, Change("mark-0001", 1, {"locked": False, "note": "by the way"}))
    with pytest.raises(Locked):
        give(world, image, chief, Remove("mark-0001", 1))
    give(world, image, chief, Change("mark-0001", 1, {"locked": False}))
    give(world, image, chief, Remove("mark-0001", 2))
    assert notes(world, image) == {}
    junior = replace(person("junior", "junior_pathologist"), permissions=EVERYTHING | {"annotations.unlock"})
    give(world, image, LI, Add(drawn("mark-0002", locked=True)))
    with pytest.raises(Locked):
        give(world, image, junior, Change("mark-0002", 1, {"locked": False}))


def test_others_read_the_name_that_people_are_called_by(world: World) -> None:
    image = world.new_image()
    give(world, image, replace(LI, display_name="Dr Li Wei"), Add(drawn("mark-0001")))
    give(world, image, WANG, Change("mark-0001", 1, {"note": "seen"}))
    (shown,) = world.annotations.list_since(LI, image).annotations
    assert (shown.created_by.name, shown.changed_by.name) == ("Dr Li Wei", "wang")


def test_a_student_changes_nothing_that_others_drew(world: World) -> None:
    image = world.new_image()
    give(world, image, LI, Add(drawn("mark-0001")))
    give(world, image, STUDENT, Add(drawn("mark-0002")))
    give(world, image, STUDENT, Change("mark-0002", 1, {"note": "mine"}))
    with pytest.raises(NotPermitted, match=r"annotations\.revise"):
        give(world, image, STUDENT, Change("mark-0001", 1, {"note": "not mine"}))
    with pytest.raises(NotPermitted):
        world.annotations.give(
            replace(STUDENT, permissions=EVERYTHING - {"annotations.draw"}),
            image,
            Command(new_id(), CommandLabel.ADD, [Add(drawn("mark-0003"))]),
        )


def test_the_log_holds_a_digest_of_every_command(world: World) -> None:
    image = world.new_image()
    give(world, image, LI, Add(drawn("mark-0001")))
    give(world, image, LI, Add(drawn("mark-0002")))
    world.annotations.undo(LI, image)
    told = [record for record in world.told if record.target == f"image/{image}"]
    assert [record.action for record in told] == ["annotations.change"] * 3
    assert [record.detail["sequence"] for record in told] == [1, 2, 3]
    assert told[2].detail["undo_of"] == 2
    assert len({record.detail["sha256"] for record in told}) == 3


def test_when_the_log_cannot_keep_it_nothing_is_drawn(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    image = world.new_image()

    def full(_: Any) -> None:
        raise Conflict("The log is full.")

    broken = replace(world.annotations.slides, record=full)
    with suppress(Conflict):
        Annotations(broken, world.annotations.workers).give(
            LI, image, Command(new_id(), CommandLabel.ADD, [Add(drawn("mark-0001"))])
        )
    assert notes(world, image) == {}


def test_nothing_is_measured_without_a_scale_that_may_be_believed(world: World) -> None:
    described = {
        "no physical scale": replace(DESCRIPTION, spacing_um=None),
        "unverified": replace(DESCRIPTION, scale_is_unverified=True),
    }
    for said, description in described.items():
        image = world.new_image(description)
        [one] = give(world, image, LI, Add(drawn("mark-0001"))).annotations
        assert one.measured.length_um is None
        assert said in str(one.measured.why_not)


def test_what_was_drawn_is_measured_again_when_a_person_states_the_scale(world: World) -> None:
    image = world.new_image()
    [one] = give(world, image, LI, Add(drawn("mark-0001"))).annotations
    assert one.measured.length_um.value == 25
    with transaction(world.database) as connection:
        stated = Statement("spacing_um", 1.0, PersonId("li"), "li", NOW)
        store.add_statement(connection, image, stated)
        served = replace(DESCRIPTION, spacing_um=SpacingUm(1.0, 1.0))
        columns = described_columns("slide", DESCRIPTION, [stated], served, NOW)
        store.update_image(connection, image, **columns)
    [again] = world.annotations.list_since(LI, image).annotations
    assert again.measured.length_um is not None
    assert again.measured.length_um.value == 50
    assert again.measured.length_um.uncertainty > 2 * one.measured.length_um.uncertainty
    assert again.version == one.version


def test_an_outline_made_to_be_slow_is_refused_in_time(world: World) -> None:
    """Long slanted teeth whose frames all overlap: to look for crossings takes the square of their number."""
    image = world.new_image()
    teeth = [
        place for number in range(20_000) for place in ([number / 100, 0.0], [number / 100 + 400.005, 400.0])
    ]
    ring = [*teeth, [700.0, -1.0], [0.0, -1.0], teeth[0]]
    slow = replace(
        drawn("mark-0001"), kind=AnnotationKind.BRUSH, geometry={"type": "Polygon", "coordinates": [ring]}
    )
    workers = Workers(1, Limits(cpu_s=3, wall_s=3, stall_s=3))
    try:
        with pytest.raises(Invalid, match="too intricate"):
            replace(world.annotations, workers=workers).give(
                LI, image, Command(new_id(), CommandLabel.ADD, [Add(slow)])
            )
    finally:
        workers.close()
    assert notes(world, image) == {}


def test_an_outline_that_is_too_large_is_refused_without_looking_for_crossings(world: World) -> None:
    ring = [[0.0, 0.0]] * (MOST_POSITIONS + 1)
    large = replace(
        drawn("mark-0001"), kind=AnnotationKind.BRUSH, geometry={"type": "Polygon", "coordinates": [ring]}
    )
    workers = cast(Any, SimpleNamespace())
    with pytest.raises(Invalid, match="1000001 corners"):
        replace(world.annotations, workers=workers).give(
            LI, world.new_image(), Command(new_id(), CommandLabel.ADD, [Add(large)])
        )
