"""A Hemalum node for a benchmark: own data directory, free port, slides taken in by link."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any, Self

from measure import BENCH_DATA, Server, fetch, free_port, hemalum_command


class Node:
    """A running node. The data directory is fresh unless told otherwise."""

    def __init__(self, name: str, slides: list[Path], *, keep: bool = False, settings: str = "") -> None:
        """Take the slides in and start serving; `settings` are lines of the node's hemalum.toml.

        Raises:
            SystemExit: a slide was not taken in, or the server did not start.
        """
        self.data = BENCH_DATA / f"node-{name}"
        if not keep:
            shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(parents=True, exist_ok=True)
        (self.data / "hemalum.toml").write_text(f"requests_per_second = 1_000_000\n{settings}")
        self.images = [record for slide in slides for record in ingest(self.data, slide)]
        self.token = run("token", "--data", self.data, "--user", "admin").strip()
        self.headers = {"Authorization": f"Bearer {self.token}"}
        self.base = f"http://127.0.0.1:{(port := free_port())}"
        self.server = Server(
            f"hemalum-{name}",
            [hemalum_command(), "serve", "--data", self.data, "--port", str(port)],
            f"{self.base}/api/health",
        )

    def open(self, image_id: str) -> dict[str, Any]:
        """Open an image for viewing: the answer has the ticket and the levels."""
        body = json.dumps({"purpose": "care"}).encode()
        headers = {**self.headers, "Content-Type": "application/json"}
        return dict(json.loads(fetch(f"{self.base}/api/slides/images/{image_id}/openings", headers, body)))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.server.close()


def run(*arguments: object) -> str:
    """What `hemalum ARGUMENTS` prints.

    Raises:
        SystemExit: it failed; shows what it said.
    """
    command = [hemalum_command(), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout[-1000:]}{done.stderr[-2000:]}")
    return done.stdout


def ingest(data: Path, slide: Path) -> list[dict[str, Any]]:
    """Take a file or folder in; one record for each image, all available.

    Raises:
        SystemExit: something is not available; shows why.
    """
    lines = run("ingest", "--data", data, "--json", slide).splitlines()
    records = [json.loads(line) for line in lines if line.startswith("{")]
    for record in records:
        if record["status"] != "available":
            raise SystemExit(f"{record['path']} was not taken in: {record['reason']}")
    return records
