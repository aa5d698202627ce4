"""The certificate of a node, and its renewal while it is served."""

import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from hemalum.kernel.errors import Invalid
from hemalum.runtime.tls import Certificate
from hemalum.testing.certificates import write_certificate


def shown_name(certificate: Certificate) -> str:
    """Whose certificate a new connection is shown."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_mode = ssl.CERT_NONE
    ours_in, ours_out = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = certificate.context.wrap_bio(ours_in, ours_out, server_side=True)
    visitor = client.wrap_bio(ours_out, ours_in)
    for _ in range(4):
        for side in (visitor, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    shown = x509.load_der_x509_certificate(visitor.getpeercert(binary_form=True) or b"")
    return str(shown.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)


def test_changed_files_are_used_for_new_connections(tmp_path: Path) -> None:
    certificate = Certificate(*write_certificate(tmp_path, "first.example"))
    assert shown_name(certificate) == "first.example"
    assert not certificate.renew()
    write_certificate(tmp_path, "second.example")
    assert certificate.renew()
    assert shown_name(certificate) == "second.example"


def test_a_renewal_caught_half_way_harms_nobody(tmp_path: Path) -> None:
    chain, key = write_certificate(tmp_path, "first.example")
    certificate = Certificate(chain, key)
    other = tmp_path / "other"
    other.mkdir()
    new_chain, new_key = write_certificate(other, "second.example")
    new_chain.replace(chain)
    assert not certificate.renew()
    assert shown_name(certificate) == "first.example"
    key.unlink()
    assert not certificate.renew()
    new_key.replace(key)
    assert certificate.renew()
    assert shown_name(certificate) == "second.example"


def test_what_is_no_certificate_is_refused_with_a_sentence(tmp_path: Path) -> None:
    chain, key = write_certificate(tmp_path, "first.example")
    with pytest.raises(Invalid, match="cannot be used"):
        Certificate(chain, tmp_path / "nothing")
    chain.write_text("no certificate")
    with pytest.raises(Invalid, match="cannot be used"):
        Certificate(chain, key)
