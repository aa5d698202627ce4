"""Signed reports as PDF: the time from the request to the last byte.

A node as `hemalum serve` makes it, on SQLite. Each report is of a case of its own: the answers of the
template for the prostate, text in four sections, six photographs as a camera makes them, six figures of a
slide. English and Chinese ones are asked for in turn, one after the other, by one client. There is no peer:
what other systems print is not the same page.

    .venv/bin/python benchmarks/reports.py
"""

import io
import statistics
import time
from typing import Any

import httpx
import numpy as np
from PIL import Image

import material
from hemalum_node import Node, run
from measure import Others, Result, arguments, cpu_seconds, memory, met, percentile, step, version_of

MOST_P95_MS = 1_000
FIGURES = 6
LANGUAGES = {"en": "English", "zh": "Chinese"}
_PASSWORD = "six copper lamps"
_PATIENCE_S = 120
_CAMERA_PX = (4_000, 3_000)
_ORDER = {
    "parts": [{"organ": "Prostate", "description": "needle biopsy", "blocks": [["H&E"]]}],
    "patient": {"name": "Nobody Whatever 虚构", "sex": "male", "birth_date": "1950-01-02"},
}
_ANSWERS = {
    "specimen": "needle",
    "finding": "acinar",
    "primary_pattern": "pattern_4",
    "secondary_pattern": "pattern_3",
    "cores_total": 12,
    "cores_positive": 2,
    "perineural": False,
}
_PARAGRAPH = {
    "en": "Acinar adenocarcinoma in two of twelve cores; glands fuse and are cribriform in places. ",
    "zh": "十二条穿刺组织中两条见腺泡腺癌；部分腺体融合，局部呈筛状结构。",
}
_SECTIONS = ("macroscopy", "microscopy", "diagnosis", "comment")


def photographs() -> list[bytes]:
    """Six pictures of a camera's size, each another."""
    chance, made = np.random.default_rng(5), []
    for _ in range(FIGURES):
        coarse = Image.fromarray(chance.integers(0, 255, (300, 400, 3), np.uint8))
        written = io.BytesIO()
        coarse.resize(_CAMERA_PX, Image.Resampling.BICUBIC).save(written, "JPEG", quality=90)
        made.append(written.getvalue())
    return made


def signed_case(client: httpx.Client, image_id: str, pictures: list[bytes], language: str) -> tuple[str, int]:
    """A case with a signed report; the number of its version."""
    case = _sent(client.post("/api/cases/cases", json=_ORDER))
    case_id = str(case["id"])
    part = next(one["id"] for one in case["material"] if one["kind"] == "part")
    path, shown = f"/api/reports/cases/{case_id}", []
    _sent(client.post(f"/api/cases/cases/{case_id}/status", json={"status": "ready"}))
    for number, picture in enumerate(pictures):
        added = _sent(client.post(f"/api/grossing/material/{part}/photographs", content=picture))
        shown.append({"photograph_id": added["id"], "caption": f"Specimen, view {number + 1}"})
    content = {
        "template": {"id": "prostate"},
        "values": _ANSWERS,
        "sections": dict.fromkeys(_SECTIONS, _PARAGRAPH[language] * 8),
        "photographs": shown,
        "figures": [_figure(image_id, number) for number in range(FIGURES)],
    }
    drafted = _sent(client.post(f"{path}/versions", json={"content": content, "language": language}))
    named = {"version": 1, "sha256": drafted["sha256"], "password": _PASSWORD}
    return case_id, int(_sent(client.post(f"{path}/sign", json=named))["number"])


def _figure(image_id: str, number: int) -> dict[str, Any]:
    """A field of the slide, from a glance at an area to single cells."""
    width_um = 4_000 / 2**number
    region = {
        "x_um": 1_000 + 500 * number,
        "y_um": 1_000,
        "width_um": width_um,
        "height_um": width_um * 3 / 4,
    }
    return {"image_id": image_id, "region": region, "caption": f"H&E, field {number + 1}"}


def _sent(answer: httpx.Response) -> dict[str, Any]:
    if not answer.is_success:
        raise SystemExit(f"{answer.request.url} answered {answer.status_code}: {answer.text[:500]}")
    return dict(answer.json())


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--reports", type=int, default=30)
    asked = parser.parse_args()
    others = Others()
    waits: dict[str, list[float]] = {language: [] for language in LANGUAGES}
    cpu_ms: dict[str, list[float]] = {language: [] for language in LANGUAGES}
    sizes: list[int] = []
    with (
        Node("reports", [material.svs()]) as node,
        httpx.Client(base_url=node.base, headers={"x-hemalum": "1"}, timeout=_PATIENCE_S) as client,
    ):
        run("person", "--data", node.data, "--role", "pathologist", "--role", "technician", "signer")
        code = run("link", "--data", node.data, "--user", "signer").strip().rpartition("/")[2]
        client.post("/api/access/sign-in/link", json={"code": code}).raise_for_status()
        client.put("/api/access/account/password", json={"password": _PASSWORD}).raise_for_status()
        pictures, image_id = photographs(), node.images[0]["image_id"]
        with step(f"signing {asked.reports} reports of each language"):
            reports = {
                language: [signed_case(client, image_id, pictures, language) for _ in range(asked.reports)]
                for language in LANGUAGES
            }
        before = memory(node.server.pid)
        with step("printing"):
            for number in range(asked.reports):
                for language in LANGUAGES:
                    case_id, version = reports[language][number]
                    cpu_s, began = cpu_seconds(node.server.pid), time.perf_counter()
                    answer = client.get(
                        f"/api/reports/cases/{case_id}/versions/{version}.pdf", params={"language": language}
                    )
                    waits[language].append((time.perf_counter() - began) * 1000)
                    answer.raise_for_status()
                    cpu_ms[language].append(1000 * (cpu_seconds(node.server.pid) - cpu_s))
                    sizes.append(len(answer.content))
        after = memory(node.server.pid)
    p95 = {language: percentile(values, 0.95) for language, values in waits.items()}
    Result(
        name="reports",
        title="Signed reports as PDF",
        command="make bench-reports",
        columns=["", "reports", "first ms", "p50 ms", "p95 ms", "slowest ms", "CPU ms"],
        rows=[
            [
                name,
                f"{asked.reports}",
                *(
                    f"{one:,.0f}"
                    for one in (
                        waits[language][0],
                        percentile(waits[language], 0.5),
                        p95[language],
                        max(waits[language]),
                        statistics.mean(cpu_ms[language]),
                    )
                ),
            ]
            for language, name in LANGUAGES.items()
        ],
        others=others.share(),
        wanted=[
            (
                f"{name}: p95 <= {MOST_P95_MS:,} ms",
                f"{p95[language]:,.0f} ms",
                met(p95[language] <= MOST_P95_MS),
            )
            for language, name in LANGUAGES.items()
        ],
        versions={"typst": version_of("typst")},
        notes=[
            f"Each report has a synoptic template, four sections, {FIGURES} photographs of "
            f"{_CAMERA_PX[0]:,} x {_CAMERA_PX[1]:,} px and {FIGURES} figures of a slide of 40,960 px; "
            f"{statistics.median(sizes) / 1000:,.0f} kB. Each is printed once, so nothing was kept from "
            "before; CPU is user and system time of the node a report.",
            f"The node takes {before.rss_mb:.0f} MB before and {after.rss_mb:.0f} MB after them.",
        ],
        raw={"waits_ms": waits, "cpu_ms": cpu_ms},
    ).finish(asked.publish)


if __name__ == "__main__":
    main()
