"""What is an address of a network, and what is none."""

import pytest

from hemalum.kernel.errors import Invalid
from hemalum.kernel.network import address_of


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:2575", ("127.0.0.1", 2575)),
        (" [::1]:0 ", ("::1", 0)),
        ("lis.example:65535", ("lis.example", 65535)),
    ],
)
def test_host_and_port(text: str, address: tuple[str, int]) -> None:
    assert address_of(text) == address


@pytest.mark.parametrize("port", ["", "-1", "65536", "２５", "x", "9" * 5000])
def test_what_is_no_port_is_refused(port: str) -> None:
    with pytest.raises(Invalid, match="is not an address"):
        address_of(f"host:{port}")
