"""An amendment that was begun by mistake is given up: what was signed stands, and everything is kept."""

import pytest

from hemalum.capabilities.reports.amending import withdraw_amendment
from hemalum.capabilities.reports.model import Amendment, SavedMeanwhile, Status, Version, digest_of
from hemalum.kernel.errors import Conflict, Invalid, NotPermitted
from tests.hospital import HOME, PASSWORD

from .conftest import World


def begun(world: World) -> tuple[str, Version, Version]:
    """A case whose signed report is being changed: its id, what was signed, and the draft."""
    case_id, signed = world.signed(diagnosis="Benign.")
    world.reports.reopen(world.who("li"), case_id, Amendment.CORRECTED, "another case was meant")
    return case_id, signed, world.write(case_id, content=world.content("Malignant."))


def withdraw(
    world: World, case_id: str, draft: Version, who: str = "li", reason: str = "a mistake"
) -> Version:
    return withdraw_amendment(world.reports, world.who(who), case_id, draft.number, draft.sha256, reason)


def test_what_was_signed_stands_again_and_all_is_kept(world: World) -> None:
    case_id, signed, draft = begun(world)
    before = world.reports.show(world.who("li"), case_id)
    assert (before.may.withdraw, before.may.amend) == (True, False)
    world.told()
    withdrawn = withdraw(world, case_id, draft)
    assert "reports.withdraw_amendment" in world.told()
    assert world.status(case_id) == "final"

    shown = world.reports.show(world.who("li"), case_id)
    assert shown.current is not None
    assert (shown.current.number, shown.current.status) == (signed.number, Status.FINAL)
    assert (shown.may.withdraw, shown.may.amend, shown.may.edit) == (False, True, False)
    assert [one.status for one in shown.versions[-4:]] == [
        Status.FINAL,
        Status.DRAFT,
        Status.DRAFT,
        Status.WITHDRAWN,
    ]
    assert (withdrawn.reason, withdrawn.amends) == ("a mistake", Amendment.CORRECTED)
    assert withdrawn.previous_sha256 == draft.sha256
    kept = world.reports.get_version(world.who("li"), case_id, withdrawn.number)[1]
    assert (kept.content, digest_of(kept)) == (shown.current.content, withdrawn.sha256)
    moves = [
        (one.before, one.after, one.reason)
        for one in world.cases.list_events(world.who("li"), case_id)
        if one.action == "move_case"
    ]
    assert moves[-1] == ("amended", "final", "a mistake")
    for_programs = world.reports.consulting.list_signed(world.who("li"), case_id)
    assert [one.version.number for one in for_programs] == [signed.number]
    assert world.reports.leaving.read_signed(HOME, case_id, signed.number) is not None


def test_what_stands_again_is_cosigned_and_amended_as_before(world: World) -> None:
    case_id, signed, draft = begun(world)
    withdrawn = withdraw(world, case_id, draft)
    world.reports.cosign(world.who("wang"), case_id, signed.number, signed.sha256, PASSWORD)
    with pytest.raises(Conflict, match="signed already"):
        world.sign(case_id, signed)
    with pytest.raises(SavedMeanwhile):
        world.sign(case_id, withdrawn)
    again = world.reports.reopen(world.who("li"), case_id, Amendment.ADDENDED, "this time in earnest")
    assert (again.number, again.amends, again.content) == (
        withdrawn.number + 1,
        Amendment.ADDENDED,
        withdrawn.content,
    )
    final = world.sign(case_id, again)
    assert final.status is Status.ADDENDED


def test_only_what_is_being_amended_is_withdrawn_and_with_a_reason(world: World) -> None:
    case_id, signed, draft = begun(world)
    with pytest.raises(Invalid, match="needs a reason"):
        withdraw(world, case_id, draft, reason=" ")
    with pytest.raises(SavedMeanwhile):
        withdraw(world, case_id, signed)
    for who in ("junior", "tech", "robot"):
        with pytest.raises(NotPermitted):
            withdraw(world, case_id, draft, who=who)
    assert world.status(case_id) == "amended"
    withdraw(world, case_id, draft, who="wang")
    with pytest.raises(Conflict, match="not being amended"):
        withdraw(world, case_id, draft)
    fresh = world.case_id()
    with pytest.raises(Conflict, match="not being amended"):
        withdraw(world, fresh, world.write(fresh))


def test_a_withdrawn_amendment_says_so_on_paper(world: World) -> None:
    case_id, _, draft = begun(world)
    withdrawn = withdraw(world, case_id, draft)
    printed = world.reports.print(world.who("li"), case_id, withdrawn.number)
    assert printed.version.status is Status.WITHDRAWN
