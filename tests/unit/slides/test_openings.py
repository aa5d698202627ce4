"""What was seen of slides is recorded, sooner or later."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from hemalum.capabilities.slides.openings import Openings, Permitted
from hemalum.kernel.actor import Actor
from hemalum.kernel.audit import Record
from hemalum.kernel.errors import Invalid
from hemalum.kernel.ids import ImageId, OrganisationId, PersonId
from hemalum.runtime.log.store import LogFull

ADA = Actor(PersonId("ada"), "ada", OrganisationId("here"), frozenset(), "session")


def read_in(openings: Openings, *names: str) -> None:
    image = cast(Any, SimpleNamespace(id="image", summary=SimpleNamespace(organisation_id="here")))
    for name in names:
        openings.watch(name, Permitted(image, ADA, (), "", False))
        openings.reads.note(name, 0, 7)


def test_what_was_read_is_kept_until_the_log_takes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    full = True

    def record(entry: Record) -> None:
        if full:
            raise LogFull("The log is full.")
        written.append(entry.detail["opening"])

    openings = Openings(record)
    read_in(openings, "first", "second")
    monkeypatch.setattr(openings.reads, "take_ended", openings.reads.take_all)
    with pytest.raises(LogFull):
        asyncio.run(openings.write_ended())
    full = False
    read_in(openings, "third")
    asyncio.run(openings.write_ended())
    assert sorted(written) == ["first", "second", "third"]
    asyncio.run(openings.write_ended())
    openings.write_all()
    assert len(written) == 3


def test_what_the_log_will_never_take_holds_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []

    def record(entry: Record) -> None:
        if entry.detail["opening"] == "second":
            raise Invalid("This is too long for the log.")
        written.append(entry.detail["opening"])

    openings = Openings(record)
    read_in(openings, "first", "second", "third")
    monkeypatch.setattr(openings.reads, "take_ended", openings.reads.take_all)
    asyncio.run(openings.write_ended())
    assert sorted(written) == ["first", "third"]
    read_in(openings, "fourth", "second", "fifth")
    openings.write_all()
    assert sorted(written) == ["fifth", "first", "fourth", "third"]


def test_what_files_say_of_patients_is_recorded_once_in_a_while_and_for_each_owner() -> None:
    records: list[Record] = []
    full, now = True, 0.0

    def record(entry: Record) -> None:
        if full:
            raise LogFull("The log is full.")
        records.append(entry)

    openings = Openings(record, lambda: now)
    here, other = OrganisationId("here"), {ImageId("other"): OrganisationId("there")}
    owners = {ImageId(f"image{number}"): here for number in range(1200)} | other
    with pytest.raises(LogFull):
        openings.clinical_told(ADA, owners, "dicomweb")
    full = False
    openings.clinical_told(ADA, owners, "dicomweb")
    openings.clinical_told(ADA, owners, "dicomweb")
    told = [(one.organisation_id, one.target, len(one.detail.get("images", ()))) for one in records]
    assert told == [("here", "", 500), ("here", "", 500), ("here", "", 200), ("there", "image/other", 0)]
    now = 3600.0
    openings.clinical_told(ADA, other, "dicomweb")
    assert len(records) == 5
