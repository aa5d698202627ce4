"""Any history of acts equals a simple model: no final without a pathologist, and none that changes."""

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from hemalum.capabilities.reports.model import Amendment, Source, SourceKind, Version, digest_of
from hemalum.kernel.errors import HemalumError
from tests.budgets import examples
from tests.hospital import PASSWORD

from .conftest import World

PEOPLE = ["li", "wang", "junior", "tech", "clinician", "robot"]
PATHOLOGISTS = {"li", "wang"}
WRITERS = PATHOLOGISTS | {"junior", "robot"}


def machine_of(world: World) -> type[RuleBasedStateMachine]:
    class Machine(RuleBasedStateMachine):
        """What an honest person with paper would keep of one report."""

        def __init__(self) -> None:
            super().__init__()
            self.id = world.case_id()
            self.versions: list[Version] = []
            self.words = 0

        def act(self, expected: bool, act: Any) -> None:
            try:
                found = act()
            except HemalumError:
                assert not expected
                return
            assert expected
            if found.number > len(self.versions):
                self.versions.append(found)

        @property
        def newest(self) -> Version | None:
            return self.versions[-1] if self.versions else None

        @property
        def is_open(self) -> bool:
            return self.newest is None or not self.newest.is_signed

        @rule(who=st.sampled_from(PEOPLE), is_behind=st.booleans(), is_whole=st.booleans())
        def write(self, who: str, is_behind: bool, is_whole: bool) -> None:
            self.words += 1
            content = world.content(f"Diagnosis {self.words}.", perineural=True if is_whole else None)
            known = len(self.versions) - is_behind
            source = Source(SourceKind.MODEL, "finder", "1") if who == "robot" else Source()
            is_stale = is_behind and bool(self.versions)
            self.act(
                who in WRITERS and self.is_open and not is_stale,
                lambda: world.write(self.id, who, content, max(known, 0) or None, source),
            )

        @rule(who=st.sampled_from(PEOPLE), is_behind=st.booleans())
        def hand_over(self, who: str, is_behind: bool) -> None:
            version = self.versions[-2] if is_behind and len(self.versions) > 1 else self.newest
            if version is None:
                return
            allowed = version is self.newest and version.status.value == "draft"
            self.act(
                allowed and who in WRITERS - {"robot"},
                lambda: world.reports.hand_over(world.who(who), self.id, version.number, version.sha256),
            )

        @rule(
            who=st.sampled_from(PEOPLE),
            is_behind=st.booleans(),
            password=st.sampled_from([PASSWORD, PASSWORD, PASSWORD, None]),
        )
        def sign(self, who: str, is_behind: bool, password: str | None) -> None:
            version = self.versions[-2] if is_behind and len(self.versions) > 1 else self.newest
            if version is None:
                return
            assert version.content is not None
            is_whole = "perineural" in version.content.values or version.amends == "entered_in_error"
            is_right = version is self.newest and not version.is_signed and is_whole
            self.act(
                is_right and who in PATHOLOGISTS and password is not None,
                lambda: world.sign(self.id, version, who, password),
            )
            # A wrong password is no part of this history; too many would lock people out.
            with world.database.begin() as connection:
                connection.exec_driver_sql("DELETE FROM access_lockout")

        @rule(who=st.sampled_from(PEOPLE), kind=st.sampled_from(list(Amendment)))
        def reopen(self, who: str, kind: Amendment) -> None:
            allowed = self.newest is not None and self.newest.is_signed and who in PATHOLOGISTS
            self.act(allowed, lambda: world.reports.reopen(world.who(who), self.id, kind, "because"))

        @invariant()
        def versions_stand_as_they_were_written(self) -> None:
            shown = world.reports.show(world.who("li"), self.id)
            assert [one.sha256 for one in shown.versions] == [one.sha256 for one in self.versions]
            assert shown.current == self.newest
            for before, after in zip([None, *self.versions], self.versions, strict=False):
                assert after.previous_sha256 == (None if before is None else before.sha256)
                assert after.sha256 == digest_of(after)

        @invariant()
        def nothing_is_final_without_a_pathologist(self) -> None:
            names = {world.access.get_person(one).id for one in PATHOLOGISTS}
            assert all(one.author_id in names for one in self.versions if one.is_signed)
            was_signed = any(one.is_signed for one in self.versions)
            status = world.status(self.id)
            if self.newest is None:
                assert status == "ready"
            elif self.newest.is_signed:
                assert status == "final"
            else:
                assert status == ("amended" if was_signed else self.newest.status.value)

    return Machine


def test_any_history_equals_the_model(world: World) -> None:
    run_state_machine_as_test(
        machine_of(world),
        settings=settings(
            max_examples=examples(6),
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
