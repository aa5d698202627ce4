"""A hospital on a fresh database, with real policies and a real keyring; its slides have no pixels.

What the unit tests of cases share with those of all that stands on cases.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from argon2 import PasswordHasher

from hemalum.app.registry import permissions_by
from hemalum.capabilities.access import passwords
from hemalum.capabilities.access.model import Grant, GrantKind, Role, Way
from hemalum.capabilities.access.service import Access
from hemalum.capabilities.access.store import credentials
from hemalum.capabilities.cases.accessioning import Accession, PartAsked
from hemalum.capabilities.cases.ledger import ShownCase
from hemalum.capabilities.cases.model import CaseStatus, Identity, PatientIdentifier, Sex
from hemalum.capabilities.cases.service import open_cases
from hemalum.capabilities.reports.model import Value
from hemalum.capabilities.slides import standing, store
from hemalum.capabilities.slides.model import Terms
from hemalum.capabilities.slides.policy import Gate
from hemalum.capabilities.slides.service import Slides, described_columns
from hemalum.formats.wsi.model import Level, PixelFormat, SlideDescription
from hemalum.kernel.actor import Actor, Purpose
from hemalum.kernel.audit import Record
from hemalum.kernel.geometry import PixelSize, SpacingUm
from hemalum.kernel.ids import ImageId, OrganisationId, new_id
from hemalum.runtime.crypto.keys import open_keyring
from hemalum.runtime.db import migrate, open_database, transaction
from hemalum.runtime.policy import load_policies
from hemalum.runtime.settings import load_settings

NOON = datetime(2026, 11, 25, 12, 0, 0, 123456, tzinfo=UTC)
"""A Wednesday. Clocks know microseconds; what prints a time may not."""
HOME = OrganisationId("home")
ELSEWHERE = "elsewhere"
PASSWORD = "a long enough pass phrase"
POLICIES = load_policies()
DESCRIPTION = SlideDescription(
    "generic-tiff", (Level(PixelSize(1000, 800), 1.0),), PixelFormat(3, "uint8"), SpacingUm(0.5, 0.5)
)
PROSTATE: dict[str, Value] = {
    "specimen": "needle",
    "finding": "acinar",
    "primary_pattern": "pattern_3",
    "secondary_pattern": "pattern_4",
    "cores_total": 12.0,
    "cores_positive": 3.0,
    "perineural": False,
}
"""All that the template asks of such a biopsy: grade group 2."""


class Hospital:
    """Cases, and what they stand on, at a time that tests set."""

    def __init__(
        self, folder: Path, people: Mapping[str, Role], blobs: Any = None, queue: Any = None
    ) -> None:
        settings = load_settings(folder, {})
        settings.keys.mkdir(parents=True, exist_ok=True)
        self.now = NOON
        self.count = 0
        self.records: list[Record] = []
        self.refuses: Callable[[Record], None] = lambda _record: None
        """Called with every record, before it is kept."""
        self.sessions: dict[str, str] = {}
        self.database = open_database(f"sqlite:///{folder / 'node.sqlite'}")
        migrate(self.database)
        self.keyring = open_keyring(settings, self.database)
        self.access = Access(self.database, permissions_by(POLICIES).of, clock=lambda: self.now)
        self.access.ensure_first_people()
        self.access.add_organisation(ELSEWHERE, "Another hospital")
        for name, role in people.items():
            self.access.add_person(name, name.capitalize(), HOME, role)
        unused = SimpleNamespace()
        gate = Gate(POLICIES, self.access.place_of, frozenset({Purpose.RESEARCH}))
        parts: tuple[Any, ...] = (blobs or unused, queue or unused, unused)
        self.slides = Slides(settings, self.database, *parts, gate, self._record, clock=lambda: self.now)
        self.cases = open_cases(self.slides, self.access, self.keyring, lambda: self.now)

    def _record(self, one: Record) -> None:
        self.refuses(one)
        self.records.append(one)

    def who(self, name: str, purpose: Purpose = Purpose.CARE) -> Actor:
        """Somebody as their session makes them."""
        actor = self.access.actor_for(name)
        return replace(actor, purpose=purpose, session_id=self.sessions.get(name, actor.session_id))

    def sign_in(self, *names: str) -> None:
        """Give each of them the password and a session for years."""
        password = passwords.hash_password(PASSWORD)
        with transaction(self.database) as connection:
            for name in names:
                person = self.access.actor_for(name).person_id
                ends = NOON + timedelta(days=900)
                grant = Grant(new_id(), GrantKind.SESSION, person, NOON, ends, HOME, way=Way.PASSWORD)
                credentials.put_password(connection, person, password, NOON)
                self.access.add_grant(connection, grant)
                self.sessions[name] = grant.id

    def patient(self, name: str = "Ada Example", **values: Any) -> Identity:
        self.count += 1
        numbers = (PatientIdentifier("Home register", f"P{self.count:06d}"),)
        stated = {"sex": Sex.FEMALE, "birth_date": date(1960, 5, 4), "identifiers": numbers} | values
        return Identity(name, **stated)

    def case(
        self,
        *blocks: tuple[str, ...],
        identity: Identity | None = None,
        specimen: str = "Stomach",
        **asked: Any,
    ) -> ShownCase:
        part = PartAsked("biopsy", specimen, blocks or (("H&E", "HP"),))
        return self.cases.accession(self.who("tech"), Accession((part,), identity, **asked))

    def make_ready(self, case: ShownCase) -> str:
        """The id of a case that may now be read."""
        self.cases.move_case(self.who("tech"), case.case.id, CaseStatus.READY)
        return case.case.id

    def slide(self, case: ShownCase, number: int = 0) -> str:
        return [each.identifier for each in case.material if each.kind == "slide"][number]

    def add_image(
        self,
        described: SlideDescription = DESCRIPTION,
        name: str = "scan.svs",
        terms: Terms | None = None,
        **columns: Any,
    ) -> str:
        """An image whose file says this."""
        image_id = new_id()
        with transaction(self.database) as connection:
            store.add_image(
                connection,
                image_id=ImageId(image_id),
                terms=terms or Terms(HOME),
                name=name,
                created_by=None,
                created_at=NOON,
                objects=[],
            )
            read = described_columns(name, described, [], described, NOON)
            store.update_image(connection, image_id, **read, **columns)
        return image_id

    def set_terms(self, image_id: str, terms: Terms) -> None:
        with transaction(self.database) as connection:
            store.update_image(connection, image_id, terms_id=standing.keep_terms(connection, terms))

    def told(self) -> list[str]:
        """The actions since the last call."""
        return [each.action for each in self.recorded()]

    def recorded(self) -> list[Record]:
        """The records since the last call."""
        found = list(self.records)
        self.records.clear()
        return found

    def later(self, by: timedelta) -> None:
        self.now += by

    def close(self) -> None:
        self.database.dispose()


@contextmanager
def quick_passwords() -> Iterator[None]:
    """Passwords are hashed for next to no cost."""
    with pytest.MonkeyPatch.context() as patch:
        hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
        patch.setattr(passwords, "_hasher", hasher)
        yield
