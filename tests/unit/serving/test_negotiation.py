"""What DICOMweb clients ask for, and what they get."""

import pytest

from hemalum.capabilities.slides.routes.negotiation import (
    Chosen,
    check_json,
    choose_frames,
    choose_image,
    choose_instances,
)
from hemalum.runtime.http_errors import NotAcceptable

BASELINE = "1.2.840.10008.1.2.4.50"
EXPLICIT = "1.2.840.10008.1.2.1"
AS_STORED = Chosen("image/jpeg", True, BASELINE, False)
DECODED = Chosen("application/octet-stream", True, EXPLICIT, True)


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, AS_STORED),
        ("*/*", AS_STORED),
        ('multipart/related; type="*/*"', AS_STORED),
        ('multipart/related; type="image/jpeg"', AS_STORED),
        (f'multipart/related; type="image/jpeg"; transfer-syntax={BASELINE}', AS_STORED),
        ("multipart/related; type=image/jpeg; transfer-syntax=*", AS_STORED),
        ("multipart/related", AS_STORED),
        ("image/jpeg", Chosen("image/jpeg", False, BASELINE, False)),
        ("text/html, image/*;q=0.8", Chosen("image/jpeg", False, BASELINE, False)),
        ('multipart/related; type="application/octet-stream"', DECODED),
        (f'multipart/related; type="application/octet-stream"; transfer-syntax={EXPLICIT}', DECODED),
        (
            'multipart/related; type="application/octet-stream"; transfer-syntax=*',
            Chosen("application/octet-stream", True, BASELINE, False),
        ),
        (
            f'multipart/related; type="application/octet-stream"; q=0.1, '
            f'multipart/related; type="image/jpeg"; transfer-syntax={BASELINE}; q=0.9',
            AS_STORED,
        ),
        ("application/octet-stream", Chosen("application/octet-stream", False, EXPLICIT, True)),
    ],
)
def test_frames(accept: str | None, expected: Chosen) -> None:
    assert choose_frames(accept, "image/jpeg", BASELINE, 1) == expected


@pytest.mark.parametrize(
    "accept",
    [
        'multipart/related; type="image/jp2"',
        'multipart/related; type="image/jpeg"; transfer-syntax=1.2.840.10008.1.2.4.90',
        "text/html",
        "image/jpeg;q=0",
        "image/jpeg;q=high",
    ],
)
def test_what_cannot_be_had(accept: str) -> None:
    with pytest.raises(NotAcceptable):
        choose_frames(accept, "image/jpeg", BASELINE, 1)


def test_several_frames_need_several_parts() -> None:
    with pytest.raises(NotAcceptable):
        choose_frames("image/jpeg", "image/jpeg", BASELINE, 2)
    assert choose_frames("*/*", "image/jpeg", BASELINE, 2).multipart


def test_uncompressed_frames_are_both_stored_and_octets() -> None:
    chosen = choose_frames("application/octet-stream", "application/octet-stream", EXPLICIT, 1)
    assert chosen == Chosen("application/octet-stream", False, EXPLICIT, False)


def test_instances() -> None:
    assert choose_instances(None, {BASELINE}, 3)
    assert choose_instances('multipart/related; type="application/dicom"', {BASELINE, EXPLICIT}, 3)
    assert not choose_instances("application/dicom", {BASELINE}, 1)
    assert choose_instances(
        f'multipart/related; type="application/dicom"; transfer-syntax={BASELINE}', {BASELINE}, 1
    )
    with pytest.raises(NotAcceptable):
        choose_instances(
            f'multipart/related; type="application/dicom"; transfer-syntax={EXPLICIT}', {BASELINE}, 1
        )
    with pytest.raises(NotAcceptable):
        choose_instances("application/dicom", {BASELINE}, 2)


def test_images_and_metadata() -> None:
    assert choose_image(None) == "jpeg"
    assert choose_image("image/png, image/jpeg;q=0.5") == "png"
    with pytest.raises(NotAcceptable):
        choose_image("image/gif")
    check_json("application/dicom+json, application/json")
    with pytest.raises(NotAcceptable):
        check_json('multipart/related; type="application/dicom+xml"')
