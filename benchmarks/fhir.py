"""FHIR R4: the time to read a resource, and to search, among many cases.

A node as `hemalum serve` makes it, on SQLite, with cases that came by transactions, some with a signed
report. One client reads resources of random cases over one connection. There is no peer: no other FHIR
server at hand makes resources of cases and signed reports.

    .venv/bin/python benchmarks/fhir.py
"""

import json
import random
import time
from dataclasses import dataclass, field

import httpx

from hemalum_node import Node, run
from measure import Others, Result, arguments, cpu_seconds, memory, met, percentile, step

MOST_P95_MS = 30
MOST_GROWTH_MB = 20
ROOT = "/fhir/R4"
SYSTEM = "urn:oid:1.2.3"
_PASSWORD = "four porcelain elephants"
_PATIENCE_S = 60


@dataclass
class Asked:
    """What one kind of request came to."""

    path: str
    waits_ms: list[float] = field(default_factory=list)
    cpu_s: float = 0

    @property
    def p95_ms(self) -> float:
        return percentile(self.waits_ms, 0.95)

    def row(self) -> list[str]:
        p50, p99 = (percentile(self.waits_ms, share) for share in (0.5, 0.99))
        cpu_ms = 1000 * self.cpu_s / len(self.waits_ms)
        figures = (f"{one:.1f}" for one in (p50, self.p95_ms, p99, cpu_ms))
        return [f"`{self.path}`", f"{len(self.waits_ms):,}", *figures]


def order(number: int) -> dict[str, object]:
    """An invented patient's order of two specimens."""
    subject = {"reference": "urn:uuid:patient"}
    specimen = {
        "resourceType": "Specimen",
        "type": {"text": "biopsy"},
        "receivedTime": "2026-11-27T09:30:00Z",
    }
    made = {
        "urn:uuid:patient": {
            "resourceType": "Patient",
            "identifier": [{"system": SYSTEM, "value": f"P{number}"}],
            "name": [{"text": f"Ada Example{number}"}],
            "birthDate": "1960-05-04",
        },
        "urn:uuid:antrum": specimen,
        "urn:uuid:corpus": specimen,
        "urn:uuid:order": {
            "resourceType": "ServiceRequest",
            "status": "active",
            "intent": "order",
            "identifier": [{"system": SYSTEM, "value": f"O{number}"}],
            "subject": subject,
            "specimen": [{"reference": f"urn:uuid:{one}"} for one in ("antrum", "corpus")],
        },
    }
    entries = [
        {"fullUrl": url, "resource": one, "request": {"method": "POST", "url": one["resourceType"]}}
        for url, one in made.items()
    ]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def place(client: httpx.Client, count: int) -> list[dict[str, str]]:
    """Cases by transactions; the ids of each by type."""
    cases = []
    for number in range(count):
        answer = client.post(ROOT, json=order(number))
        answer.raise_for_status()
        locations = [one["response"]["location"].split("/") for one in answer.json()["entry"]]
        cases.append(dict(locations))
    return cases


def sign(base: str, link: str, cases: list[dict[str, str]]) -> None:
    """A signed report for each of these cases."""
    with httpx.Client(base_url=base, headers={"x-hemalum": "1"}, timeout=_PATIENCE_S) as browser:
        browser.post("/api/access/sign-in/link", json={"code": link}).raise_for_status()
        browser.put("/api/access/account/password", json={"password": _PASSWORD}).raise_for_status()
        for case in cases:
            path, case_id = f"/api/reports/cases/{case['ServiceRequest']}", case["ServiceRequest"]
            browser.post(f"/api/cases/cases/{case_id}/status", json={"status": "ready"}).raise_for_status()
            content = {"sections": {"diagnosis": "Chronic gastritis.", "microscopy": "Lymphocytes. " * 20}}
            drafted = browser.post(f"{path}/versions", json={"content": content})
            drafted.raise_for_status()
            named = {"version": 1, "sha256": drafted.json()["sha256"], "password": _PASSWORD}
            browser.post(f"{path}/sign", json=named).raise_for_status()


def ask(client: httpx.Client, node: Node, asked: Asked, cases: list[dict[str, str]], seconds: float) -> None:
    """The same request for random cases, one after the other."""
    cpu_s = cpu_seconds(node.server.pid)
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        case = random.choice(cases)
        path = asked.path.format(**{kind: case[kind] for kind in case})
        begin = time.perf_counter()
        answer = client.get(f"{ROOT}/{path}")
        asked.waits_ms.append((time.perf_counter() - begin) * 1000)
        answer.raise_for_status()
    asked.cpu_s = cpu_seconds(node.server.pid) - cpu_s


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--cases", type=int, default=5_000)
    parser.add_argument("--reports", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=20.0)
    asked = parser.parse_args()
    random.seed(13)
    others = Others()
    reads = [
        Asked(f"{kind}/{{{of}}}")
        for kind, of in (
            ("Patient", "Patient"),
            ("ServiceRequest", "ServiceRequest"),
            ("Specimen", "Specimen"),
            ("Task", "ServiceRequest"),
        )
    ]
    of_reports = [Asked("DiagnosticReport/{ServiceRequest}")]
    searches = [Asked("ServiceRequest?patient={Patient}"), Asked("Task?status=received&_count=20")]
    with (
        Node("fhir", []) as node,
        httpx.Client(base_url=node.base, headers=node.headers, timeout=_PATIENCE_S) as client,
    ):
        with step(f"placing {asked.cases} orders"):
            cases = place(client, asked.cases)
        with step("signing reports"):
            run("person", "--data", node.data, "--role", "pathologist", "--role", "technician", "signer")
            link = run("link", "--data", node.data, "--user", "signer").strip().rpartition("/")[2]
            sign(node.base, link, cases[: asked.reports])
        before = memory(node.server.pid)
        for each in (*reads, *searches):
            with step(each.path):
                ask(client, node, each, cases, asked.seconds)
        for each in of_reports:
            with step(each.path):
                ask(client, node, each, cases[: asked.reports], asked.seconds)
        after = memory(node.server.pid)
    growth = after.rss_mb - before.rss_mb
    worst = max((*reads, *of_reports), key=lambda one: one.p95_ms)
    Result(
        name="fhir",
        title="FHIR R4",
        command="make bench-fhir",
        columns=["`/fhir/R4/...`", "requests", "p50 ms", "p95 ms", "p99 ms", "CPU ms"],
        rows=[one.row() for one in (*reads, *of_reports, *searches)],
        others=others.share(),
        wanted=[
            (f"reading: p95 <= {MOST_P95_MS} ms", f"{worst.p95_ms:.0f} ms", met(worst.p95_ms <= MOST_P95_MS)),
            (
                f"the node grows by <= {MOST_GROWTH_MB} MB meanwhile",
                f"{growth:.0f} MB, to {after.rss_mb:.0f} MB",
                met(growth <= MOST_GROWTH_MB),
            ),
        ],
        notes=[
            f"{asked.cases:,} cases of two parts, {asked.reports} with a signed report; one client, which "
            "shares the processors. That patients were seen is in the log, durably, before they are told.",
        ],
        raw={json.dumps(one.path): one.waits_ms for one in (*reads, *of_reports, *searches)},
    ).finish(asked.publish)


if __name__ == "__main__":
    main()
