"""One small file for each format and each reading of a doubt, by makers as in `hemalum.testing.samples`."""

from collections.abc import Callable, Sequence
from pathlib import Path

from hemalum.testing.domestic_writers import stubs
from hemalum.testing.domestic_writers.kfb import write_kfb
from hemalum.testing.domestic_writers.kfbf import write_kfbf
from hemalum.testing.domestic_writers.mdsx import write_mdsx
from hemalum.testing.domestic_writers.sdpc import write_sdpc
from hemalum.testing.domestic_writers.written import WrittenSlide
from hemalum.testing.domestic_writers.zyp import write_zyp
from hemalum.testing.samples import picture

_LABEL, _MACRO = picture(90, 70, 1), picture(60, 180, 2)
_GREYS = [picture(seed=seed)[..., :1] for seed in range(3)]

MAKERS: Sequence[Callable[[Path], WrittenSlide]] = (
    lambda folder: write_kfb(folder / "table.kfb", picture(), label=_LABEL, macro=_MACRO),
    lambda folder: write_kfb(folder / "entry.kfb", picture(), label=_LABEL, offset_base="entry"),
    lambda folder: write_kfb(folder / "sparse.kfb", picture(), missing={(0, 1, 1), (1, 0, 0)}),
    lambda folder: write_kfbf(folder / "height_first.kfbf", _GREYS, label=_LABEL, overview=_MACRO),
    lambda folder: write_kfbf(folder / "width_first.kfbf", _GREYS, orientation="width_first"),
    lambda folder: write_kfbf(folder / "padded.kfbf", _GREYS, edge_tiles="padded", blocks="whole"),
    lambda folder: write_sdpc(folder / "halves.sdpc", picture(), label=_LABEL, macro=_MACRO),
    lambda folder: write_sdpc(folder / "quarters.dyqx", picture(), person=None, level_scale=0.25),
    lambda folder: write_zyp(folder / "one.zyp", picture(), label=_LABEL, macro=_MACRO, thumbnail=_MACRO),
    lambda folder: write_zyp(folder / "two.zyp", picture(), version="2.01", with_others=True),
    lambda folder: write_mdsx(folder / "base64.mdsx", picture(), label=_LABEL, macro=_MACRO),
    lambda folder: write_mdsx(
        folder / "plain.mdsx", picture(), text_form="utf-8", nested=False, words="equal"
    ),
)
"""Files that are read."""

STUBS: Sequence[tuple[str, Callable[[Path], None]]] = (
    ("six.tmap", lambda path: stubs.write_tmap(path, "06")),
    ("seven.tmap", lambda path: stubs.write_tmap(path, "07")),
    ("four.tron", lambda path: stubs.write_tron(path, 4)),
    ("three.tron", lambda path: stubs.write_tron(path, 3)),
    ("old.mds", stubs.write_mds),
    ("fluorescence.sdpc", stubs.write_sdpc_of_unknown_blocks),
)
"""(name, writer to a path) of files that are recognised and refused."""
