"""The outside contract of `hemalum ingest` and `hemalum worker`."""

import json
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hemalum.capabilities.slides.model import LibraryQuery
from hemalum.runtime.settings import load_settings
from hemalum.runtime.worker_lock import worker_is_running
from hemalum.testing.vendors import mirax_mrxs
from tests.processes import Process, run


def test_ingest_prints_one_line_for_each_slide(tmp_path: Path, make_slide: Callable[..., Path]) -> None:
    good = make_slide("a.tif")
    bad = good.with_name("b.svs")
    bad.write_text("not a slide")
    done = run("ingest", "--data", tmp_path / "node", "--json", good.parent)
    assert done.returncode == 1
    assert done.stderr == ""
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert first.keys() >= {
        "path",
        "status",
        "reason",
        "image_id",
        "study_uid",
        "series_uid",
        "sha256",
    }
    assert (first["path"], first["status"], first["reason"]) == (str(good), "available", None)
    assert (second["path"], second["status"]) == (str(bad), "quarantined")
    assert second["reason"] == "b.svs is not a slide: it is a text file."
    again = run("ingest", "--data", tmp_path / "node", good)
    assert again.returncode == 0
    assert again.stdout.startswith(f"available    {good}: {first['image_id']}, 700 x 700 px, 0.5 um/px")
    assert again.stdout.endswith("(already here)\n")


def test_what_a_command_begins_early_ends_as_any_slide(
    tmp_path: Path, make_slide: Callable[..., Path]
) -> None:
    good = make_slide("a.tif")
    node = tmp_path / "node"
    assert run("ingest", "--data", node, good).stdout.startswith(f"available    {good}")
    good.with_name("b.svs").write_text("not a slide")
    bad = run("ingest", "--data", node, good.with_name("b.svs"))
    assert bad.stdout.endswith("b.svs is not a slide: it is a text file.\n")
    copied = run("ingest", "--data", tmp_path / "other", "--copy", good)
    assert copied.stdout.startswith("available")
    assert [*(node / "scratch").iterdir(), *(tmp_path / "other" / "scratch").iterdir()] == []


def test_ingest_says_in_one_line_what_is_wrong(tmp_path: Path) -> None:
    absent = run("ingest", "--data", tmp_path / "node", tmp_path / "absent.svs")
    assert absent.returncode == 1
    assert absent.stderr == f"hemalum: There is no file {tmp_path / 'absent.svs'}.\n"
    nobody = run("ingest", "--data", tmp_path / "node", "--organisation", "nobody", tmp_path)
    assert nobody.returncode == 1
    assert nobody.stderr.count("\n") == 1


def test_worker_takes_in_what_a_scanner_writes_and_what_others_hand_in(
    tmp_path: Path,
    make_slide: Callable[..., Path],
    open_node: Callable[..., Any],
    write_slide: Callable[[Path, int, int], None],
) -> None:
    data, watched = tmp_path / "node", tmp_path / "watched"
    watched.mkdir()
    data.mkdir()
    (data / "hemalum.toml").write_text(f'watch = ["{watched}"]\n')
    write_slide(watched / "before.tif", 1, 600)
    worker = Process("worker", "--data", data, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert worker.stdout is not None
    node = None
    try:
        assert worker.stdout.readline() == "The worker is ready.\n"
        settings = load_settings(data, {})
        assert worker_is_running(settings)
        handed_in = run("ingest", "--data", data, make_slide("handed.tif", seed=2))
        assert handed_in.returncode == 0, handed_in.stderr
        write_slide(watched / "during.tif", 3, 600)
        mirax_mrxs(watched)
        (watched / "notes.txt").write_text("nothing")
        node = open_node(settings, start=False)
        expected = {"before.tif", "during.tif", "handed.tif", "mirax.mrxs"}
        names: set[str] = set()
        end = time.monotonic() + 60
        while names != expected and time.monotonic() < end:
            page = node.slides.list_images(node.actor, LibraryQuery())
            names = {one.name for one in page.items if one.status == "available"}
            time.sleep(0.2)
        assert names == expected
        assert node.slides.list_images(node.actor, LibraryQuery()).total == len(expected)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30) == 0
        assert worker.stdout.read() == ""
        assert not worker_is_running(settings)
    finally:
        worker.kill()
        worker.wait()
        worker.stdout.close()
        if node is not None:
            node.close()
