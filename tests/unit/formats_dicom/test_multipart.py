"""Multipart bodies, however they are cut into chunks."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemalum.formats.dicom.multipart import (
    MultipartReader,
    PartData,
    PartEnded,
    PartStarted,
    boundary_of,
    content_type_parameters,
    multipart_content_type,
)
from hemalum.kernel.errors import Invalid

BOUNDARY = "a7Xz"


def parts_of(body, cuts=()):
    """(headers, content) of each part, feeding the body cut at the given places."""
    reader, parts = MultipartReader(BOUNDARY), []
    places = [0, *sorted(cut % (len(body) + 1) for cut in cuts), len(body)]
    for start, end in pairwise(places):
        for event in reader.feed(body[start:end]):
            if isinstance(event, PartStarted):
                parts.append([dict(event.headers), b"", False])
            elif isinstance(event, PartData):
                parts[-1][1] += event.content
            elif isinstance(event, PartEnded):
                parts[-1][2] = True
    reader.close()
    assert all(ended for _, _, ended in parts)
    return [(headers, content) for headers, content, _ in parts]


contents = st.lists(
    st.one_of(
        st.binary(max_size=60), st.sampled_from([b"\r\n--a7X", b"\r\n", b"--", b"\r\n--", b"\r\n\r\n"])
    ),
    max_size=4,
)


@given(contents=contents, cuts=st.lists(st.integers(0, 500), max_size=12))
def test_what_is_written_is_read_back_at_any_cut(contents, cuts):
    head = f"--{BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n".encode()
    parts = b"".join(head + content + b"\r\n" for content in contents)
    body = parts + f"--{BOUNDARY}--\r\n".encode()
    if any(f"--{BOUNDARY}".encode() in content for content in contents):
        return
    assert parts_of(body, cuts) == [({"content-type": "application/dicom"}, c) for c in contents]


def test_preamble_epilogue_padding_and_empty_parts():
    head = b"to be ignored\r\n--a7Xz  \r\nA: 1\r\n\r\n\r\n--a7Xz\r\n\r\nx\r\n"
    body = head + b"--a7Xz\r\nB: 2\r\n\r\n--a7Xz--\r\nafter"
    for cut in range(len(body)):
        assert parts_of(body, [cut]) == [({"a": "1"}, b""), ({}, b"x"), ({"b": "2"}, b"")]


def test_memory_stays_bounded():
    reader = MultipartReader(BOUNDARY)
    list(reader.feed(b"--a7Xz\r\n\r\n"))
    for _ in range(100):
        assert sum(len(event.content) for event in reader.feed(b"x" * 10_000)) > 9_000
        assert len(reader._pending) < 100


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no boundary at all",
        b"--a7Xz\r\nA: 1\r\n\r\ntext",
        b"--a7Xz\r\nno colon\r\n\r\n\r\n--a7Xz--",
        b"--a7Xz junk\r\n\r\n\r\n--a7Xz--",
        b"--a7Xz\r\n" + b"A" * 20_000,
        b"--a7Xz" + b" " * 20_000,
    ],
)
def test_malformed_bodies_are_refused(body):
    with pytest.raises(Invalid):
        parts_of(body)


def test_content_types():
    header = 'Multipart/Related; type="application/dicom"; boundary="a b=c"'
    assert boundary_of(header) == "a b=c"
    assert content_type_parameters(header)[1]["type"] == "application/dicom"
    made = multipart_content_type("image/jpeg", "xyz", "1.2.840.10008.1.2.4.50")
    assert boundary_of(made) == "xyz"
    assert content_type_parameters(made)[1]["transfer-syntax"] == "1.2.840.10008.1.2.4.50"
    assert boundary_of("multipart/related; boundary*=utf-8''a%20b") == "a b"
    for bad in (
        "",
        "multipart/related; boundary*=utf-8''%E5%88%87",
        "multipart/related; boundary*=no-such-charset''a%FF",
        "text/plain",
        "multipart/related",
        'multipart/related; boundary=""',
        "multipart/related; boundary=" + "x" * 99,
    ):
        with pytest.raises(Invalid):
            boundary_of(bad)
