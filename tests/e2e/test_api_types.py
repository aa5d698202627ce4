"""The app's types are those of the server that runs."""

import json
import os
import subprocess
from pathlib import Path

from tests.processes import run

ROOT = Path(__file__).parents[2]


def test_generated_types_are_current(tmp_path: Path) -> None:
    done = run(code=(ROOT / "web/scripts/openapi.py").read_text())
    assert done.returncode == 0, done.stderr
    description = tmp_path / "openapi.json"
    description.write_text(json.dumps(json.loads(done.stdout)))
    wheel = ROOT / ".venv/.node"
    path = f"{wheel.read_text().strip()}:{os.environ['PATH']}" if wheel.exists() else os.environ["PATH"]
    subprocess.run(
        ["node", "scripts/generate-types.mjs", description, tmp_path / "schema.ts"],
        cwd=ROOT / "web",
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    committed = (ROOT / "web/src/api/schema.ts").read_text()
    assert (tmp_path / "schema.ts").read_text() == committed, "Run scripts/web run types, and commit."
