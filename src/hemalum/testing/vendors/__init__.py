"""Stand-ins for scanner formats of which no real file may be shipped, each with the pixels it was made from.

They are the smallest files that OpenSlide takes for those of the vendor, made after its format descriptions
(https://openslide.org/formats/). What they cannot show is what real scanners write besides; a reader that
passes on them still has to meet real files.

Each maker writes into a folder and returns a `VendorSample`. Everything in them is made up.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from hemalum.testing.vendors.hamamatsu import hamamatsu_ndpi, hamamatsu_vms
from hemalum.testing.vendors.mirax import mirax_mrxs
from hemalum.testing.vendors.sample import BARCODE, OBJECTIVE, VendorSample
from hemalum.testing.vendors.tiffs import leica_scn, philips_tiff, trestle_tiff, ventana_bif
from hemalum.testing.vendors.zeiss import zeiss_czi

__all__ = [
    "BARCODE",
    "OBJECTIVE",
    "VENDOR_MAKERS",
    "VendorSample",
    "hamamatsu_ndpi",
    "hamamatsu_vms",
    "leica_scn",
    "mirax_mrxs",
    "philips_tiff",
    "trestle_tiff",
    "ventana_bif",
    "zeiss_czi",
]

VENDOR_MAKERS: Mapping[str, Callable[[Path], VendorSample]] = {
    "leica-scn": leica_scn,
    "philips-tiff": philips_tiff,
    "ventana-bif": ventana_bif,
    "trestle-tiff": trestle_tiff,
    "hamamatsu-ndpi": hamamatsu_ndpi,
    "hamamatsu-vms": hamamatsu_vms,
    "mirax-mrxs": mirax_mrxs,
    "zeiss-czi": zeiss_czi,
}
"""One of each, for tests that go over all of them."""
