"""Pieces of tissue with and without a deposit are counted by the engine, and the deposit is measured."""

import pytest

from hemalum.capabilities.inference.findings import findings_of
from hemalum.capabilities.inference.model import RunState

from .conftest import DEPOSIT_PX, Laboratory

PATCH_MM = 32 * 0.5 / 1000
RULES = """
[[findings]]
name = "nodes_examined"
measure = "regions"
class_name = "other"
beside = ["violet"]
least_mm2 = 0.01

[[findings]]
name = "nodes_positive"
measure = "regions"
class_name = "other"
beside = ["violet"]
holding = "violet"
least_mm2 = 0.01

[[findings]]
name = "largest_deposit"
measure = "extent"
class_name = "violet"
interval = [0.9, 1.1]

[[findings]]
name = "tumour_area"
measure = "area"
class_name = "violet"

[[validation]]"""


def test_nodes_and_deposits_of_a_slide_are_those_that_are_there(laboratory: Laboratory) -> None:
    version = laboratory.add("nodes", lambda text: text.replace("\n[[validation]]", RULES, 1))
    (run,) = laboratory.ran(version, on="nodes")
    assert run.state is RunState.DONE, run.reason
    examined, positive, deposit, area = findings_of(version.contract, [run])
    assert (examined["number"], positive["number"]) == (2.0, 1.0)
    assert deposit["number"] == pytest.approx(0.16, abs=1.2 * PATCH_MM)
    assert deposit["interval"]["low"] < 0.16 < deposit["interval"]["high"]
    assert area["number"] == pytest.approx(3.1416 * 0.08**2, rel=0.15)
    (where,) = [each["region"] for each in deposit["supports"] if each["kind"] == "region"]
    across_um, down_um = (each * 0.5 for each in DEPOSIT_PX)
    assert where["x_um"] + where["width_um"] / 2 == pytest.approx(across_um, abs=1000 * PATCH_MM)
    assert where["y_um"] + where["height_um"] / 2 == pytest.approx(down_um, abs=1000 * PATCH_MM)
