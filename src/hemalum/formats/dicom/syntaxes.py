"""Transfer syntaxes by what they mean for a stored frame (PS3.5 annex A, PS3.6 table A-1)."""

from hemalum.formats.wsi.model import Codec
from hemalum.kernel.sentence import Sentence

IMPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2"
EXPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2.1"
ENCAPSULATED_UNCOMPRESSED = "1.2.840.10008.1.2.1.98"
JPEG_BASELINE = "1.2.840.10008.1.2.4.50"
JPEG_EXTENDED = "1.2.840.10008.1.2.4.51"
JPEG_LOSSLESS = "1.2.840.10008.1.2.4.70"
JPEG_LS_LOSSLESS = "1.2.840.10008.1.2.4.80"
JPEG_LS_NEAR_LOSSLESS = "1.2.840.10008.1.2.4.81"
JPEG_2000_LOSSLESS = "1.2.840.10008.1.2.4.90"
JPEG_2000 = "1.2.840.10008.1.2.4.91"
HTJ2K_LOSSLESS = "1.2.840.10008.1.2.4.201"
HTJ2K_LOSSLESS_RPCL = "1.2.840.10008.1.2.4.202"
HTJ2K = "1.2.840.10008.1.2.4.203"
RLE_LOSSLESS = "1.2.840.10008.1.2.5"

NATIVE = frozenset((IMPLICIT_LITTLE_ENDIAN, EXPLICIT_LITTLE_ENDIAN))

CODECS = {
    IMPLICIT_LITTLE_ENDIAN: Codec.RAW,
    EXPLICIT_LITTLE_ENDIAN: Codec.RAW,
    ENCAPSULATED_UNCOMPRESSED: Codec.RAW,
    JPEG_BASELINE: Codec.JPEG,
    JPEG_EXTENDED: Codec.JPEG,
    "1.2.840.10008.1.2.4.57": Codec.JPEG,
    JPEG_LOSSLESS: Codec.JPEG,
    JPEG_LS_LOSSLESS: Codec.JPEG_LS,
    JPEG_LS_NEAR_LOSSLESS: Codec.JPEG_LS,
    JPEG_2000_LOSSLESS: Codec.JPEG2000,
    JPEG_2000: Codec.JPEG2000,
    HTJ2K_LOSSLESS: Codec.HTJ2K,
    HTJ2K_LOSSLESS_RPCL: Codec.HTJ2K,
    HTJ2K: Codec.HTJ2K,
    RLE_LOSSLESS: Codec.DICOM_RLE,
    "1.2.840.10008.1.2.4.110": Codec.JPEG_XL,
    "1.2.840.10008.1.2.4.111": Codec.JPEG_XL,
    "1.2.840.10008.1.2.4.112": Codec.JPEG_XL,
}
"""Which codec decodes a frame, for every transfer syntax that can be read."""

UNREADABLE = {
    "1.2.840.10008.1.2.1.99": Sentence("deflated as a whole, so its frames cannot be read one by one"),
    "1.2.840.10008.1.2.2": Sentence("stored big endian, which DICOM retired"),
}
"""Why a transfer syntax is refused, for those with a reason of their own."""

MEDIA_TYPES = {
    Codec.RAW: "application/octet-stream",
    Codec.JPEG: "image/jpeg",
    Codec.JPEG_LS: "image/jls",
    Codec.JPEG2000: "image/jp2",
    Codec.HTJ2K: "image/jphc",
    Codec.DICOM_RLE: "image/dicom-rle",
    Codec.JPEG_XL: "image/jxl",
}
"""Media type of one frame in DICOMweb (PS3.18 table 8.7.3-5)."""
