"""Whether a client takes an answer packed by gzip (RFC 9110, 12.5.3)."""

import pytest

from hemalum.runtime.codings import takes_gzip


@pytest.mark.parametrize(
    "said",
    [
        b"gzip",
        b"gzip, deflate, br, zstd",
        b"compress, GZip ; Q=0.5",
        b"gzip;q=1.0, identity;q=0.5, *;q=0",
        b"*",
        b"deflate;q=1, *;q=0.1",
        b"x-gzip",
        b"identity;q=0, gzip;q=0.001",
    ],
)
def test_packed_where_it_is_taken(said: bytes) -> None:
    assert takes_gzip([(b"accept", b"*/*"), (b"accept-encoding", said)])


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"identity",
        b"gzip;q=0",
        b"br, gzip;q=0.000, *",
        b"*;q=0",
        b"deflate, br",
        b"gzip;q=0.5, identity",
        b"gzip;q=0.5, *",
        b"not-gzip",
        b"gzip;level=9",
        b"gzip;q=2",
    ],
)
def test_unpacked_where_it_is_not(said: bytes) -> None:
    assert not takes_gzip([(b"accept-encoding", said)])


def test_the_header_may_come_more_than_once_or_never() -> None:
    assert takes_gzip([(b"accept-encoding", b"br"), (b"accept-encoding", b"gzip")])
    assert not takes_gzip([(b"accept-encoding", b"gzip"), (b"accept-encoding", b"gzip;q=0")])
    assert not takes_gzip([(b"accept", b"gzip")])
