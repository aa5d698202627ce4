"""The package of evidence: complete, without secrets, and vouched for by the log."""

import io
import json
import subprocess
import sys
import zipfile
from dataclasses import replace
from hashlib import sha256
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from hemalum.capabilities.access.model import Role
from hemalum.capabilities.audit.controls import CHECKS, findings, load_controls
from hemalum.capabilities.audit.evidence import write_evidence
from hemalum.capabilities.audit.sbom import bill_of_materials
from hemalum.kernel.audit import Outcome
from hemalum.runtime.log.notes import SignatureType, SigningKey, open_checkpoint
from hemalum.runtime.log.policy import parse_policy

from .conftest import AUDITOR, LI, WANG, Life

VERIFIER = Path(__file__).parents[3] / "tools" / "hemalum-verify"
YEAR = 2037
WITNESS = SigningKey("witness.example", b"w" * 32, SignatureType.WITNESS)


def package(life: Life, year: int = YEAR) -> dict[str, bytes]:
    packed = write_evidence(life.audit, life.parts.sources(), AUDITOR, year)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}


def told(files: dict[str, bytes], name: str) -> Any:
    return json.loads(files[name])


def test_the_manifest_lists_every_file_and_the_log_vouches_for_it(life: Life, tmp_path: Path) -> None:
    life.record(LI)
    files = package(life)
    listed = dict(line.split("  ")[::-1] for line in files["MANIFEST"].decode().splitlines())
    assert set(files) - set(listed) == {"MANIFEST", "MANIFEST.entry", "MANIFEST.tlog-proof"}
    for name, digest in listed.items():
        assert sha256(files[name]).hexdigest() == digest
    entry = told(files, "MANIFEST.entry")
    assert entry["detail"] == {"manifest": sha256(files["MANIFEST"]).hexdigest(), "year": YEAR}
    for name in ("MANIFEST.entry", "MANIFEST.tlog-proof"):
        (tmp_path / name).write_bytes(files[name])
    command = [sys.executable, VERIFIER, "proof", tmp_path / "MANIFEST.tlog-proof"]
    command += ["--entry", tmp_path / "MANIFEST.entry", "--log", str(life.parts.log.key)]
    assert subprocess.run(command, check=False).returncode == 0


def test_the_same_state_gives_the_same_files(life: Life) -> None:
    life.record(LI)
    first, second = package(life), package(life)
    changed = {name for name in first if first[name] != second[name]}
    assert changed <= {"MANIFEST", "MANIFEST.entry", "MANIFEST.tlog-proof", "log.json", "checkpoints.txt"}


def test_secrets_stay_at_home(life: Life) -> None:
    settings = replace(
        life.parts.settings,
        database_url="postgresql://hemalum:hidden-1@db.example/node",
        replica_url="s3://copy/x?endpoint=https://s3.example&secret_access_key=hidden-2",
        node_key="pkcs11:token=node?pin-value=hidden-3",
    )
    sources = replace(life.parts.sources(), settings=settings)
    packed = write_evidence(life.audit, sources, AUDITOR, YEAR)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        every = b"".join(archive.read(name) for name in archive.namelist())
    assert b"hidden-" not in every
    assert b"db.example" in every


def test_accounts_policies_keys_and_sign_ins_are_told(life: Life) -> None:
    life.parts.access.add_person("wang", "Wang", "home", Role.AUDITOR)
    life.record(LI, "access.sign_in", "")
    life.record(None, "access.sign_in", "", outcome=Outcome.FAILED)
    life.record(LI, "access.role_given", "", target="person/p-wang")
    life.audit.note_policies()
    files = package(life)
    [home] = told(files, "accounts.json")["organisations"]
    assert {one["name"]: one["roles"] for one in home["people"]}["wang"] == ["auditor"]
    assert told(files, "sign-ins.json")[2] == {"month": "2037-03", "done": 1, "failed": 1}
    assert told(files, "policies.json")["digest"] == life.audit.policies.digest
    assert files["policies/slides.cedar"].startswith(b"//")
    assert all(case["as_expected"] for case in told(files, "policy-cases.json"))
    assert told(files, "policy-changes.json")[0]["detail"]["new"] == life.audit.policies.digest
    assert told(files, "keys.json")[0]["of"] == "node"
    assert b"access.role_given" in files["access-changes.csv"]
    assert told(files, "log.json")["verification"]["finding"] is None
    assert told(files, "versions.json")["hemalum"]


def test_emergencies_come_with_their_reviews(life: Life) -> None:
    life.record(LI, "slides.break_glass", "a", detail={"glass": "g-1"}, personal={"reason": "Frau Schmidt"})
    life.record(WANG, "slides.break_glass", "b", detail={"glass": "g-2"})
    life.record(AUDITOR, "slides.review_glass", "a", detail={"glass": "g-1", "verdict": "justified"})
    files = package(life)
    first, second = told(files, "glass.json")
    assert (first["verdict"], first["reviewed_by"]) == ("justified", "p-auditor")
    assert second["verdict"] is None
    assert "Schmidt" not in files["glass.json"].decode()
    opened = {finding["check"] for finding in told(files, "findings.json")}
    assert {"glass-reviewed", "flags-acknowledged"} <= opened


def test_checkpoints_of_the_year_come_with_cosignatures(life: Life) -> None:
    life.parts.log.policy = parse_policy(f"witness w {WITNESS.verifier}\nquorum w\n")
    life.record(LI)
    note = life.parts.log.proof_file(life.parts.log.size() - 1).partition(b"\n\n")[2]
    size = open_checkpoint(note, life.parts.log.key).size
    assert told(package(life), "log.json")["witnessed"] is False
    text = note.partition(b"\n\n")[0] + b"\n"
    life.parts.log.cosign(WITNESS.cosign(text, 1_800_000_000).line, size)
    life.at = life.at.replace(month=4)
    files = package(life)
    assert WITNESS.verifier.name.encode() in files["checkpoints.txt"]
    log = told(files, "log.json")
    assert log["witnessed"] is True
    assert log["witnesses"] == {"w": str(WITNESS.verifier)}
    assert "log-witnessed" not in {finding["check"] for finding in told(files, "findings.json")}


def test_another_year_tells_of_none_of_it(life: Life) -> None:
    life.record(LI, "slides.break_glass", "a", detail={"glass": "g-1"})
    files = package(life, 2036)
    assert told(files, "glass.json") == told(files, "flags.json") == []
    assert files["checkpoints.txt"] == b""


def test_the_bill_of_materials_is_valid_cyclonedx() -> None:
    bill = bill_of_materials()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(bill)) is None
    assert bill["metadata"]["component"]["name"] == "hemalum"
    names = {component["name"].lower() for component in bill["components"]}
    assert {"fastapi", "cryptography", "sqlalchemy"} <= names
    assert bill_of_materials(list(distributions())[::-1]) == bill


def test_the_bill_of_materials_of_a_node_tells_what_is_in_the_web_app(life: Life) -> None:
    bill = told(package(life), "sbom.cdx.json")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(bill)) is None
    licences = {one["purl"].split("@")[0]: one.get("licenses") for one in bill["components"]}
    assert licences["pkg:npm/openseadragon"] == [{"expression": "BSD-3-Clause"}]
    assert licences["pkg:npm/react"] == [{"expression": "MIT"}]


# The control table


def test_every_check_of_the_table_exists_and_every_file_is_in_the_package(life: Life) -> None:
    files = package(life)
    table = load_controls()
    named = {name for control in table.controls for name in control.evidence}
    assert named <= set(files)
    assert {control.check for control in table.controls} - {""} == set(CHECKS)
    assert all(control.how or control.own for control in table.controls)
    assert len({control.clause for control in table.controls}) == len(table.controls)
    assert "remembered" in table.status


def person(**more: Any) -> dict[str, Any]:
    return {
        "name": "wang",
        "roles": ["auditor"],
        "suspended": False,
        "last_seen_at": "2036-12-01T00:00:00+00:00",
        **more,
    }


def good() -> dict[str, Any]:
    organisation = {"id": "home", "requires_second_factor": True, "people": [person()]}
    return {
        "configuration.json": {
            "settings": {"tls_certificate": "chain.pem", "encryption": "sm4-gcm", "replica_url": "s3://x"}
        },
        "accounts.json": {"as_of": "2037-01-01T00:00:00+00:00", "organisations": [organisation]},
        "policy-cases.json": [{"name": "a", "as_expected": True}],
        "glass.json": [{"verdict": "justified"}],
        "flags.json": [{"acknowledged_at": "2037-01-01"}],
        "log.json": {"verification": {"finding": None}, "witnessed": True},
        "storage.json": {"damaged": 0, "unchecked": 0},
    }


def set_in(package: dict[str, Any], value: Any, *path: Any) -> None:
    for step in path[:-1]:
        package = package[step]
    package[path[-1]] = value


def test_nothing_is_open_where_all_is_well() -> None:
    assert findings(load_controls(), good()) == []


PEOPLE = ("accounts.json", "organisations", 0, "people")
SETTINGS = ("configuration.json", "settings")


@pytest.mark.parametrize(
    ("check", "value", "path"),
    [
        ("https", "", (*SETTINGS, "tls_certificate")),
        ("sealed", "off", (*SETTINGS, "encryption")),
        ("replica", "", (*SETTINGS, "replica_url")),
        ("second-factor", False, ("accounts.json", "organisations", 0, "requires_second_factor")),
        ("accounts-in-use", [person(last_seen_at=None)], PEOPLE),
        ("accounts-in-use", [person(last_seen_at="2036-01-01T00:00:00+00:00")], PEOPLE),
        ("auditor-apart", [person(roles=["auditor", "administrator"])], PEOPLE),
        ("auditor-exists", [person(roles=["pathologist"])], PEOPLE),
        ("policies-tested", False, ("policy-cases.json", 0, "as_expected")),
        ("glass-reviewed", None, ("glass.json", 0, "verdict")),
        ("flags-acknowledged", None, ("flags.json", 0, "acknowledged_at")),
        ("log-whole", {"detail": "Entry 3 is missing."}, ("log.json", "verification", "finding")),
        ("log-witnessed", False, ("log.json", "witnessed")),
        ("scrubbed", 2, ("storage.json", "damaged")),
        ("scrubbed", 1, ("storage.json", "unchecked")),
    ],
)
def test_what_is_open_is_found(check: str, value: Any, path: tuple[Any, ...]) -> None:
    package = good()
    set_in(package, value, *path)
    [found] = findings(load_controls(), package)
    assert found["check"] == check
    assert found["open"].endswith(".")
