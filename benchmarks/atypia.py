"""Whether a score of atypia beats the size of nuclei alone: the trial that it failed (docs/models/atypia.md).

Each form was made of what gradings of nuclear pleomorphism look at (C. W. Elston and I. O. Ellis,
Histopathology 19, 1991): size, chromatin, outline. How far a nucleus lies from the usual ones of its slide is
told in robust standard deviations, or by a robust Mahalanobis distance with the minimum covariance
determinant (P. J. Rousseeuw and K. Van Driessen, Technometrics 41, 1999). The best form is chosen on 16
synthetic slides, and all are tried on 16 others. Needs nothing beside the repository.
"""

from collections.abc import Callable
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special, stats

from candidates import SIDE_PX, Segmenting, looked_at
from hemalum.analysis.agreement import Interval, auc, bootstrapped
from hemalum.analysis.morphometry import Nuclei, standing_out
from hemalum.testing.synth.appearance import SCANNERS, STAINS
from hemalum.testing.synth.cells import CellKind
from hemalum.testing.synth.slide import SyntheticSlide
from hemalum.testing.synth.tissue import TissueKind

type Column = NDArray[np.float64]
type Form = Callable[[Nuclei], Column]

CHOSEN_ON, TRIED_ON = 5100, 7300
"""First seeds of the two sets."""
STAIN_NAMES = ("he-a", "he-b", "he-c", "he-pale")
TISSUES = (TissueKind.COLON, TissueKind.BREAST, TissueKind.PROSTATE, TissueKind.LYMPH_NODE)
EVERY = 3
ROUNDS = 20
"""Starts of the minimum covariance determinant; each is improved 15 times."""
LEAST_DENSITY = 0.05


def usual(values: Column) -> Column:
    return standing_out(values, values)


def width(nuclei: Nuclei) -> Column:
    return usual(np.log(nuclei.minor_um))


def density(nuclei: Nuclei) -> Column:
    return usual(np.log(np.maximum(nuclei.density_mean, LEAST_DENSITY)))


def unevenness(nuclei: Nuclei) -> Column:
    return usual(nuclei.density_sd / np.maximum(nuclei.density_mean, LEAST_DENSITY))


def roughness(nuclei: Nuclei) -> Column:
    """Perimeter by that of the ellipse with the same axes (S. Ramanujan 1914)."""
    a, b = nuclei.major_um / 2, nuclei.minor_um / 2
    h = ((a - b) / (a + b)) ** 2
    return usual(nuclei.perimeter_um / (np.pi * (a + b) * (1 + 3 * h / (10 + np.sqrt(4 - 3 * h)))))


def shipped_once(nuclei: Nuclei) -> Column:
    """The form that stood in layers until it failed here, up to its last, rising step."""
    amount = usual(np.log(nuclei.area_um2 * np.maximum(nuclei.density_mean, LEAST_DENSITY)))
    parts = (usual(np.log(nuclei.area_um2)), amount, roughness(nuclei), unevenness(nuclei))
    return np.sum([np.maximum(each, 0) ** 2 for each in parts], axis=0)


def distance(nuclei: Nuclei) -> Column:
    """Robust Mahalanobis distance in width, density, unevenness and roughness; below 0 for narrow nuclei."""
    table = np.column_stack([each(nuclei) for each in (width, density, unevenness, roughness)])
    middle, spread = covariance(table)
    apart = table - middle
    squared = np.einsum("ij,jk,ik->i", apart, np.linalg.inv(spread), apart)
    return np.asarray(np.sign(apart[:, 0]) * squared)


def covariance(table: Column) -> tuple[Column, Column]:
    """Of the half of the rows whose covariance has the least determinant."""
    random = np.random.default_rng(0)
    count, width_of = table.shape
    half, best, least = (count + width_of + 1) // 2, None, np.inf
    for _ in range(ROUNDS):
        own = random.choice(count, width_of + 1, replace=False)
        for _ in range(15):
            middle, spread = table[own].mean(axis=0), np.cov(table[own].T) + 1e-9 * np.eye(width_of)
            apart = table - middle
            own = np.argsort(np.einsum("ij,jk,ik->i", apart, np.linalg.inv(spread), apart))[:half]
        size = np.linalg.slogdet(np.cov(table[own].T))[1]
        if size < least:
            best, least = (middle, spread), size
    assert best is not None
    return best


def weighed(part: Form, weight: float) -> Form:
    return lambda nuclei: width(nuclei) + weight * part(nuclei)


SIZES: dict[str, Form] = {"area": lambda nuclei: nuclei.area_um2, "width (minor axis)": width}
FORMS: dict[str, Form] = {
    "four squares, shipped once": shipped_once,
    "robust Mahalanobis distance": distance,
    **{
        f"width {weight:+.1f} x {part.__name__}": weighed(part, weight)
        for part, weight in product((density, unevenness, roughness), (0.1, 0.2, 0.3))
    },
}
CONTRARY: dict[str, Form] = {
    f"width -0.1 x {part.__name__}": weighed(part, -0.1) for part in (density, unevenness, roughness)
}
"""Whose signs are against what gradings call atypical; told for completeness, and never chosen."""


def slides_of(first_seed: int, network: Segmenting) -> list[tuple[Nuclei, NDArray[np.bool_]]]:
    """Nuclei found on 16 slides of all tissues, stains and scanners, and which are of tumour."""
    found, scanners = [], list(SCANNERS.values())
    for number in range(16):
        stain = STAINS[STAIN_NAMES[(number // 4 + number) % 4]]
        scanner = scanners[(number // 4 + 2 * number + 1) % 4]
        slide = SyntheticSlide(
            first_seed + number, TISSUES[number % 4], SIDE_PX, SIDE_PX, 0.5, stain, scanner
        )
        nuclei, kinds, _ = looked_at(slide, network, EVERY)
        found.append((nuclei, (kinds == CellKind.TUMOUR) | (kinds == CellKind.MITOSIS)))
    return found


def colours_of(nuclei: Nuclei) -> Column:
    return np.column_stack(
        [usual(each) for each in (nuclei.density_mean, nuclei.density_sd, nuclei.blue_ratio)]
    )


def fit_colours(slides: list[tuple[Nuclei, NDArray[np.bool_]]]) -> Form:
    """The baseline that was learnt: a logistic regression of how dark, how uneven and how blue nuclei are."""
    table = np.concatenate([colours_of(nuclei) for nuclei, _ in slides])
    truth = np.concatenate([is_tumour for _, is_tumour in slides])
    signs = np.where(truth, 1.0, -1.0)

    def loss(weights: Column) -> float:
        return float(-special.log_expit(signs * (table @ weights[:-1] + weights[-1])).mean())

    fitted = optimize.minimize(loss, np.zeros(4), method="L-BFGS-B").x
    return lambda nuclei: np.asarray(colours_of(nuclei) @ fitted[:-1])


def areas_under(form: Form, slides: list[tuple[Nuclei, NDArray[np.bool_]]]) -> Column:
    return np.array([auc(form(nuclei), is_tumour).value for nuclei, is_tumour in slides])


def over_slides(values: Column) -> Interval:
    return bootstrapped([[each] for each in values], lambda drawn: float(np.mean(drawn)), seed=1, rounds=4000)


def told(interval: Interval, sign: str = "") -> str:
    return f"{interval.value:{sign}.3f} ({interval.lower:{sign}.3f} to {interval.upper:{sign}.3f})"


def main() -> None:
    network = Segmenting()
    chosen_on, tried_on = (slides_of(seed, network) for seed in (CHOSEN_ON, TRIED_ON))
    forms = SIZES | {"colours, learnt": fit_colours(chosen_on)} | FORMS | CONTRARY
    before = {name: areas_under(form, chosen_on) for name, form in forms.items()}
    best = max(FORMS, key=lambda name: before[name].mean())
    base = areas_under(width, tried_on)
    area = areas_under(SIZES["area"], tried_on)
    print(f"Chosen on the first slides: {best}.")
    print(f"Nuclei of the others: {sum(len(each) for each, _ in tried_on):,}")
    print("| | AUC, first slides | AUC, other slides | gain over the area | gain over the width |")
    print("|---|---|---|---|---|")
    for name, form in forms.items():
        after = areas_under(form, tried_on)
        gains = [told(over_slides(after - each), "+") for each in (area, base)]
        print(f"| {name} | {before[name].mean():.3f} | {told(over_slides(after))} | {' | '.join(gains)} |")
    lost = stats.binomtest(int((areas_under(forms[best], tried_on) > base).sum()), len(base))
    print(f"{best} beats the width on {lost.k} of {lost.n} slides (sign test, p = {lost.pvalue:.2f}).")


if __name__ == "__main__":
    main()
