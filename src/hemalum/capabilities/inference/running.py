"""Running networks over planned patches. Runs in child processes only.

The engine names these functions to `hemalum.runtime.sandbox.Workers` and never imports this module. Arguments
and results are plain values; arrays go as the bytes of an .npz without pickles.

On the processor every patch goes through the network by itself: batches gain nothing there, and so what
comes out does not depend on how patches were put together. For a model on a device patches are read here as
well, and go in batches, in the order of the plan, to the process that holds it (`on_device`).
"""

import hashlib
import io
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, closing
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from hemalum.analysis.batches import activate, prepare
from hemalum.analysis.cells import PatchCells, cells_of_patch
from hemalum.analysis.inference import Network, WrongShape, open_network
from hemalum.analysis.morphometry import Nuclei
from hemalum.analysis.nuclei import part
from hemalum.analysis.patches import PatchNeed, PatchPlan
from hemalum.capabilities.inference.cells import CLASS_COLUMNS, PREFIX
from hemalum.capabilities.inference.feeding import IN_FLIGHT, DeviceLost, Feed
from hemalum.capabilities.inference.model import Recolouring, cell_classes_output, cells_output
from hemalum.capabilities.inference.recolouring import recolouring_of
from hemalum.formats.model.contract import Contract, Input, Output, Spatial
from hemalum.formats.wsi.indexed import SharedTilesSlide
from hemalum.formats.wsi.slide import Pixels, resample
from hemalum.kernel.errors import Damaged
from hemalum.kernel.geometry import PixelRegion, PixelSize
from hemalum.kernel.typed import typed
from hemalum.runtime.crypto.source import open_place
from hemalum.runtime.recipes import UrlSource, check_unchanged, open_recipe

type Array = NDArray[Any]
type Report = Callable[[str, int, int], None]
type Beat = Callable[[], None]
"""Called as a sign of life while something else is waited for."""

_KEPT_TILE_BYTES = 64 << 20
_AHEAD_BYTES = 16 << 20
"""Of patches read and made ready while the network is busy with another."""
_FEWEST_AHEAD = 2
_MOST_BEHIND = 4
"""Patches whose output waits for what is made of it."""
_OPEN_NETWORKS = 2
_HEARTBEAT_S = 0.5

_networks: OrderedDict[str, Network] = OrderedDict()
_slides: OrderedDict[str, SharedTilesSlide] = OrderedDict()


def run_chunk(
    recipe: Mapping[str, Any], models: Sequence[Mapping[str, Any]], progress: Report
) -> list[dict[str, Any]]:
    """Run models over the patches of one chunk; for each an .npz of its output and how often it abstained.

    A model is what `Models.network_of` tells, `contract`, `recolouring`, `device`, and of its plan `level`,
    `scale`, `places` (int32) and `blocks` (int64). `device` is None for the processor, or the `address` of
    the process that holds the network, and the size of its `batch`. Where that process has gone, the answer
    is `lost` and no more, and the other models are answered as ever.

    Raises:
        Damaged: the weights are not those that were taken in.
        HemalumError: a network failed; see `analysis.inference`.
    """
    slide = opened_slide(recipe)
    # Block by block, so that what one model had decoded is still there for the next.
    with ExitStack() as opened_for_chunk:
        writer = opened_for_chunk.enter_context(ThreadPoolExecutor(max_workers=1))
        runs = [_looking(model, writer, opened_for_chunk) for model in models]
        order = sorted(
            (int(block), at, number)
            for at, run in enumerate(runs)
            for number, block in enumerate(run.plan.blocks)
        )
        done = 0

        def beat() -> None:
            progress("run", done, len(order))

        reader = opened_for_chunk.enter_context(ThreadPoolExecutor(max_workers=1))
        for run, patch in _ahead(reader, slide, runs, order):
            run.look_at(patch, beat)
            done += 1
            beat()
        return [run.finish(beat) for run in runs]


def run_head(model: Mapping[str, Any], chunks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Run a slide head over what its encoder said; an .npz, probabilities by class, and if it abstains.

    `model` is what `Models.network_of` tells, and `contract`; `chunks` are the places of the encoder's
    output. In the .npz the slide stands as a single patch; `attention` and `attended` tell of the tiles.

    Raises:
        HemalumError: the embeddings are not those that the head takes, or its network failed.
    """
    contract = typed(model["contract"], Contract)
    places, features = _embedded(chunks)
    assert contract.features is not None
    found = opened(model).run({contract.features.name: features})
    # What it took of memory for the patches of this slide would stay with it.
    _networks.clear()
    output = slide_output(contract)
    if output is None or output.name not in found:
        raise WrongShape("The head gives no classes for a slide.")
    values = activate(found[output.name].reshape(-1), output.activation, axis=0)
    if values.shape != (len(output.classes),):
        raise WrongShape(
            "{output} has {count} classes and the network gives {form}.",
            output=output.name,
            count=len(output.classes),
            form=str(values.size),
        )
    rule = contract.abstain
    abstains = rule is not None and rule.output == output.name and confidence(values, output) < rule.below
    arrays: dict[str, Array] = {
        "places": np.zeros((1, 2), np.int32),
        "abstained": np.array([abstains]),
        f"output.{output.name}": values[None].astype(np.float32),
    }
    attention = next((each.name for each in contract.outputs if each.spatial is Spatial.TILE), None)
    if attention is not None:
        weights = found[attention].reshape(-1).astype(np.float32)
        if len(weights) != len(places):
            raise WrongShape("The head gives attention for other tiles than it was given.")
        arrays |= {"attention": weights, "attended": places}
    likely = {one.name: float(value) for one, value in zip(output.classes, values, strict=True)}
    return {
        "content": npz(arrays),
        "scores": likely,
        "abstains": abstains,
        "tiles": len(places),
        "onnxruntime": onnxruntime.__version__,
    }


def slide_output(contract: Contract) -> Output | None:
    """The output of a head that tells classes of slides apart."""
    return next((each for each in contract.outputs if each.spatial is Spatial.SLIDE and each.classes), None)


def _embedded(chunks: Sequence[Mapping[str, Any]]) -> tuple[Array, Array]:
    """Places and embeddings (tiles, dimensions) of tiles of which the encoder said something."""
    places: list[Array] = []
    features: list[Array] = []
    for place in chunks:
        with closing(open_place(place, UrlSource)) as source:
            content = source.read(0, source.size)
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            kept = ~arrays["abstained"]
            name = next(each for each in arrays.files if each.startswith("output."))
            places.append(arrays["places"][kept])
            features.append(arrays[name][kept])
    return np.concatenate(places), np.ascontiguousarray(np.concatenate(features), np.float32)


def _looking(model: Mapping[str, Any], writer: Executor, opened_for_chunk: ExitStack) -> "Looking":
    device = model["device"]
    if device is None:
        return Running(model, writer)
    feed = Feed(device["address"])
    opened_for_chunk.callback(feed.close)
    return Feeding(model, feed, device["batch"])


class Looking:
    """One model and its patches of one chunk."""

    is_lost = False
    """Whether the process that held its network has gone, so that nothing more is to be read for it."""

    def __init__(self, model: Mapping[str, Any]) -> None:
        contract = typed(model["contract"], Contract)
        self._input = input_of(contract)
        own = model["recolouring"]
        self._recolour = recolouring_of(self._input, None if own is None else typed(own, Recolouring))
        self.answer = Answer(contract)
        self.plan = PatchPlan(
            need_of(self._input),
            model["level"],
            (model["scale"][0], model["scale"][1]),
            (0, 0),
            np.frombuffer(model["places"], "<i4").reshape(-1, 2),
            np.frombuffer(model["blocks"], "<i8"),
        )

    @property
    def patch_bytes(self) -> int:
        """What a patch that was read takes of memory, in both of its forms."""
        return self._input.tile_px**2 * 3 * (1 + np.dtype(self._input.dtype).itemsize)

    def read(self, slide: SharedTilesSlide, number: int) -> "ReadPatch":
        pixels = read_patch(slide, self.plan, number)
        return ReadPatch(pixels, prepare(self._recolour(pixels)[None], self._input))

    def look_at(self, patch: "ReadPatch", beat: Beat) -> None:
        """Take the next patch of the plan."""
        raise NotImplementedError

    def finish(self, beat: Beat) -> dict[str, Any]:  # noqa: ARG002 (some wait here)
        """What `run_chunk` answers of this model, once all patches were taken."""
        finished = self.answer.finish(self.plan.places)
        return finished | {"lost": False, "onnxruntime": onnxruntime.__version__}


class Running(Looking):
    """A model that runs in this process, patch by patch.

    What it says of a patch is made of the network's output by another thread, while it looks at the next.
    """

    def __init__(self, model: Mapping[str, Any], writer: Executor) -> None:
        super().__init__(model)
        self._network = opened(model)
        self._writer = writer
        self._behind: deque[Future[None]] = deque()

    def look_at(self, patch: "ReadPatch", beat: Beat) -> None:  # noqa: ARG002 (nothing is waited for long)
        found = self._network.run(patch.batch)
        self._behind.append(self._writer.submit(self.answer.add, found, patch.pixels))
        if len(self._behind) > _MOST_BEHIND:
            self._behind.popleft().result()

    def finish(self, beat: Beat) -> dict[str, Any]:
        for each in self._behind:
            each.result()
        return super().finish(beat)


class Feeding(Looking):
    """A model that runs in the process of a device, which is fed batch by batch."""

    def __init__(self, model: Mapping[str, Any], feed: Feed, batch: int) -> None:
        super().__init__(model)
        self._feed = feed
        self._batch = batch
        self._patches: list[ReadPatch] = []
        self._asked: deque[tuple[list[Pixels], Future[dict[str, Array]]]] = deque()

    def look_at(self, patch: "ReadPatch", beat: Beat) -> None:
        if self.is_lost:
            return
        self._patches.append(patch)
        if len(self._patches) == self._batch:
            self._ask(beat)

    def _ask(self, beat: Beat) -> None:
        whole = np.concatenate([each.batch for each in self._patches])
        self._asked.append(([each.pixels for each in self._patches], self._feed.ask(whole)))
        self._patches = []
        if len(self._asked) > IN_FLIGHT:
            self._take(beat)

    def _take(self, beat: Beat) -> None:
        pictures, answer = self._asked.popleft()
        # How long the device may take is watched by whoever started its process.
        while not wait([answer], _HEARTBEAT_S).done:
            beat()
        try:
            found = answer.result()
        except DeviceLost:
            self.is_lost = True
            self._patches = []
            self._asked.clear()
            return
        for at, pixels in enumerate(pictures):
            self.answer.add({name: values[at : at + 1] for name, values in found.items()}, pixels)

    def finish(self, beat: Beat) -> dict[str, Any]:
        if self._patches:
            self._ask(beat)
        while self._asked:
            self._take(beat)
        return {"lost": True} if self.is_lost else super().finish(beat)


@dataclass(frozen=True, slots=True)
class ReadPatch:
    """A patch as it was read, and as the network is given it; what is measured is measured as it was read."""

    pixels: Pixels
    batch: Array


def need_of(given: Input) -> PatchNeed:
    """The patches that a model takes, in the words of the plan."""
    return PatchNeed(given.um_per_px, given.patch_px, given.step_px, given.context_px)


class Answer:
    """What one model said of the patches of one chunk, column by column."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._columns: dict[str, list[Array]] = {each.name: [] for each in contract.outputs}
        self._abstained: list[bool] = []
        self._cells_output = cells_output(contract)
        self._classes_output = cell_classes_output(contract)
        self._cells: list[PatchCells] = []

    def add(self, found: Mapping[str, Array], pixels: Pixels) -> None:
        """What the network gave for one patch. Raises WrongShape when it is not what the contract states."""
        abstains = False
        maps: Array | None = None
        class_maps: Array | None = None
        rule = self._contract.abstain
        for output in self._contract.outputs:
            if output.name not in found:
                raise WrongShape("The network gives no {output}.", output=output.name)
            values: Array = activate(found[output.name][0], output.activation, axis=0)
            if output is self._cells_output:
                maps = values
            if output is self._classes_output:
                class_maps = values
            if output.spatial is Spatial.PIXEL:
                context = input_of(self._contract).context_px
                values = _middle(values, context, input_of(self._contract).tile_px).mean(axis=(-2, -1))
            if output.classes and values.shape != (len(output.classes),):
                raise WrongShape(
                    "{output} has {count} classes and the network gives {form}.",
                    output=output.name,
                    count=len(output.classes),
                    form=" x ".join(map(str, values.shape)),
                )
            if rule is not None and rule.output == output.name and values.size:
                abstains |= confidence(values, output) < rule.below
            self._columns[output.name].append(values.astype(np.float32))
        self._abstained.append(abstains)
        if maps is not None:
            # Where the model abstains it says nothing of cells either.
            self._cells.append(self._cells_of(maps * (not abstains), class_maps, pixels))

    def _cells_of(self, maps: Array, class_maps: Array | None, pixels: Pixels) -> PatchCells:
        given = input_of(self._contract)
        for each in (maps, class_maps):
            if each is not None and each.shape[-2:] != pixels.shape[:2]:
                raise WrongShape("Maps of which cells are made have a value for each pixel of the tile.")
        labels = part(maps[0], maps[1], given.um_per_px)
        return cells_of_patch(labels, pixels, given.um_per_px, given.context_px, class_maps)

    def finish(self, places: NDArray[np.int32]) -> dict[str, Any]:
        """The columns as an .npz, row by row as the patches are planned."""
        columns = {f"output.{name}": np.array(values, np.float32) for name, values in self._columns.items()}
        arrays = {"places": places, "abstained": np.array(self._abstained, bool), **columns}
        if self._cells_output is not None:
            stride_um = need_of(input_of(self._contract)).stride_um
            has_classes = self._classes_output is not None
            arrays |= cell_columns(self._cells, places, stride_um, has_classes=has_classes)
        return {"content": npz(arrays), "abstained": sum(self._abstained)}


def cell_columns(
    cells: Sequence[PatchCells], places: NDArray[np.int32], stride_um: float, *, has_classes: bool
) -> dict[str, Array]:
    """The cells of the patches of a chunk, patch after patch; places in um from the corner of the slide."""
    counts = np.array([len(each.measured) for each in cells], np.int32)
    columns = {
        each.name: np.concatenate([np.zeros(0), *(getattr(one.measured, each.name) for one in cells)])
        for each in fields(Nuclei)
    }
    corners = np.repeat(places, counts, axis=0) * stride_um
    columns["y_um"] = columns["y_um"] + corners[:, 0]
    columns["x_um"] = columns["x_um"] + corners[:, 1]
    # Middles far out on a slide need more digits than measures do.
    found: dict[str, Array] = {
        name: values.astype(np.float64 if name in ("x_um", "y_um") else np.float32)
        for name, values in columns.items()
    }
    found["counts"] = counts
    found["is_own"] = np.concatenate([np.zeros(0, bool), *(each.is_own for each in cells)])
    found["ring_sizes"] = np.concatenate([np.zeros(0, np.int32), *(each.ring_sizes for each in cells)])
    rings = [np.zeros((0, 2), np.float32), *(each.corners_um for each in cells)]
    found["corners_um"] = np.concatenate(rings)
    if has_classes:
        told = [each.told for each in cells if each.told is not None]
        for name, kind in CLASS_COLUMNS.items():
            found[name] = np.concatenate([np.zeros(0, kind), *(getattr(each, name) for each in told)])
    return {PREFIX + name: values for name, values in found.items()}


def confidence(values: Array, output: Output) -> float:
    """The probability of what is most probable; a single class has an opposite."""
    most = float(values.max())
    return max(most, 1 - most) if len(output.classes) == 1 else most


def _middle(values: Array, context_px: int, tile_px: int) -> Array:
    """Values of pixels (classes, height, width) without those of the context."""
    cut = [round(context_px * side / tile_px) for side in values.shape[-2:]]
    return values[..., cut[0] : values.shape[-2] - cut[0], cut[1] : values.shape[-1] - cut[1]]


def _ahead(
    reader: ThreadPoolExecutor,
    slide: SharedTilesSlide,
    runs: Sequence[Looking],
    order: Sequence[tuple[int, int, int]],
) -> Iterator[tuple[Looking, ReadPatch]]:
    """Each patch with the model that looks at it, a few read before they are asked for."""
    most = max(_FEWEST_AHEAD, _AHEAD_BYTES // max(each.patch_bytes for each in runs)) if runs else 0
    waiting: deque[tuple[Looking, Future[ReadPatch]]] = deque()
    for _, at, number in order:
        if runs[at].is_lost:
            continue
        waiting.append((runs[at], reader.submit(runs[at].read, slide, number)))
        if len(waiting) > most:
            run, read = waiting.popleft()
            yield run, read.result()
    while waiting:
        run, read = waiting.popleft()
        yield run, read.result()


def read_patch(slide: SharedTilesSlide, planned: PatchPlan, number: int) -> Pixels:
    """What the model sees for a patch, (side, side, samples): stored pixels, their means, or resampled."""
    left, top, width, height = planned.box(number)
    side, factor = planned.need.input_px, planned.factor
    if factor is not None:
        region = PixelRegion(round(left / factor), round(top / factor), side, side)
        return slide.read_shrunk(planned.level, region, factor)
    x0, y0 = int(np.floor(left + 1e-6)), int(np.floor(top + 1e-6))
    x1, y1 = int(np.ceil(left + width - 1e-6)), int(np.ceil(top + height - 1e-6))
    region = PixelRegion(x0, y0, x1 - x0, y1 - y0)
    pixels = slide.read_level(planned.level, region)
    box = (left - x0, top - y0, left - x0 + width, top - y0 + height)
    inner = (max(0.0, box[0]), max(0.0, box[1]), min(box[2], region.width_px), min(box[3], region.height_px))
    return resample(pixels, inner, PixelSize(side, side))


def input_of(contract: Contract) -> Input:
    """What a model that looks at pixels takes."""
    assert contract.input is not None
    return contract.input


def opened_slide(recipe: Mapping[str, Any]) -> SharedTilesSlide:
    known = _slides.get(recipe["key"])
    if known is not None:
        check_unchanged(recipe)
        return known
    while _slides:
        _slides.popitem()[1].close()
    slide = SharedTilesSlide(*open_recipe(recipe), kept_bytes=_KEPT_TILE_BYTES)
    _slides[recipe["key"]] = slide
    return slide


def opened(model: Mapping[str, Any]) -> Network:
    """The network of a model, as `Models.network_of` tells of it; kept open for the next chunk.

    Raises:
        Damaged: the weights are not those that were taken in.
        HemalumError: see `analysis.inference.open_network`.
    """
    weights = model["weights"]
    key = model["sha256"] + ("" if weights is None else weights["sha256"])
    known = _networks.get(key)
    if known is not None:
        _networks.move_to_end(key)
        return known
    # Before the next is read: a large one may fill the memory that this process may take.
    while len(_networks) >= _OPEN_NETWORKS:
        _networks.popitem(last=False)
    content = _taken_in(model["network"], model["sha256"])
    if weights is None:
        network = open_network(content)
    else:
        network = open_network(content, _taken_in(weights["place"], weights["sha256"]), weights["name"])
    _networks[key] = network
    return network


def _taken_in(place: Mapping[str, Any], sha256: str) -> bytes:
    with closing(open_place(place, UrlSource)) as source:
        content = source.read(0, source.size)
    if hashlib.sha256(content).hexdigest() != sha256:
        raise Damaged("The weights of this model are not those that were taken in.")
    return content


def npz(arrays: Mapping[str, Array]) -> bytes:
    """Arrays by name; the same arrays give the same bytes."""
    out = io.BytesIO()
    np.savez_compressed(out, allow_pickle=False, **arrays)
    return out.getvalue()
