"""The worklist as scanners ask for it, by two makers of DICOM: pynetdicom and DCMTK."""

import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydicom.dataset import Dataset
from pynetdicom import AE

from hemalum.app.node import Parts, open_parts
from hemalum.capabilities.access.model import Role
from hemalum.capabilities.audit.model import Filter
from hemalum.capabilities.cases.accessioning import Accession, PartAsked
from hemalum.capabilities.cases.ledger import ShownCase
from hemalum.capabilities.cases.model import (
    Identity,
    Kind,
    Material,
    PatientIdentifier,
    Priority,
    Sex,
    Stage,
)
from hemalum.capabilities.custody.model import Mishap
from hemalum.capabilities.modalities.listening import NO_QUERY, NOT_AUTHORISED, OUT_OF_RESOURCES, Listener
from hemalum.capabilities.modalities.model import Scanner, ScannerId
from hemalum.capabilities.modalities.service import Modalities
from hemalum.kernel import identifiers
from hemalum.kernel.actor import Purpose
from hemalum.kernel.errors import Conflict, HemalumError, Invalid, NotFound
from hemalum.kernel.ids import OrganisationId
from hemalum.runtime.settings import load_settings
from hemalum.runtime.tls import mutual

FINDSCU = shutil.which("findscu", path=os.defpath)
"""Of DCMTK; pynetdicom has one of the same name, which comes first where the environment is active."""
HERE = "127.0.0.1"
WORKLIST = "1.2.840.10008.5.1.4.31"
SCANNER = Scanner(ScannerId(""), OrganisationId("home"), "SCANNER1", "bench")
ADA = Identity("艾达", Sex.FEMALE, date(1960, 5, 4), (PatientIdentifier("REGISTER", "P7"),))


@dataclass
class Laboratory:
    parts: Parts
    port: int

    def accession(self, identity: Identity | None = ADA, priority: Priority = Priority.ROUTINE) -> ShownCase:
        """A case whose two slides lie ready for a scanner, and whose third is only planned."""
        part = PartAsked("biopsy", "stomach", blocks=(("H&E", "PAS", "Giemsa"),))
        actor = self.who()
        shown = self.parts.cases.accession(actor, Accession((part,), priority=priority, identity=identity))
        for slide in slides_of(shown)[:2]:
            shown = self.parts.cases.move_material(actor, slide.id, Stage.STAINED)
        return shown

    def who(self, name: str = "bench") -> Any:
        return replace(self.parts.access.actor_for(name), purpose=Purpose.CARE)

    def ask(self, query: Dataset, title: str = "SCANNER1", tls: Any = None) -> tuple[int, list[Dataset]]:
        """Last status of an answer, and its items."""
        entity = AE(title)
        entity.add_requested_context(WORKLIST)
        association = entity.associate(HERE, self.port, ae_title="HEMALUM", tls_args=tls)
        assert association.is_established
        status, items = -1, []
        for said, item in association.send_c_find(query, WORKLIST):
            status = said.Status
            if item is not None:
                items.append(item)
        association.release()
        return status, items


def slides_of(shown: ShownCase) -> list[Material]:
    return [piece for piece in shown.material if piece.kind is Kind.SLIDE]


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    folder = tmp_path_factory.mktemp("modalities") / "node"
    with open_parts(load_settings(folder, {})) as parts:
        parts.access.add_person("bench", "Bench", "home", Role.TECHNICIAN)
        parts.access.add_person("auditor", "Auditor", "home", Role.AUDITOR)
        parts.modalities.add_scanner(SCANNER)
        parts.modalities.add_scanner(replace(SCANNER, title="GB", charset="GB18030"))
        parts.modalities.add_scanner(replace(SCANNER, title="AUDITOR", acts_as="auditor"))
        parts.modalities.add_scanner(replace(SCANNER, title="FAR", addresses=("192.0.2.7",)))
        with listening(parts.modalities) as port:
            yield Laboratory(parts, port)


@contextmanager
def listening(modalities: Modalities, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    listener = Listener(modalities, f"{HERE}:0", "HEMALUM", tls)
    listener.start()
    try:
        yield listener.port
    finally:
        listener.close()


def usual(**keys: object) -> Dataset:
    """What scanners usually ask for."""
    query = Dataset()
    for keyword in ("PatientName", "PatientID", "PatientSex", "AccessionNumber", "StudyInstanceUID"):
        setattr(query, keyword, "")
    query.ScheduledSpecimenSequence = [Dataset()]
    query.ScheduledProcedureStepSequence = [Dataset()]
    for keyword, value in keys.items():
        setattr(query, keyword, value)
    return query


def container(identifier: str) -> Dataset:
    asked = Dataset()
    asked.ContainerIdentifier = identifier
    asked.SpecimenDescriptionSequence = [Dataset()]
    return asked


def identifiers_in(items: list[Dataset]) -> list[str]:
    return [item.ScheduledSpecimenSequence[0].ContainerIdentifier for item in items]


def test_a_scanner_asks_for_the_slide_whose_code_it_read(laboratory: Laboratory) -> None:
    shown = laboratory.accession()
    first, _, planned = slides_of(shown)
    status, (item,) = laboratory.ask(usual(ScheduledSpecimenSequence=[container(first.identifier)]))
    assert status == 0
    assert (str(item.PatientName), item.PatientID, item.PatientSex) == ("艾达", "P7", "F")
    assert item.AccessionNumber == shown.case.number.replace("-", "")
    assert len(item.AccessionNumber) <= 16
    (tissue,) = item.ScheduledSpecimenSequence[0].SpecimenDescriptionSequence
    assert tissue.SpecimenIdentifier == first.identifier
    assert laboratory.ask(usual(ScheduledSpecimenSequence=[container(planned.identifier)])) == (0, [])
    wrong = first.identifier.replace("/A/1/1", "/B/1/1")
    assert laboratory.ask(usual(ScheduledSpecimenSequence=[container(wrong)])) == (0, [])


def test_slides_of_a_case_have_one_study_and_each_a_place(laboratory: Laboratory) -> None:
    shown = laboratory.accession()
    number = identifiers.compact(identifiers.parse(shown.case.number), 16)
    status, items = laboratory.ask(usual(AccessionNumber=number))
    assert (status, identifiers_in(items)) == (0, [one.identifier for one in slides_of(shown)[:2]])
    assert len({item.StudyInstanceUID for item in items}) == 1
    assert {item.ScheduledProcedureStepSequence[0].ScheduledStationAETitle for item in items} == {"SCANNER1"}


def test_what_waits_is_told_most_pressing_first_and_only_while_it_waits(laboratory: Laboratory) -> None:
    routine = laboratory.accession()
    urgent = laboratory.accession(priority=Priority.URGENT)
    today = Dataset()
    today.ScheduledProcedureStepStartDate = ""
    status, items = laboratory.ask(usual(ScheduledProcedureStepSequence=[today]))
    waiting = identifiers_in(items)
    before, after = slides_of(urgent)[0].identifier, slides_of(routine)[0].identifier
    assert (status, waiting.index(before) < waiting.index(after)) == (0, True)
    assert slides_of(routine)[2].identifier not in waiting
    now = datetime.now(ZoneInfo(laboratory.parts.settings.time_zone))
    told = items[0].ScheduledProcedureStepSequence[0].ScheduledProcedureStepStartDate
    assert told in {(now - timedelta(minutes=5)).strftime("%Y%m%d"), now.strftime("%Y%m%d")}

    lost = slides_of(urgent)[0]
    laboratory.parts.custody.mishaps.tell(laboratory.who(), lost.identifier, Mishap.BROKEN, "fell")
    assert lost.identifier not in identifiers_in(laboratory.ask(usual())[1])


def test_who_may_not_know_the_patient_is_told_the_number_of_the_case(laboratory: Laboratory) -> None:
    nobody = laboratory.accession(identity=None)
    first = slides_of(nobody)[0]
    _, (item,) = laboratory.ask(usual(ScheduledSpecimenSequence=[container(first.identifier)]))
    assert (str(item.PatientName), item.PatientID) == (nobody.case.number, nobody.case.number)
    assert item.PatientSex in (None, "")


def test_who_is_not_known_here_is_told_nothing(laboratory: Laboratory) -> None:
    laboratory.accession()
    for title in ("STRANGER", "FAR", "AUDITOR"):
        assert laboratory.ask(usual(), title) == (NOT_AUTHORISED, [])


def test_a_query_that_is_none_is_refused_and_the_next_is_answered(laboratory: Laboratory) -> None:
    laboratory.accession()
    assert laboratory.ask(usual(PatientID=["1", "2"])) == (NO_QUERY, [])
    assert laboratory.ask(usual())[0] == 0
    with socket.create_connection((HERE, laboratory.port), timeout=10) as stranger:
        stranger.sendall(b"\x01\x00\xff\xff\xff\xff" + bytes(200))
    assert laboratory.ask(usual())[0] == 0


def test_more_than_fits_an_answer_is_said(laboratory: Laboratory) -> None:
    laboratory.accession()
    with listening(replace(laboratory.parts.modalities, most_items=1)) as port:
        status, items = replace(laboratory, port=port).ask(usual())
        assert (status, len(items)) == (OUT_OF_RESOURCES, 1)
        # Whom it asks for may be among the slides that were not looked through.
        named = replace(laboratory, port=port).ask(usual(PatientID="somebody else"))
    assert named == (OUT_OF_RESOURCES, [])


def test_that_patients_were_shown_stands_in_the_log(laboratory: Laboratory) -> None:
    shown = laboratory.accession()
    laboratory.ask(usual(ScheduledSpecimenSequence=[container(slides_of(shown)[0].identifier)]))
    audit = laboratory.parts.audit
    wanted = Filter(action="cases.view_patient", target=f"case/{shown.case.id}")
    entries = audit.list_entries(laboratory.who("auditor"), wanted, None, 10).entries
    assert len(entries) == 1


@pytest.mark.skipif(FINDSCU is None, reason="DCMTK is not installed")
@pytest.mark.parametrize(("title", "encoding"), [("SCANNER1", "utf-8"), ("GB", "gb18030")])
def test_dcmtk_asks(laboratory: Laboratory, title: str, encoding: str, tmp_path: Path) -> None:
    shown = laboratory.accession()
    first = slides_of(shown)[0]
    keys = [
        "(0010,0010)",
        "(0010,0020)=P7",
        "(0008,0050)",
        f"(0040,0500)[0].(0040,0512)={first.identifier}",
        "(0040,0100)[0].(0008,0060)=SM",
    ]
    command = [str(FINDSCU), "-W", "-X", "-od", str(tmp_path), "-aet", title, "-aec", "HEMALUM"]
    arguments = [word for key in keys for word in ("-k", key)]
    done = subprocess.run(
        [*command, *arguments, HERE, str(laboratory.port)], capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    (answer,) = tmp_path.glob("rsp*.dcm")
    content = answer.read_bytes()
    assert "艾达".encode(encoding) in content
    assert first.identifier.encode() in content


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"title": "X" * 17}, Invalid),
        ({"title": "Ä"}, Invalid),
        ({"title": "A\\B"}, Invalid),
        ({"title": "A", "charset": "latin"}, Invalid),
        ({"title": "A", "addresses": ()}, Invalid),
        ({"title": "A", "addresses": ("ward 7",)}, Invalid),
        ({"title": "SCANNER1"}, Conflict),
        ({"title": "A", "acts_as": "nobody"}, NotFound),
        ({"title": "A", "organisation_id": "elsewhere"}, NotFound),
    ],
)
def test_a_scanner_that_cannot_be_is_refused(
    laboratory: Laboratory, change: dict[str, Any], error: type[HemalumError]
) -> None:
    with pytest.raises(error):
        laboratory.parts.modalities.add_scanner(replace(SCANNER, **change))


def test_a_removed_scanner_is_told_nothing_more(laboratory: Laboratory) -> None:
    modalities = laboratory.parts.modalities
    modalities.add_scanner(replace(SCANNER, title="OLD"))
    assert laboratory.ask(usual(), "OLD")[0] == 0
    assert {one.title: at for one, at in modalities.list_scanners()}["OLD"] is not None
    modalities.remove_scanner("OLD")
    assert laboratory.ask(usual(), "OLD") == (NOT_AUTHORISED, [])
    with pytest.raises(NotFound):
        modalities.remove_scanner("OLD")


def test_an_address_in_use_is_one_clear_line(laboratory: Laboratory) -> None:
    taken = Listener(laboratory.parts.modalities, f"{HERE}:{laboratory.port}", "HEMALUM")
    with pytest.raises(Invalid, match="Scanners cannot be answered at"):
        taken.start()


def test_over_tls_both_sides_show_a_certificate(laboratory: Laboratory, tmp_path: Path) -> None:
    node, scanner, stranger = (self_signed(tmp_path / name) for name in ("node", "scanner", "stranger"))
    laboratory.accession()
    with listening(laboratory.parts.modalities, mutual(*node, scanner[0])) as port:
        over_tls = replace(laboratory, port=port)
        client = ssl.create_default_context(cafile=node[0])
        client.load_cert_chain(*scanner)
        assert over_tls.ask(usual(), tls=(client, "localhost"))[0] == 0
        other = ssl.create_default_context(cafile=node[0])
        other.load_cert_chain(*stranger)
        with socket.create_connection((HERE, port), timeout=10):  # says nothing, and holds nobody up
            assert over_tls.ask(usual(), tls=(client, "localhost"))[0] == 0
        with socket.create_connection((HERE, port), timeout=10) as plain:
            assert is_dropped(plain)
        with (
            socket.create_connection((HERE, port), timeout=10) as plain,
            other.wrap_socket(plain, server_hostname="localhost") as wrong,
        ):
            assert is_dropped(wrong)
    with pytest.raises(Invalid):
        mutual(node[0], node[1], str(tmp_path / "missing.pem"))


def is_dropped(connection: socket.socket) -> bool:
    """Whether the other side answers nothing to what might begin an association, and leaves."""
    try:
        connection.sendall(b"\x01\x00\x00\x00\x00\x44" + bytes(68))
        return connection.recv(1) == b""
    except OSError:
        return True


def self_signed(folder: Path) -> tuple[str, str]:
    """Files with a certificate and its key."""
    folder.mkdir()
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, folder.name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    chain, secret = folder / "chain.pem", folder / "key.pem"
    chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return str(chain), str(secret)
