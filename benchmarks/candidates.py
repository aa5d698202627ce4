"""How well dividing nuclei are among the candidates for mitoses; AUC is that of candidate scores.

On synthetic slides, whose every nucleus is known: no figures that people marked are among the data of this
project, so this says what the method does with what it is for, and nothing about patients. The threshold was
chosen on such slides, too. Needs nothing beside the repository.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import spatial

from hemalum.analysis.agreement import auc
from hemalum.analysis.batches import activate, prepare
from hemalum.analysis.inference import open_network
from hemalum.analysis.mitosis import CANDIDATE_ABOVE, candidate_scores
from hemalum.analysis.morphometry import Nuclei, joined, measure_nuclei
from hemalum.analysis.nuclei import part
from hemalum.formats.model.reading import read_contract
from hemalum.formats.model.shipped import shipped_models
from hemalum.testing.synth.appearance import SCANNERS, STAINS
from hemalum.testing.synth.cells import NUCLEUS_LIMIT, CellKind
from hemalum.testing.synth.slide import SyntheticSlide
from hemalum.testing.synth.tissue import TissueKind

SLIDES = (
    ("colon", 141, TissueKind.COLON, "he-a", "scanner-a"),
    ("breast", 107, TissueKind.BREAST, "he-a", "scanner-c"),
    ("lymph node", 152, TissueKind.LYMPH_NODE, "he-b", "scanner-d"),
)
SIDE_PX = 4800
NUCLEI = "hemalum.nuclei"
EVERY = 2
"""Of the fields across and down."""
NEAR_UM = 4.0


class Segmenting:
    """The shipped network for nuclei."""

    def __init__(self) -> None:
        (folder,) = (each for each in shipped_models() if each.name.startswith(NUCLEI))
        contract = read_contract((folder / "model.toml").read_bytes())
        assert contract.input is not None
        self.given, self.output = contract.input, contract.outputs[0]
        self.network = open_network(folder / "model.onnx")

    def nuclei(self, rgb: NDArray[np.uint8]) -> Nuclei:
        found = self.network.run(prepare(rgb[None], self.given))[self.output.name][0]
        maps = activate(found, self.output.activation, axis=0)
        return measure_nuclei(part(maps[0], maps[1], self.given.um_per_px), rgb, self.given.um_per_px)


def looked_at(
    slide: SyntheticSlide, network: Segmenting, every: int = EVERY
) -> tuple[Nuclei, NDArray[np.int64], int]:
    """Nuclei found on fields of a slide, the kind of each (0: there is none), and how many truly divide."""
    given = network.given
    inner_px = given.tile_px - 2 * given.context_px
    found, kinds, dividing = [], [], 0
    for top in range(0, SIDE_PX - inner_px, every * inner_px):
        for left in range(0, SIDE_PX - inner_px, every * inner_px):
            truth = slide.cells(left, top, inner_px, inner_px)
            if len(truth) == 0:
                continue
            dividing += int((truth["kind"] == CellKind.MITOSIS).sum())
            corner = left - given.context_px, top - given.context_px
            nuclei = network.nuclei(slide.render(*corner, given.tile_px, given.tile_px))
            near = slide.cells(*corner, given.tile_px, given.tile_px)
            near = near[near["kind"] < NUCLEUS_LIMIT]
            places = np.column_stack([near["x"], near["y"]]) - np.array(corner) * given.um_per_px
            apart, number = spatial.cKDTree(places).query(np.column_stack([nuclei.x_um, nuclei.y_um]))
            kind = np.where(apart < NEAR_UM, near["kind"].astype(np.int64)[number], 0)
            low_um = given.context_px * given.um_per_px
            high_um = low_um + inner_px * given.um_per_px
            nearest, farthest = np.minimum(nuclei.x_um, nuclei.y_um), np.maximum(nuclei.x_um, nuclei.y_um)
            own = (nearest >= low_um) & (farthest < high_um)
            found.append(Nuclei(**{name: getattr(nuclei, name)[own] for name in Nuclei.__dataclass_fields__}))
            kinds.append(kind[own])
    return joined(found), np.concatenate(kinds), dividing


def main() -> None:
    network = Segmenting()
    print("| slide | nuclei | in division | of these candidates | other candidates | AUC |")
    print("|---|---|---|---|---|---|")
    for name, seed, tissue, stain, scanner in SLIDES:
        slide = SyntheticSlide(seed, tissue, SIDE_PX, SIDE_PX, 0.5, STAINS[stain], SCANNERS[scanner])
        nuclei, kinds, dividing = looked_at(slide, network)
        scores = candidate_scores(nuclei, nuclei)
        divides = kinds == CellKind.MITOSIS
        above = scores > CANDIDATE_ABOVE
        rank = auc(scores, divides)
        print(
            f"| {name} | {len(nuclei):,} | {dividing} | {int((above & divides).sum())} "
            f"| {int((above & ~divides).sum())} | {rank.value:.3f} ({rank.lower:.3f} to {rank.upper:.3f}) |"
        )


if __name__ == "__main__":
    main()
