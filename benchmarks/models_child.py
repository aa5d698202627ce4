"""One round of `models.py` in a process of its own: way, network, contract, slide, folder, patches, cores."""

import hashlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from hemalum.analysis.patches import plan_patches
from hemalum.capabilities.inference import running
from hemalum.formats.model.contract import Contract
from hemalum.formats.model.reading import read_contract
from hemalum.formats.wsi import open_slide
from hemalum.formats.wsi.decode import decode_frame
from hemalum.formats.wsi.frame_index import FrameLevel, read_frame
from hemalum.formats.wsi.source import ByteSource
from measure import peak_mb

FIRST = 8
"""Patches before the clock starts: they open the slide and the network, once for all chunks of a slide."""


def recipe_of(path: Path, folder: Path) -> dict[str, Any]:
    """The slide as the node tells a child of it."""
    index = folder / "bench.hfi"
    with open_slide(path) as slide:
        assert slide.frame_index is not None
        index.write_bytes(slide.frame_index.to_bytes())
    found = path.stat()
    return {
        "key": "bench",
        "index": {"path": str(index), "size": index.stat().st_size},
        "objects": [{"path": str(path), "size": found.st_size, "mtime_ns": found.st_mtime_ns}],
    }


def model_of(path: Path, onnx: Path, contract: Contract) -> dict[str, Any]:
    """The model as the node tells a child of it, with all patches of the slide from its middle on."""
    assert contract.input is not None
    with open_slide(path) as slide:
        sizes = [level.size for level in slide.description.levels]
        need = running.need_of(contract.input)
        plan = plan_patches(sizes, slide.description.measurable_um, np.ones((8, 8), bool), need)
    middle = len(plan.places) // 2
    return {
        "network": {"path": str(onnx), "size": onnx.stat().st_size},
        "sha256": hashlib.sha256(onnx.read_bytes()).hexdigest(),
        "weights": None,
        "device": None,
        "contract": msgspec.to_builtins(contract),
        "recolouring": None,
        "level": plan.level,
        "scale": list(plan.scale),
        "places": plan.places[middle:].astype("<i4").tobytes(),
        "blocks": plan.blocks[middle:].astype("<i8").tobytes(),
    }


def part_of(model: dict[str, Any], first: int, last: int) -> dict[str, Any]:
    """The model with some of its patches."""
    places, blocks = model["places"][first * 8 : last * 8], model["blocks"][first * 8 : last * 8]
    return model | {"places": places, "blocks": blocks}


def main() -> None:
    way, network, toml, slide = sys.argv[1], *map(Path, sys.argv[2:5])
    folder, count, cores = Path(sys.argv[5]), int(sys.argv[6]), int(sys.argv[7])
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
    recipe, whole = recipe_of(slide, folder), model_of(slide, network, read_contract(toml.read_bytes()))
    running.run_chunk(recipe, [part_of(whole, 0, FIRST)], lambda *_: None)
    model = part_of(whole, FIRST, FIRST + count)
    if way == "engine":
        cpu_s, wall_s = time.process_time(), time.perf_counter()
        running.run_chunk(recipe, [model], lambda *_: None)
    elif way == "decoding":
        frames, sources, factor, places = stored_tiles(recipe, model)
        cpu_s, wall_s = time.process_time(), time.perf_counter()
        for row, column in places:
            stream = read_frame(frames, sources, 0, 0, row, column)
            assert stream is not None
            decode_frame(frames, stream, factor)
    else:
        batches, bare = read_batches(recipe, model), running.opened(model)
        cpu_s, wall_s = time.process_time(), time.perf_counter()
        for batch in batches:
            bare.run(batch)
    found = {
        "wall_s": time.perf_counter() - wall_s,
        "cpu_s": time.process_time() - cpu_s,
        "patches": count,
        "peak_mb": peak_mb(os.getpid()),
    }
    print(json.dumps(found))


def stored_tiles(
    recipe: dict[str, Any], model: dict[str, Any]
) -> tuple[FrameLevel, list[ByteSource], int, list[tuple[int, int]]]:
    """The stored tiles that the patches lie on, each once, and the factor by which decoding shrinks them."""
    slide, plan = running.opened_slide(recipe), running.Looking(model).plan
    frames = slide.frame_index.levels[plan.level]
    tile = frames.tile
    found: dict[tuple[int, int], None] = {}
    for number in range(len(plan.places)):
        left, top, width, height = plan.box(number)
        rows = range(int(max(0, top)) // tile.height_px, int(top + height - 1) // tile.height_px + 1)
        columns = range(int(max(0, left)) // tile.width_px, int(left + width - 1) // tile.width_px + 1)
        found |= dict.fromkeys((row, column) for row in rows for column in columns)
    kept = [(row, column) for row, column in found if row < frames.rows and column < frames.columns]
    return frames, slide.sources, plan.factor or 1, kept


def read_batches(recipe: dict[str, Any], model: dict[str, Any]) -> list[Any]:
    """What the network is given for each patch, ready in memory."""
    slide, at_work = running.opened_slide(recipe), running.Looking(model)
    return [at_work.read(slide, number).batch for number in range(len(at_work.plan.places))]


if __name__ == "__main__":
    main()
