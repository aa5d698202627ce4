"""Worklist, search and library on a node with a quarter of a million cases and a million slides.

A node as `hemalum serve` makes it, on SQLite. Its tables are filled by SQL with invented cases: a fiftieth of
them open, four scanned slides each, a patient for every ten; patients are sealed each under a key of their
own. The slides are judged as those are that came the usual way, and have no files that could be checked.
Then every request goes over HTTP on one connection, and the time is that until its last byte. There is
no peer: no other open laboratory system installs here.

    .venv/bin/python benchmarks/cases.py
"""

import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import batched, count
from pathlib import Path
from typing import Any

import httpx
import msgspec
import sqlalchemy as sa

from hemalum.app.node import Parts, open_parts
from hemalum.capabilities.cases import patient_store
from hemalum.capabilities.cases.model import (
    CaseStatus,
    Identity,
    Kind,
    PatientId,
    PatientIdentifier,
    Priority,
    Sex,
    Stage,
    Subspecialty,
)
from hemalum.capabilities.cases.tables import case_table, link_table, material_table, site_table
from hemalum.capabilities.conformity.tables import slide_table
from hemalum.capabilities.slides import standing
from hemalum.capabilities.slides.model import ImageStatus, Terms
from hemalum.capabilities.slides.service import described_columns
from hemalum.capabilities.slides.tables import image_table
from hemalum.formats.profile.judging import Level as Conformity
from hemalum.formats.wsi.model import Level, PixelFormat, SlideDescription
from hemalum.kernel.geometry import PixelSize, SpacingUm
from hemalum.kernel.identifiers import NO_BLOCK, Identifier
from hemalum.kernel.ids import OrganisationId, new_id
from hemalum.runtime.db import transaction
from hemalum.runtime.settings import load_settings
from hemalum_node import Node
from measure import BENCH_DATA, Others, Result, arguments, cpu_seconds, memory, met, percentile, step

HOME, SITE = OrganisationId("home"), "CN01"
SLIDES_OF_A_CASE = 4
CASES_OF_A_PATIENT = 10
CASES_FOR_ONE_OPEN = 50
MOST_P95_MS = 100
NO_FILES_DAYS = 36_500
"""Until the slides are checked, whose files are as invented as they are."""
_AT_ONCE = 2_000
_BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
_ORGANS = ("stomach", "colon", "breast", "prostate", "lung", "skin", "胃窦", "结肠", "乳腺", "肺")
_KINDS = ("biopsy", "resection", "polyp", "margin", "活检", "切除标本")
_STAINS = ("H&E", "PAS", "Ki-67", "HER2", "p53", "CD3", "HE染色")
_DESCRIBED = SlideDescription(
    "aperio-svs",
    tuple(Level(PixelSize(80_000 >> n, 60_000 >> n), float(1 << n)) for n in range(5)),
    PixelFormat(3, "uint8"),
    SpacingUm(0.25, 0.25),
    vendor="Aperio",
    scanner_model="GT 450",
    objective_power=40.0,
)


def fill(parts: Parts, cases: int, chance: random.Random) -> None:
    """Write the cases down, as their own store does it."""
    database, vault = parts.database, parts.cases.ledger.vault
    patients = [PatientId(new_id()) for _ in range(cases // CASES_OF_A_PATIENT)]
    with step(f"keys of {len(patients):,} patients"):
        for patient_id in patients:
            vault.prepare(patient_id)
    with transaction(database) as connection:
        connection.execute(sa.insert(site_table).values(organisation_id=HOME, code=SITE))
        terms_id = standing.keep_terms(connection, Terms(HOME))
        for number, patient_id in enumerate(patients):
            numbers = (PatientIdentifier("REGISTER", f"P{number:07d}"),)
            identity = Identity(f"Example {number}", Sex.FEMALE, None, numbers)
            sealed = vault.seal_identity(patient_id, identity)
            patient_store.add(connection, patient_id, HOME, sealed, _BEGIN)
            hashed = vault.hash(HOME, "REGISTER"), vault.hash(HOME, numbers[0].value)
            patient_store.add_number(connection, HOME, patient_id, *hashed)
    image = _image_row(terms_id)
    for numbers in batched(range(cases), _AT_ONCE):
        rows: dict[sa.Table, list[dict[str, Any]]] = {
            table: [] for table in (case_table, material_table, image_table, link_table, slide_table)
        }
        for number in numbers:
            _add_case(rows, number, patients[number // CASES_OF_A_PATIENT], image, chance)
        with transaction(database) as connection:
            for table, values in rows.items():
                connection.execute(sa.insert(table), values)


def _image_row(terms_id: str) -> dict[str, Any]:
    described = described_columns("", _DESCRIBED, [], _DESCRIBED, _BEGIN)
    plain = {
        "organisation_id": HOME,
        "terms_id": terms_id,
        "status": ImageStatus.AVAILABLE.value,
        "size_bytes": 1 << 30,
        "keep_originals": True,
        "thumbnail_key": "none",
    }
    return plain | msgspec.to_builtins(described)


def _add_case(
    rows: dict[sa.Table, list[dict[str, Any]]],
    number: int,
    patient_id: PatientId,
    image: dict[str, Any],
    chance: random.Random,
) -> None:
    case_id, at = new_id(), _BEGIN + timedelta(minutes=12 * number)
    is_open = number % CASES_FOR_ONE_OPEN == 0
    code = Identifier(SITE, "S", at.year % 100, number + 1)
    organ, kind = chance.choice(_ORGANS), chance.choice(_KINDS)
    stains = chance.sample(_STAINS, 2)
    priority = Priority.URGENT if number % 17 == 0 else Priority.ROUTINE
    status = CaseStatus.READY if is_open else CaseStatus.FINAL
    search_text = " ".join([str(code), f"{organ}, {kind}", *stains, f"EXT{number}"]).casefold()
    rows[case_table].append(
        {
            "id": case_id,
            "organisation_id": HOME,
            "number": str(code),
            "status": status.value,
            "priority": priority.value,
            "rank": priority.rank,
            "subspecialty": chance.choice(list(Subspecialty)).value,
            "received_at": at,
            "due_at": at + timedelta(days=2),
            "patient_id": patient_id,
            "assignee_id": None,
            "assignee_name": None,
            "specimen": f"{organ}, {kind}",
            "stains": stains,
            "slides_total": SLIDES_OF_A_CASE,
            "slides_scanned": SLIDES_OF_A_CASE,
            "foreign_numbers": [{"issuer": "HIS", "value": f"EXT{number}"}],
            "request": None,
            "is_open": is_open,
            "search_text": search_text,
            "changed_at": at,
        }
    )
    part = _piece(case_id, None, Kind.PART, "A", f"{code}/A", Stage.STORED, 0)
    rows[material_table].append(part)
    for place in range(1, SLIDES_OF_A_CASE + 1):
        identifier = f"{code}/A/{NO_BLOCK}/{place}"
        piece = _piece(case_id, part["id"], Kind.SLIDE, str(place), identifier, Stage.SCANNED, place)
        rows[material_table].append(piece | {"description": stains[place % 2]})
        name = identifier.replace("/", "_") + ".svs"
        image_id = new_id()
        rows[image_table].append(
            image
            | {
                "id": image_id,
                "name": name,
                "search_text": f"{name} aperio gt 450".casefold(),
                "created_at": at,
                "available_at": at,
                "sha256": f"{number * 10 + place:064x}",
            }
        )
        rows[slide_table].append(
            {
                "image_id": image_id,
                "organisation_id": HOME,
                "level": Conformity.WARNED.value,
                "month": f"{at:%Y-%m}",
                "judged_at": at,
                "verdicts": [],
            }
        )
        rows[link_table].append(
            {
                "image_id": image_id,
                "material_id": piece["id"],
                "way": "code",
                "linked_at": at,
                "linked_by": None,
            }
        )


def _piece(
    case_id: str, parent_id: str | None, kind: Kind, label: str, identifier: str, stage: Stage, place: int
) -> dict[str, Any]:
    return {
        "id": new_id(),
        "case_id": case_id,
        "parent_id": parent_id,
        "kind": kind.value,
        "label": label,
        "identifier": identifier,
        "stage": stage.value,
        "description": "",
        "organ": "",
        "place": place,
    }


def requests(cases: int, chance: random.Random) -> dict[str, Callable[[], tuple[str, str, Any]]]:
    """What people ask for, by what it is called; each call asks for another of its kind."""

    def number() -> int:
        return chance.randrange(cases)

    def code(of: int) -> Identifier:
        at = _BEGIN + timedelta(minutes=12 * of)
        return Identifier(SITE, "S", at.year % 100, of + 1)

    def search(text: Callable[[], str], queue: str = "open", most: int = 100) -> Any:
        return lambda: (
            "POST",
            "/api/cases/search",
            {"queue": queue, "text": text(), "offset": 0, "limit": most},
        )

    pages = (page * 100 for page in count())

    def library(text: Callable[[], str]) -> Any:
        return lambda: ("GET", f"/api/slides/images?limit=100&q={text()}", None)

    return {
        "worklist, first hundred": search(lambda: ""),
        "worklist, further on": lambda: (
            "POST",
            "/api/cases/search",
            {
                "queue": "open",
                "text": "",
                "offset": next(pages) % (cases // CASES_FOR_ONE_OPEN),
                "limit": 100,
            },
        ),
        "counts of the queues": lambda: ("GET", "/api/cases/queues", None),
        "closed cases, newest hundred": search(lambda: "", "closed"),
        "search in open: organ and kind": search(lambda: f"{chance.choice(_ORGANS)} {chance.choice(_KINDS)}"),
        "search in closed: organ and kind": search(
            lambda: f"{chance.choice(_ORGANS)} {chance.choice(_KINDS)}", "closed"
        ),
        "search in closed: part of a number": search(lambda: f"{number():06d}", "closed"),
        "search in closed: nothing like it": search(lambda: "no such thing", "closed"),
        "search: whole identifier": search(lambda: f"{code(number())}/A/0/1"),
        "search: number of a patient": search(lambda: f"P{number() // CASES_OF_A_PATIENT:07d}", "closed"),
        "library, newest hundred": library(lambda: ""),
        "library: part of a number": library(lambda: f"{number():06d}"),
        "library: nothing like it": library(lambda: "no%20such%20thing"),
    }


def timed(client: httpx.Client, ask: Callable[[], tuple[str, str, Any]], rounds: int) -> Iterator[float]:
    """Milliseconds until the last byte of each answer."""
    for _ in range(rounds):
        method, address, body = ask()
        began = time.perf_counter()
        answer = client.request(method, address, json=body)
        yield (time.perf_counter() - began) * 1000
        answer.raise_for_status()


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--cases", type=int, default=250_000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--keep", action="store_true", help="use the node of the last run again")
    asked = parser.parse_args()
    chance = random.Random(7)
    data = Path(BENCH_DATA / "node-cases")
    keep = asked.keep and data.exists()
    others = Others()
    with Node("cases", [], keep=keep, settings=f"scrub_days = {NO_FILES_DAYS}\n") as node:
        if not keep:
            with open_parts(load_settings(node.data, {})) as parts, step("filling the tables"):
                fill(parts, asked.cases, chance)
        before = memory(node.server.pid)
        waits: dict[str, list[float]] = {}
        cpu_ms: dict[str, float] = {}
        with httpx.Client(base_url=node.base, headers=node.headers, timeout=60) as client:
            for name, ask in requests(asked.cases, chance).items():
                with step(name):
                    list(timed(client, ask, 2))
                    cpu_s = cpu_seconds(node.server.pid)
                    waits[name] = list(timed(client, ask, asked.rounds))
                    cpu_ms[name] = 1000 * (cpu_seconds(node.server.pid) - cpu_s) / asked.rounds
        after = memory(node.server.pid)
    p95 = {name: percentile(values, 0.95) for name, values in waits.items()}
    slowest = max(p95, key=p95.__getitem__)
    slides = asked.cases * SLIDES_OF_A_CASE
    Result(
        name="cases",
        title=f"Worklist and search: {asked.cases:,} cases, {slides:,} slides",
        command="make bench-cases",
        columns=["", "p50 ms", "p95 ms", "slowest ms", "CPU ms"],
        rows=[
            [name, *(f"{one:.0f}" for one in (percentile(values, 0.5), p95[name], max(values), cpu_ms[name]))]
            for name, values in waits.items()
        ],
        others=others.share(),
        wanted=[
            (
                f"p95 of each <= {MOST_P95_MS} ms",
                f"{p95[slowest]:.0f} ms ({slowest})",
                met(p95[slowest] <= MOST_P95_MS),
            ),
        ],
        notes=[
            f"{asked.rounds} requests of each kind, one after the other, over HTTP on SQLite; CPU is user and"
            " system time of the node a request.",
            f"The node takes {before.rss_mb:.0f} MB before and {after.rss_mb:.0f} MB after them.",
        ],
        raw={"waits_ms": waits, "cpu_ms": cpu_ms},
    ).finish(asked.publish)


if __name__ == "__main__":
    main()
