"""Computed elements against tables written from the publications, not from the code."""

from itertools import product

import pytest

from hemalum.capabilities.reports.rules import RULES

GRADE_GROUPS = {
    # Epstein et al. 2016, table of the consensus: Gleason patterns and their grade group.
    (3, 3): 1,
    (3, 4): 2,
    (4, 3): 3,
    (4, 4): 4,
    (3, 5): 4,
    (5, 3): 4,
    (4, 5): 5,
    (5, 4): 5,
    (5, 5): 5,
}
# Elston and Ellis 1991: 3 to 5 points are grade I, 6 and 7 are grade II, 8 and 9 are grade III.
NOTTINGHAM = {3: 1, 4: 1, 5: 1, 6: 2, 7: 2, 8: 3, 9: 3}
# Rugge et al. 2007, the frame of the OLGA stages: a row for each score of the antrum, 0 to 3.
OLGA = ["0 I II II", "I I II III", "II II III IV", "III III IV IV"]
ROMAN = {"0": 0, "I": 1, "II": 2, "III": 3, "IV": 4}
# Moreira et al. 2020: predominant pattern, percent of high-grade patterns, grade.
IASLC = [
    ("lepidic", 0, 1),
    ("lepidic", 19, 1),
    ("lepidic", 20, 3),
    ("acinar", 5, 2),
    ("papillary", 19.5, 2),
    ("papillary", 20, 3),
    ("solid", 80, 3),
    ("micropapillary", 60, 3),
    ("complex", 100, 3),
]
# JAMA 1986;255:2536 on Dukes 1932: limited to the wall, beyond it, nodes involved whatever the depth.
DUKES = [
    ("submucosa", 12, 0, "a"),
    ("muscle", 12, 0, "a"),
    ("subserosa", 12, 0, "b"),
    ("peritoneum", 1, 0, "b"),
    ("adjacent", 12, 0, "b"),
    ("submucosa", 12, 1, "c"),
    ("adjacent", 12, 12, "c"),
]


@pytest.mark.parametrize(("patterns", "group"), list(GRADE_GROUPS.items()))
def test_grade_groups_are_those_of_the_consensus(patterns: tuple[int, int], group: int) -> None:
    inputs = [f"pattern_{one}" for one in patterns]
    assert RULES["prostate_grade_group"].compute(inputs) == f"group_{group}"
    assert RULES["gleason_sum"].compute(inputs) == sum(patterns)


@pytest.mark.parametrize("scores", list(product((1, 2, 3), repeat=3)))
def test_nottingham_grades_are_those_of_the_paper(scores: tuple[int, int, int]) -> None:
    inputs = [f"score_{one}" for one in scores]
    assert RULES["nottingham_grade"].compute(inputs) == f"grade_{NOTTINGHAM[sum(scores)]}"


@pytest.mark.parametrize(("antrum", "body"), list(product(range(4), repeat=2)))
def test_olga_stages_are_those_of_the_frame(antrum: int, body: int) -> None:
    stage = ROMAN[OLGA[antrum].split()[body]]
    inputs = [f"degree_{antrum}", f"degree_{body}"]
    assert RULES["olga_stage"].compute(inputs) == f"stage_{stage}"


@pytest.mark.parametrize(("pattern", "percent", "grade"), IASLC)
def test_lung_grades_are_those_of_the_committee(pattern: str, percent: float, grade: int) -> None:
    assert RULES["iaslc_grade"].compute([pattern, float(percent)]) == f"grade_{grade}"


@pytest.mark.parametrize(("depth", "examined", "positive", "stage"), DUKES)
def test_dukes_stages_are_those_of_the_rule(depth: str, examined: int, positive: int, stage: str) -> None:
    assert RULES["dukes_stage"].compute([depth, float(examined), float(positive)]) == f"stage_{stage}"


def test_what_no_rule_speaks_of_gets_no_grade() -> None:
    assert RULES["dukes_stage"].compute(["none", 12.0, 0.0]) is None
    assert RULES["dukes_stage"].compute(["muscle", 0.0, 0.0]) is None
    assert RULES["iaslc_grade"].compute(["solid", 10.0]) is None
