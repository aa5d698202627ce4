"""Ready-made synthetic slides: a handful that shows what the software can do."""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from hemalum.kernel.errors import Invalid
from hemalum.testing.synth.appearance import SCANNERS, STAINS
from hemalum.testing.synth.artefacts import ArtefactKind
from hemalum.testing.synth.slide import Modality, SyntheticSlide
from hemalum.testing.synth.tissue import TissueKind
from hemalum.testing.writers import JpegOptions, SlideScan, write_dicom, write_ome_tiff, write_svs, write_tiff

type Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class DemoSlide:
    """A file to make: its name says the format (.svs, .tif or .ome.tif)."""

    filename: str
    title: str
    slide: SyntheticSlide
    label: str
    organ: str
    stain: str

    def write(self, folder: Path, *, pool: Executor | None = None, progress: Progress | None = None) -> Path:
        """Write the file; answers its path."""
        path = folder / self.filename
        write_slide(path, self.slide, label_text=self.label, pool=pool, progress=progress)
        return path


def write_slide(
    path: Path,
    slide: SyntheticSlide,
    *,
    label_text: str | None = None,
    pool: Executor | None = None,
    progress: Progress | None = None,
) -> None:
    """Write a slide in the format that its name asks for: .svs, .tif, .ome.tif, or a folder name.dicom."""
    name = path.name.lower()
    if name.endswith((".ome.tif", ".ome.tiff")):
        jpeg = None if slide.modality is Modality.FLUORESCENCE else JpegOptions(slide.scanner.quality, "420")
        write_ome_tiff(path, slide, jpeg=jpeg, pool=pool, progress=progress)
    elif name.endswith(".dicom"):
        if slide.modality is not Modality.BRIGHTFIELD or len(slide.planes_um) > 1:
            raise Invalid("A synthetic DICOM series is brightfield with one focal plane.")
        write_dicom(path, SlideScan(slide), slide, pool=pool, progress=progress)
    elif name.endswith(".svs"):
        write_svs(path, SlideScan(slide), slide, label_text=label_text, pool=pool, progress=progress)
    else:
        write_tiff(path, SlideScan(slide), slide, pool=pool, progress=progress)


DEMO_SLIDES: tuple[DemoSlide, ...] = (
    DemoSlide(
        "colon-adenocarcinoma.svs",
        "Colon, adenocarcinoma",
        SyntheticSlide(41, TissueKind.COLON, 8_000, 6_000, 0.5),
        "S26-00041 A1",
        "Colon",
        "H&E",
    ),
    DemoSlide(
        "lymph-node-metastasis.svs",
        "Lymph node, metastasis",
        SyntheticSlide(52, TissueKind.LYMPH_NODE, 5_500, 4_600, 0.5, STAINS["he-b"], SCANNERS["scanner-d"]),
        "S26-00041 B2",
        "Lymph node",
        "H&E",
    ),
    DemoSlide(
        "frozen-section.tif",
        "Breast, frozen section of a margin",
        SyntheticSlide(
            63,
            TissueKind.BREAST,
            4_500,
            4_000,
            0.5,
            STAINS["he-c"],
            SCANNERS["scanner-b"],
            artefacts=frozenset({ArtefactKind.FROZEN, ArtefactKind.OUT_OF_FOCUS}),
        ),
        "F26-00007",
        "Breast",
        "H&E",
    ),
    DemoSlide(
        "breast-pen-and-fold.svs",
        "Breast, with pen mark, fold and dust",
        SyntheticSlide(
            77,
            TissueKind.BREAST,
            5_500,
            4_500,
            0.5,
            STAINS["he-a"],
            SCANNERS["scanner-c"],
            artefacts=frozenset(
                {ArtefactKind.PEN, ArtefactKind.FOLD, ArtefactKind.DUST, ArtefactKind.COVERSLIP}
            ),
        ),
        "S26-00058 A1",
        "Breast",
        "H&E",
    ),
    DemoSlide(
        "breast-ki67.svs",
        "Breast, Ki-67 immunostain",
        SyntheticSlide(
            77, TissueKind.BREAST, 4_500, 3_600, 0.5, STAINS["dab"], SCANNERS["scanner-a"], marker="ki67"
        ),
        "S26-00058 A1 Ki-67",
        "Breast",
        "Ki-67",
    ),
    DemoSlide(
        "colon-fluorescence.ome.tif",
        "Colon, four-channel fluorescence",
        SyntheticSlide(
            41,
            TissueKind.COLON,
            3_000,
            2_400,
            0.5,
            modality=Modality.FLUORESCENCE,
            channel_count=4,
        ),
        "S26-00041 A1 IF",
        "Colon",
        "DAPI, PanCK, E-cadherin, CD3",
    ),
    DemoSlide(
        "lymph-node-z-stack.ome.tif",
        "Lymph node, five focal planes",
        SyntheticSlide(52, TissueKind.LYMPH_NODE, 2_000, 1_600, 0.5, planes_um=(-4.0, -2.0, 0.0, 2.0, 4.0)),
        "S26-00041 B2 Z",
        "Lymph node",
        "H&E",
    ),
)
"""Together some 140 million pixels; every one has exact ground truth by `hemalum.testing.synth.truth`."""
