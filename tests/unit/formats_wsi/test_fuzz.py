"""Thousands of damaged slides: each is read or refused with one sentence, in bounded memory and time."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from hemalum.testing import samples
from hemalum.testing.domestic_writers import makers
from hemalum.testing.fuzz import mutate, run_fuzz
from hemalum.testing.vendors import VENDOR_MAKERS


@pytest.fixture(scope="module")
def every_format(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Sequence[Path]]:
    folder = tmp_path_factory.mktemp("samples")
    domestic = [(make(folder).path,) for make in makers.MAKERS]
    for name, write in makers.STUBS:
        write(folder / name)
    stubs = [(folder / name,) for name, _ in makers.STUBS]
    return [*(make(folder).paths for make in samples.MAKERS), *domestic, *stubs]


@pytest.fixture(scope="module")
def one_file_vendors(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Sequence[Path]]:
    folder = tmp_path_factory.mktemp("vendors")
    made = [make(folder) for make in VENDOR_MAKERS.values()]
    return [sample.paths for sample in made if len(sample.paths) == 1]


def test_damaged_slides_are_read_or_refused(every_format: Sequence[Sequence[Path]]) -> None:
    report = run_fuzz(every_format, 2000, seed=20261123)
    assert report.failures == ()
    assert report.opened + report.refused == 2000
    # Damage that is always fatal would never reach the decoders.
    assert report.opened > 200


def test_damaged_slides_for_openslide_are_read_or_refused(one_file_vendors: Sequence[Sequence[Path]]) -> None:
    check_vendors(one_file_vendors, 600, 20261127)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_many_more_damaged_slides_for_openslide(one_file_vendors: Sequence[Sequence[Path]]) -> None:
    check_vendors(one_file_vendors, 20_000, 1)


def check_vendors(slides: Sequence[Sequence[Path]], mutations: int, seed: int) -> None:
    """OpenSlide ends its process where memory is short; of a slide at ingest that is one sentence too."""
    report = run_fuzz(slides, mutations, seed=seed)
    assert {failure.what for failure in report.failures} <= {"the process died: SIGABRT"}
    assert len(report.failures) < mutations / 50
    assert report.opened > mutations / 10


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(10))
def test_many_more_damaged_slides(every_format: Sequence[Sequence[Path]], seed: int) -> None:
    report = run_fuzz(every_format, 10_000, seed=seed)
    assert report.failures == ()
    assert report.opened + report.refused == 10_000


def test_damage_is_the_same_for_the_same_numbers(every_format: Sequence[Sequence[Path]]) -> None:
    originals = {path.read_bytes() for sample in every_format for path in sample}
    changed = 0
    for number in range(60):
        first, second = (mutate(every_format, 3, number) for _ in range(2))
        assert first == second
        changed += any(content not in originals for content in first)
    assert changed > 50


def test_what_readers_may_not_do_is_reported(tmp_path: Path) -> None:
    """The fuzzer itself: a limit that nothing can keep makes every file a failure, and the run goes on."""
    sample = samples.tiled_tiff(tmp_path)
    report = run_fuzz([sample.paths], 5, seed=1, seconds=-0.5)
    assert [failure.number for failure in report.failures] == [0, 1, 2, 3, 4]
    assert all(failure.what.startswith("it took") for failure in report.failures)
    assert {failure.sample for failure in report.failures} == {sample.path.name}
