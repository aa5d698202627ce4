"""What is read, how, how sure that is, and what is missing: the table behind `hemalum formats`."""

from dataclasses import dataclass

from hemalum.formats.wsi.model import ScaleTrust

REAL = "real files"
NO_REAL_FILE = "no real file seen"
NOT_READ = "recognised, not read"
EXPORT = "export it as DICOM, SVS or TIFF with the scanner's software"


@dataclass(frozen=True, slots=True)
class Format:
    """One format as a row of the table."""

    name: str
    maker: str
    extensions: str
    read: str
    """"in place" (tiles served as they lie), "decoded", "converted" (tiles made once, at ingest), or not."""
    planes: str
    channels: str
    associated: str
    scale: ScaleTrust | None
    """Where it states one; None where it is not read."""
    sure: str
    missing: str


_STORED, _UNVERIFIED, _MISSING = ScaleTrust.STORED, ScaleTrust.UNVERIFIED, ScaleTrust.MISSING

DOMESTIC = (
    Format("KFB", "KFBIO 江丰", ".kfb", "in place", "one", "RGB", "label, macro", _STORED, NO_REAL_FILE,
           "stacks"),
    Format("KFBF 2.1", "KFBIO 江丰", ".kfbf", "in place", "one", "up to 12, grey", "label, macro", _STORED,
           NO_REAL_FILE, "other versions; display settings of the companion folder"),
    Format("SDPC, DYQX (JPEG, PNG)", "Sqray 生强", ".sdpc .dyqx", "in place", "one", "RGB", "label, macro",
           _STORED, NO_REAL_FILE, "the vendor's colour correction"),
    Format("SDPC, DYQX (HEVC)", "Sqray 生强", ".sdpc .dyqx", "decoded, with the extra hevc", "one", "RGB",
           "label, macro", _STORED, NO_REAL_FILE, "the vendor's colour correction"),
    Format("ZYP 1.10, 2.01", "WinMedic", ".zyp", "in place; levels off the grid derived", "the first", "RGB",
           "label, macro", _STORED, NO_REAL_FILE, "fluorescence, stacks, other versions"),
    Format("MDSX", "Motic 麦克奥迪", ".mdsx .msdx .mdss", "in place", "one", "RGB", "label, macro", _STORED,
           NO_REAL_FILE, "files over 4 GiB"),
    Format("SDPC fluorescence, several planes", "Sqray 生强", ".sdpc", NOT_READ, "-", "-", "-", None,
           NO_REAL_FILE, EXPORT),
    Format("TMAP 06, 07", "UNIC 优纳", ".tmap", NOT_READ, "-", "-", "-", _UNVERIFIED, NO_REAL_FILE, EXPORT),
    Format("MDS", "Motic 麦克奥迪", ".mds", NOT_READ, "-", "-", "-", _UNVERIFIED, NO_REAL_FILE, EXPORT),
    Format("TRON 4 and older", "InteMedic", ".tron", NOT_READ, "-", "-", "-", _MISSING, NO_REAL_FILE, EXPORT),
    Format("iSyntax", "Philips", ".isyntax", NOT_READ, "-", "-", "-", None, NO_REAL_FILE, EXPORT),
    Format("DMETRIX, DYJ, CSP", "DMETRIX, DPT, -", "-", NOT_READ, "-", "-", "-", None, NO_REAL_FILE, EXPORT),
)  # fmt: skip
"""Formats of scanners that Chinese hospitals own, in the order of docs/formats.md."""

FORMATS = (
    Format("DICOM WSI", "any", ".dcm", "in place", "any", "any", "label, macro, thumbnail", _STORED, REAL,
           "JPIP, video"),
    Format("Aperio SVS", "Leica Aperio", ".svs", "in place", "the first", "RGB", "label, macro, thumbnail",
           _STORED, REAL, "stacks"),
    Format("OME-TIFF", "any", ".ome.tif", "in place", "any", "any", "-", _STORED, REAL, "several files"),
    Format("QPTIFF", "Akoya", ".qptiff", "in place", "one", "any", "label, macro, thumbnail", _STORED,
           REAL, "-"),
    Format("TIFF", "any", ".tif .tiff", "in place where tiled, else converted", "any", "any", "-", _STORED,
           REAL, "-"),
    Format("PNG, JPEG, JPEG 2000, JPEG-LS, WebP, BMP", "any", "-", "converted", "one", "RGB or grey", "-",
           _MISSING, REAL, "pictures over 150 megapixels"),
    Format("what OpenSlide reads besides", "Hamamatsu, Leica, 3DHISTECH, Ventana, Zeiss", "-", "converted",
           "the first", "RGB", "label, macro, thumbnail", _STORED, "through OpenSlide", "fluorescence"),
    *DOMESTIC,
)  # fmt: skip
"""All of them."""
