"""Looking into the log: what is found, whose it is, what is left of whom was erased."""

import base64
import csv
import io
import json
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
import sqlalchemy as sa

from hemalum.app.node import open_parts
from hemalum.capabilities.audit import store
from hemalum.capabilities.audit.fhir import audit_event
from hemalum.capabilities.audit.model import READ, Filter
from hemalum.capabilities.audit.service import Page
from hemalum.capabilities.audit.spreadsheet import as_csv
from hemalum.kernel.actor import Actor
from hemalum.kernel.audit import Outcome, Record
from hemalum.kernel.errors import NotFound, NotPermitted
from hemalum.kernel.ids import OrganisationId
from hemalum.runtime.audit import EntryUnreadable
from hemalum.runtime.db import reading, transaction
from hemalum.runtime.settings import load_settings

from .conftest import AUDITOR, COUNTY_AUDITOR, LI, MONDAY_10_AM, NODE_AUDITOR, WANG, ZHAO, Life

ROOT = Path(__file__).parents[3]
VERIFIER = ROOT / "tools" / "hemalum-verify"


def found(life: Life, who: Actor = AUDITOR, **wanted: object) -> list[int]:
    """Numbers of the entries that are found, of those that the test made."""
    page = look(life, who, Filter(**wanted))  # type: ignore[arg-type]
    looks = {read.index for read in page.entries if read.entry.action.startswith("audit.")}
    return [read.index for read in page.entries if read.index >= life.first and read.index not in looks]


def look(life: Life, who: Actor, wanted: Filter, before: int | None = None, limit: int = 100) -> Page:
    return life.audit.list_entries(who, wanted, before, limit)


def test_entries_are_found_by_what_they_say(life: Life) -> None:
    opened = life.record(LI, image="a", detail={"opening": "o-1"})
    viewed = life.record(LI, "slides.viewed", "a", detail={"opening": "o-1", "read": {"0": "x"}})
    refused = life.refuse(WANG, "b")
    role = life.record(LI, "access.role_given", "", target="person/p-wang", subject=WANG.person_id)
    assert found(life) == [role, refused, viewed, opened]
    assert found(life, action="slides.open") == [refused, opened]
    assert found(life, action="slides") == [refused, viewed, opened]
    assert found(life, outcome=Outcome.REFUSED) == [refused]
    assert found(life, person="p-wang") == [role, refused]
    assert found(life, target="image/a") == [viewed, opened]
    assert found(life, opening="o-1") == [viewed, opened]
    assert found(life, purpose="research") == []
    assert found(life, since=MONDAY_10_AM + timedelta(seconds=15)) == [role, refused]
    assert found(life, until=MONDAY_10_AM + timedelta(seconds=15)) == [viewed, opened]
    assert found(life, organisation="county") == []


def test_an_entry_about_several_targets_is_found_by_each(life: Life) -> None:
    """As a list or a search tells it, which an auditor who asks who saw a slide must not miss."""
    seen = "slides.view_clinical"
    several = life.record(LI, seen, "", detail={"via": "QIDO-RS", "images": ["a", "b"]})
    theirs = life.record(
        ZHAO, seen, "", organisation_id=OrganisationId("county"), detail={"images": ["a", "c"]}
    )
    alone = life.record(WANG, image="b")
    patients = life.record(LI, "cases.view_patient", "", detail={"cases": ["1", "2", "1"]})
    life.record(LI, "slides.search", "", detail={"images": 2, "cases": None})
    assert found(life, target="image/a") == [several]
    assert found(life, target="image/b") == [alone, several]
    assert found(life, target="image/b", person="p-li") == [several]
    assert found(life, target="case/1") == [patients]
    assert found(life, NODE_AUDITOR, target="image/a") == [theirs, several]
    assert found(life, target="image/c") == found(life, target="image/") == []
    assert life.audit.follow(AUDITOR, "b").actions == {seen: 1, "slides.open": 1}
    life.audit.rebuild()
    assert found(life, target="image/b") == [alone, several]
    event = audit_event(life.audit.get(AUDITOR, several), "node")
    named = [one["what"]["identifier"]["value"] for one in event["entity"] if "what" in one]
    assert named == ["image/a", "image/b"]


def test_auditors_see_their_own_people_and_slides(life: Life) -> None:
    home = life.record(LI)
    visitor = life.record(ZHAO)
    county = life.record(ZHAO, image="y", organisation_id=OrganisationId("county"))
    of_the_node = life.record(None, "policy.changed", "", organisation_id=None)
    assert found(life, AUDITOR) == [visitor, home]
    assert found(life, COUNTY_AUDITOR) == [county, visitor]
    assert found(life, NODE_AUDITOR) == [of_the_node, county, visitor, home]
    only_administrator = replace(NODE_AUDITOR, roles=frozenset({"node_administrator"}))
    assert found(life, only_administrator) == [visitor, home]
    with pytest.raises(NotFound):
        life.audit.get(AUDITOR, county)
    for read in (life.audit.get, life.audit.prove, life.audit.raw):
        with pytest.raises(NotFound):
            read(AUDITOR, 10_000)


def test_pages_do_not_move_while_the_log_grows(life: Life) -> None:
    old = [life.record(LI, image=str(n)) for n in range(25)]
    seen: list[int] = []
    wanted, before, totals = Filter(action="slides.open"), None, []
    while True:
        page = look(life, AUDITOR, wanted, before, limit=10)
        seen += [read.index for read in page.entries]
        totals.append(page.total)
        life.record(WANG)
        if (before := page.next_before) is None:
            break
    assert seen == old[::-1]
    assert totals == [25, None, None]


def test_a_look_into_the_log_stands_in_it_once_for_all_its_pages(life: Life) -> None:
    for n in range(5):
        life.record(LI, image=str(n))

    def looks() -> list[dict[str, object]]:
        page = look(life, NODE_AUDITOR, Filter(action=READ, person=AUDITOR.person_id))
        return [dict(read.entry.detail["filter"]) for read in page.entries]

    wanted = Filter(person="p-li")
    page = look(life, AUDITOR, wanted, limit=2)
    look(life, AUDITOR, wanted, page.next_before, limit=2)
    assert looks() == [{"person": "p-li"}]
    look(life, AUDITOR, wanted, before=3)
    assert len(looks()) == 1
    look(life, AUDITOR, Filter(target="image/1"))
    look(life, replace(AUDITOR, session_id="s-2"), wanted)
    life.ticks += 901
    look(life, AUDITOR, wanted)
    assert looks() == [{"person": "p-li"}, {"person": "p-li"}, {"target": "image/1"}, {"person": "p-li"}]
    life.audit.get(AUDITOR, 2)
    life.audit.raw(AUDITOR, 2)
    assert looks()[0] == {"entry": 2}
    exported = look(life, NODE_AUDITOR, Filter(action="audit.export")).entries
    assert exported[0].entry.detail["filter"] == {"entry": 2}


def test_nothing_is_shown_when_the_look_cannot_be_recorded(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    life.record(LI)

    def full(_record: Record) -> None:
        raise OSError("no room")

    monkeypatch.setattr(life.trail, "record", full)
    for _ in range(2):
        with pytest.raises(OSError, match="no room"):
            look(life, AUDITOR, Filter())
    with pytest.raises(OSError, match="no room"):
        life.audit.export(AUDITOR, Filter())


def test_a_slide_is_followed(life: Life) -> None:
    life.record(None, "slides.ingest")
    life.record(LI)
    life.record(LI)
    life.record(ZHAO)
    life.refuse(WANG)
    life.record(LI, image="other")
    followed = life.audit.follow(AUDITOR, "x")
    assert followed.actions == {"slides.open": 4, "slides.ingest": 1}
    assert followed.refused == 1
    assert [(one.person, one.openings) for one in followed.viewers] == [("p-zhao", 1), ("p-li", 2)]
    assert followed.names == {"p-zhao": "Zhao", "p-li": "Li"}


def test_choices_are_those_of_the_scope(life: Life) -> None:
    life.record(LI)
    life.record(ZHAO, "slides.describe", "y", organisation_id=OrganisationId("county"))
    choices = life.audit.choices(AUDITOR)
    assert choices.actions == ["access.administrator_set_up", "audit.read", "slides.open"]
    assert choices.people == {"p-auditor": "Auditor", "p-li": "Li"}
    assert choices.organisations == ["home"]
    assert life.audit.choices(NODE_AUDITOR).organisations == ["county", "home"]


def test_the_index_names_nobody(life: Life) -> None:
    life.record(LI, personal={"reason": "Frau Schmidt"})
    life.audit.catch_up()
    with reading(life.parts.database) as connection:
        rows = connection.execute(sa.select(store.entry_table)).all()
    assert not any(text in repr(rows) for text in ("Li'", "192.0.2.7", "Schmidt"))


def test_the_index_is_built_anew_and_follows_a_log_that_was_put_back(life: Life) -> None:
    before = [life.record(LI), life.record(WANG)]
    assert found(life) == before[::-1]
    life.audit.rebuild()
    assert found(life) == before[::-1]
    with transaction(life.parts.database) as connection:
        connection.execute(sa.update(store.progress_table).values(indexed=1_000))
    assert found(life) == before[::-1]


def test_many_entries_are_indexed_in_little_memory(life: Life) -> None:
    entry = {
        "form": 1,
        "at": "2026-03-02T02:00:00.000Z",
        "action": "slides.open",
        "outcome": "done",
        "target": "image/x",
        "organisation": "home",
        "who": {"person": "p-li", "session": "s", "organisation": "home"},
    }
    raw = json.dumps(entry).encode()
    life.parts.log._grow([raw] * 30_000, sign=False)
    tracemalloc.start()
    life.audit.catch_up()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 6 << 20
    with reading(life.parts.database) as connection:
        assert store.progress(connection)[0] == life.parts.log.size() >= 30_000


def test_an_altered_entry_ends_the_index_with_one_sentence(life: Life) -> None:
    good = life.record(LI)
    life.parts.log.append(b"not an entry")
    with pytest.raises(EntryUnreadable, match=f"Entry {good + 1} of the log cannot be read"):
        life.audit.catch_up()


# Proof


def test_a_third_party_checks_an_entry_by_itself(life: Life, tmp_path: Path) -> None:
    index = life.record(LI, personal={"reason": "second opinion"})
    proof, raw = tmp_path / "proof", tmp_path / "raw"
    proof.write_bytes(life.audit.prove(AUDITOR, index))
    raw.write_bytes(life.audit.raw(AUDITOR, index))
    assert verified(life, proof, raw) == 0
    assert b"second opinion" not in raw.read_bytes()
    leaf = base64.b64encode(sha256(b"\0" + raw.read_bytes()).digest()).decode()
    assert f"extra {leaf}" in proof.read_text()
    raw.write_bytes(raw.read_bytes().replace(b"done", b"gone"))
    assert verified(life, proof, raw) == 1


def verified(life: Life, proof: Path, raw: Path) -> int:
    command = [sys.executable, VERIFIER, "proof", proof, "--log", str(life.parts.log.key), "--entry", raw]
    return subprocess.run(command, capture_output=True, check=False).returncode


# Erasing


def test_whoever_is_erased_is_erased_everywhere_and_proofs_hold(life: Life, tmp_path: Path) -> None:
    index = life.record(LI, personal={"reason": "Frau Schmidt"})
    life.record(WANG)
    life.record(None, "access.token_issued", "", target="person/p-li", organisation_id=None)
    proof, raw = tmp_path / "proof", tmp_path / "raw"
    proof.write_bytes(life.audit.prove(AUDITOR, index))
    raw.write_bytes(life.audit.raw(AUDITOR, index))
    life.audit.erase(AUDITOR, "p-li")

    page = look(life, AUDITOR, Filter(person="p-li"))
    assert [read.is_erased for read in page.entries if read.index == index] == [True]
    assert page.names["p-li"] is None
    assert life.audit.choices(AUDITOR).people["p-li"] is None
    assert life.audit.follow(AUDITOR, "x").names == {"p-li": None, "p-wang": "Wang"}
    [row] = [one for one in csv_rows(life) if one["index"] == str(index)]
    assert (row["person"], row["name"], row["address"], row["erased"]) == ("p-li", "erased", "erased", "yes")
    event = audit_event(life.audit.get(AUDITOR, index), "node")
    assert event["agent"][0]["who"]["_display"]["extension"][0]["valueCode"] == "masked"
    assert "Schmidt" not in json.dumps(event)
    assert "network" not in event["agent"][0]

    assert life.audit.raw(AUDITOR, index) == raw.read_bytes()
    assert verified(life, proof, raw) == 0
    proof.write_bytes(life.audit.prove(AUDITOR, index))
    assert verified(life, proof, raw) == 0
    [erased] = look(life, AUDITOR, Filter(action="audit.erase")).entries
    assert (erased.entry.target, erased.personal["name"]) == ("person/p-li", "Auditor")


def csv_rows(life: Life) -> list[dict[str, str]]:
    text = b"".join(as_csv(life.audit.export(AUDITOR, Filter()))).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_who_may_not_be_erased(life: Life) -> None:
    life.record(LI)
    life.record(ZHAO, image="y", organisation_id=OrganisationId("county"))
    both = replace(LI, organisation_id=OrganisationId("county"), person_id=WANG.person_id, name="Wang")
    life.record(WANG)
    life.record(both, image="y", organisation_id=OrganisationId("county"))
    with pytest.raises(NotFound):
        life.audit.erase(AUDITOR, "p-zhao")
    with pytest.raises(NotFound):
        life.audit.erase(AUDITOR, "nobody")
    with pytest.raises(NotPermitted, match="other organisations"):
        life.audit.erase(AUDITOR, "p-wang")
    with pytest.raises(NotPermitted, match="Somebody else"):
        life.audit.erase(AUDITOR, "p-auditor")
    life.record(None, "access.token_issued", "", target="person/p-wang", organisation_id=None)
    life.audit.erase(NODE_AUDITOR, "p-wang")
    with pytest.raises(NotFound):
        life.audit.erase(NODE_AUDITOR, "p-wang")


# Export


def test_an_export_holds_all_entries_that_were_there(life: Life) -> None:
    indices = [life.record(LI, image=str(n)) for n in range(1100)]
    rows = life.audit.export(AUDITOR, Filter(action="slides.open"))
    life.record(LI, image="later")
    assert [read.index for read in rows] == indices
    [export] = look(life, AUDITOR, Filter(action="audit.export")).entries
    assert export.entry.detail == {"filter": {"action": "slides.open"}}


@pytest.mark.parametrize("evil", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x")'])
def test_no_cell_becomes_a_formula(life: Life, evil: str) -> None:
    life.record(replace(LI, name=evil), target=evil)
    [row] = [one for one in csv_rows(life) if one["person"] == "p-li"]
    assert row["name"] == f"'{evil}" == row["target"]


def test_a_larger_node_indexes_from_many_sides_at_once(
    larger_node: Callable[[], dict[str, str]], tmp_path: Path
) -> None:
    environment = larger_node() | {"HEMALUM_BLOBS_URL": f"file://{tmp_path / 'blobs'}"}
    with open_parts(load_settings(tmp_path / "node", environment)) as parts:
        parts.access.ensure_first_people()
        life = Life(parts)
        for _ in range(2500):
            life.parts.log.append(b'{"form":1,"at":"2037-03-02T02:00:00Z","action":"a.b","outcome":"done"}')
        with ThreadPoolExecutor(4) as many:
            list(many.map(lambda _: life.audit.catch_up(), range(4)))
        opened = life.record(LI, image="%_")
        for n in range(5):
            life.refuse(WANG, str(n))
        assert found(life, target="image/%_") == [opened]
        assert found(life, action="slides")[-1] == opened
        assert life.audit.follow(AUDITOR, "%_").viewers[0].openings == 1
        flags, names = life.audit.list_flags(AUDITOR, only_open=True, offset=0, limit=10)
        assert [(flag.finding.kind, names[flag.finding.person]) for flag in flags] == [("refusals", "Wang")]
        assert len(look(life, AUDITOR, Filter(flag=flags[0].id)).entries) == 5
        life.audit.acknowledge(AUDITOR, flags[0].id, "Seen")
        life.audit.erase(AUDITOR, "p-wang")
        life.audit.rebuild()
        assert found(life, target="image/%_") == [opened]
