"""What stains cost: telling them of a scan, bringing a patch to a reference, and a chart of many scans.

Processor time of this process alone, the least of several, on slides that are drawn.

    OPENBLAS_NUM_THREADS=1 .venv/bin/python benchmarks/stains.py
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import numpy as np

from hemalum.capabilities.appraisal.drifting import DriftQuery, Line, drift_of
from hemalum.capabilities.appraisal.looking import told_of_stains
from hemalum.capabilities.appraisal.model import Measure, MeasuredScan, Provenance
from hemalum.capabilities.inference.model import Recolouring
from hemalum.capabilities.inference.recolouring import recolouring_of
from hemalum.formats.model.contract import Input, MacenkoReference, Normalisation, ReinhardReference
from hemalum.kernel.ids import ImageId, OrganisationId
from hemalum.testing.synth.slide import SyntheticSlide
from hemalum.testing.synth.tissue import TissueKind

PLACES = 64
SCANS, SCANS_A_DAY = 100_000, 60
GIVEN = Input(
    um_per_px=0.5,
    tile_px=256,
    normalisation=Normalisation.MACENKO,
    macenko=MacenkoReference((0.62, 0.72, 0.31), (0.11, 0.90, 0.42), (1.1, 0.6)),
    reinhard=ReinhardReference((-0.5, -0.02, 0.03), (0.2, 0.03, 0.02)),
)


def cpu_ms(work: Callable[[], object], times: int) -> float:
    """Processor time of one piece of work."""
    least = float("inf")
    for _ in range(times):
        began = time.process_time()
        work()
        least = min(least, time.process_time() - began)
    return 1000 * least


def scans() -> list[MeasuredScan]:
    """Those of one scanner, evenly over the days before now."""
    random = np.random.default_rng(1)
    now = datetime(2026, 11, 29, tzinfo=UTC)
    made = []
    for number, values in enumerate(random.normal(1, 0.1, (SCANS, len(Measure)))):
        at = now - timedelta(days=(SCANS - number) / SCANS_A_DAY)
        provenance = Provenance(OrganisationId("home"), "Aperio", "GT 450", "S1", "he", "", at)
        told = dict(zip(Measure, map(float, values), strict=True))
        made.append(MeasuredScan(ImageId(str(number)), provenance, None, told))
    return made


def main() -> None:
    """Print each cost."""
    slide = SyntheticSlide(
        seed=7, tissue=TissueKind.COLON, width_px=4096, height_px=4096, spacing_um=GIVEN.um_per_px
    )
    rgb = slide.render(1500, 1500, 256, 256)
    pixels = np.tile(rgb[::3, ::3].reshape(-1, 3), (PLACES, 1))
    staining = told_of_stains(pixels, is_he=True)
    told_ms = cpu_ms(lambda: told_of_stains(pixels, is_he=True), 5)
    print(f"stains of {len(pixels):,} pixels: {told_ms:.0f} ms, condition {staining.condition}")
    assert staining.haematoxylin is not None
    assert staining.eosin is not None
    ways = Recolouring((staining.haematoxylin, staining.eosin), None), Recolouring(None, staining.colouring)
    for own in ways:
        took_ms = cpu_ms(partial(recolouring_of(GIVEN, own), rgb), 20)
        print(f"a patch of 256 px by {own.method.value}: {took_ms:.1f} ms")
    line, record, zone = Line("Aperio", "GT 450", "S1", "he"), scans(), ZoneInfo("Asia/Shanghai")
    query = DriftQuery(record[-1].made.scanned_at - timedelta(days=365), record[-1].made.scanned_at)
    chart_ms = cpu_ms(lambda: drift_of(line, record, query, zone), 3)
    print(f"charts of {len(record):,} scans, {len(Measure)} measures: {chart_ms:.0f} ms")


if __name__ == "__main__":
    main()
