"""Organisations that were read a moment ago: never as they were before a change that this process made."""

import pytest

from hemalum.capabilities.access.model import Organisation
from hemalum.capabilities.access.places import Places
from hemalum.kernel.errors import NotFound
from hemalum.kernel.ids import OrganisationId


class Register:
    """Counts how often it is read."""

    def __init__(self) -> None:
        self.name = "Home hospital"
        self.reads = 0

    def read(self, organisation_id: str) -> Organisation:
        self.reads += 1
        return Organisation(OrganisationId(organisation_id), self.name)


def test_an_organisation_is_read_once_a_second_and_after_every_change() -> None:
    register, now = Register(), [0.0]
    places = Places(lambda: now[0])
    for _ in range(3):
        assert places.find("home", register.read).name == "Home hospital"
    assert register.reads == 1
    register.name = "County hospital"
    places.forget()
    assert places.find("home", register.read).name == "County hospital"
    register.name = "Changed by another process"
    assert places.find("home", register.read).name == "County hospital"
    now[0] = 1.0
    assert places.find("home", register.read).name == "Changed by another process"
    assert places.find("elsewhere", register.read).id == "elsewhere"


def test_what_changes_while_it_is_read_is_not_kept_as_it_was() -> None:
    register = Register()
    places = Places(lambda: 0.0)

    def read_late(organisation_id: str) -> Organisation:
        found = register.read(organisation_id)
        register.name = "County hospital"
        places.forget()
        return found

    assert places.find("home", read_late).name == "Home hospital"
    assert places.find("home", register.read).name == "County hospital"


def test_what_is_not_there_is_looked_for_every_time() -> None:
    register, places = Register(), Places(lambda: 0.0)

    def refuse(organisation_id: str) -> Organisation:
        raise NotFound("There is no organisation {organisation_id}.", organisation_id=organisation_id)

    with pytest.raises(NotFound):
        places.find("home", refuse)
    assert places.find("home", register.read).id == "home"
