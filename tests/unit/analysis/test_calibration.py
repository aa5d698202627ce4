"""Calibrated probabilities and conformal answers keep their promises."""

import numpy as np
import pytest
from scipy import optimize

from hemalum.analysis.calibration import (
    Conformal,
    expected_calibration_error,
    fit_conformal,
    fit_isotonic,
    fit_temperature,
    softmax,
)


def cases(count: int, seed: int, sure: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Logits and labels drawn from the probabilities of the logits divided by `sure`."""
    random = np.random.default_rng(seed)
    logits = random.normal(0, 2, (count, 3)) * sure
    chances = softmax(logits, sure).cumsum(axis=1)
    return logits, (random.random((count, 1)) > chances[:, :2]).sum(axis=1)


def test_the_temperature_of_an_overconfident_model_is_found() -> None:
    logits, labels = cases(4000, 1, sure=2.5)
    temperature = fit_temperature(logits, labels)
    assert temperature == pytest.approx(2.5, rel=0.1)
    before = expected_calibration_error(softmax(logits), labels)
    after = expected_calibration_error(softmax(logits, temperature), labels)
    assert after < 0.03 < before


def test_calibration_error_is_the_gap_in_each_bin() -> None:
    probabilities = np.array([[0.95, 0.05]] * 4 + [[0.6, 0.4]] * 2)
    labels = np.array([0, 0, 0, 1, 0, 1])
    # 4 cases said 0.95 and were right in 0.75; 2 said 0.6 and were right in 0.5.
    assert expected_calibration_error(probabilities, labels, bins=10) == pytest.approx(
        (4 * 0.2 + 2 * 0.1) / 6
    )


def test_isotonic_is_the_nearest_rising_function() -> None:
    scores = np.array([1.0, 2.0, 2.0, 3.0, 4.0, 5.0])
    positive = np.array([False, True, False, False, True, True])
    fitted = fit_isotonic(scores, positive)
    assert (np.diff(fitted(np.linspace(0, 6, 50))) >= 0).all()
    levels, counts = np.array([0.0, 0.5, 0.0, 1.0, 1.0]), np.array([1, 2, 1, 1, 1])
    rising = [{"type": "ineq", "fun": lambda x, at=at: x[at + 1] - x[at]} for at in range(4)]
    nearest = optimize.minimize(
        lambda x: (counts * (x - levels) ** 2).sum(), np.full(5, 0.5), constraints=rising
    )
    assert fitted(np.array([1.0, 2.0, 3.0, 4.0, 5.0])) == pytest.approx(nearest.x, abs=1e-3)


@pytest.mark.parametrize("alpha", [0.05, 0.2])
def test_the_true_answer_is_kept_as_often_as_promised_in_each_class_and_site(alpha: float) -> None:
    logits, labels = cases(6000, 2)
    sites = np.where(np.arange(6000) % 2 == 0, "north", "south")
    logits[sites == "south", 0] += 1.5  # a site where the model leans to one class
    fitted, tested = np.arange(6000) < 3000, np.arange(6000) >= 3000
    conformal = fit_conformal(softmax(logits[fitted]), labels[fitted], sites[fitted].tolist(), alpha)
    for site in ("north", "south"):
        here = tested & (sites == site)
        kept = conformal.answers(softmax(logits[here]), site)
        for number in range(3):
            true = labels[here] == number
            assert kept[true, number].mean() == pytest.approx(1 - alpha, abs=0.04)


def test_nothing_is_ruled_out_at_a_site_that_is_not_known() -> None:
    conformal = fit_conformal(np.array([[0.9, 0.1]] * 50), np.zeros(50, int), ["here"] * 50, 0.1)
    assert conformal.answers(np.array([[0.99, 0.01]]), "elsewhere").all()
    assert conformal.answers(np.array([[0.5, 0.5]]), "here").tolist() == [[False, True]]


def test_p_values_count_cases_at_least_as_strange() -> None:
    conformal = Conformal(0.1, {("a", 0): np.array([0.1, 0.2, 0.3, 0.4])})
    found = conformal.p_values(np.array([[0.75, 0.25], [0.625, 0.375]]), "a")
    assert found[:, 0] == pytest.approx([3 / 5, 2 / 5])
    with pytest.raises(ValueError, match="between 0 and 1"):
        fit_conformal(np.ones((1, 1)), np.zeros(1, int), ["a"], 1.0)
