"""Detects the format of a file from its bytes; its name does not matter."""

from __future__ import annotations

import re
from pathlib import Path

from services.upload.containers.unwrapping import stream_names
from services.upload.containers.zip_parts import Package
from services.upload.model.source import Limits, ReadError
from services.upload.model.wide_text import MOST_CONTROLS, wide_encoding, without_padding

HEAD = 1 << 16
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FOREIGN = (
    (b"%PDF", "pdf"),
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"II*\0", "image"),
    (b"MM\0*", "image"),
    (b"RIFF", "media"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"{\\rtf", "rtf"),
    (b"SQLite format 3\0", "database"),
    (b"PAR1", "parquet"),
    (b"\x09\x08\x08\0", "xls without its container"),
    (b"\x09\x08\x10\0", "xls without its container"),
    (b"\x09\x00\x04\0", "xls of Excel 2"),
    (b"\x09\x02\x06\0", "xls of Excel 3"),
    (b"\x09\x04\x06\0", "xls of Excel 4"),
    (b"MIME-Version:", "mhtml"),
    (b"BEGIN:VCARD", "vcard"),
    (b"BEGIN:VCALENDAR", "icalendar"),
)
# Control characters that no text has: all but white space, the end of a DOS file, and separators of records.
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\x0b\x0c\r\x1a\x01\x1c\x1d\x1e\x1f"))
_UNICODE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")
_JSON = re.compile(rb'\s*(\[\s*)?\{\s*("(\\.|[^"\\])*"\s*:|\}\s*[\],]?\s*$)')

# The format of a package, by a part that no other has; the first that fits counts.
_PARTS = (
    ("xl/workbook.bin", "xlsb"),
    ("xl/workbook.xml", "xlsx"),
    ("index/document.iwa", "numbers"),
    ("word/document.xml", "docx"),
    ("ppt/presentation.xml", "pptx"),
)
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
_MOST_MIMETYPE = 1 << 10


def detect_format(path: Path, limits: Limits | None = None) -> str:
    """Give csv, xlsx, xlsb, xls, ods, fods, xml (Excel 2003), html, zip, or protected (an encrypted package).

    Raises ReadError `empty`, `encrypted`, `corrupt`, `unpacks_too_large` or `unsupported_format`.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    refuse_by_head(head)
    if head.startswith(_ZIP):
        return _zip_format(path, limits or Limits())
    if head.startswith(_OLE):
        return _compound_format(path)
    return _markup(head) or "csv"


def refuse_by_head(head: bytes) -> None:
    """Raise ReadError `empty` or `unsupported_format` where the first `HEAD` bytes show that much."""
    if not head:
        raise ReadError("empty")
    if head.startswith((*_ZIP, _OLE)):
        return
    kind = next((kind for magic, kind in _FOREIGN if head.startswith(magic)), None)
    if kind is None and not _is_text(head):
        kind = "binary"
    if kind is None and _JSON.match(head):
        kind = "json"
    kind = kind or ("xml" if _markup(head) == "other" else None)
    if kind:
        raise ReadError("unsupported_format", found=kind)


def _zip_format(path: Path, limits: Limits) -> str:
    package = Package(path, limits)
    for part, kind in _PARTS:
        if part in package:
            return _supported(kind)
    if "mimetype" in package and "content.xml" in package:
        mimetype = package.small("mimetype", _MOST_MIMETYPE)
        return "ods" if mimetype.startswith(_ODS) else _supported("opendocument")
    if "[content_types].xml" in package:
        return "xlsx" if any(map(_is_of_workbook, package.members)) else _supported("package")
    return "ods" if "content.xml" in package and len(package.members) > 1 else "zip"


def _is_of_workbook(part: str) -> bool:
    return part.startswith("xl/") or part.endswith("workbook.xml")


def _supported(kind: str) -> str:
    if kind not in ("xlsx", "xlsb"):
        raise ReadError("unsupported_format", found=kind)
    return kind


def _compound_format(path: Path) -> str:
    names = stream_names(path)
    if "encryptedpackage" in names:
        return "protected"
    if names & {"workbook", "book"}:
        return "xls"
    raise ReadError("unsupported_format", found="doc" if "worddocument" in names else "ole")


def _markup(head: bytes) -> str | None:
    """Give html, xml, fods or other; None for what is no markup."""
    text = _plain(head).lower()
    if not text.startswith(b"<"):
        return None
    if b"urn:schemas-microsoft-com:office:spreadsheet" in text and b"<html" not in text:
        return "xml"
    if b"opendocument.spreadsheet" in text:
        return "fods"
    if b"<html" in text or b"<table" in text:
        return "html"
    return "other" if text.startswith((b"<?xml", b"<!doctype")) else None


def _plain(head: bytes) -> bytes:
    """Give the start of a text with one byte a character, without its byte order mark."""
    if head.startswith(_UNICODE_MARKS[:2]):
        head = head.decode("utf-16", "replace").encode("latin-1", "replace")
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()


def _is_text(head: bytes) -> bool:
    """Whether there are few control characters; NULs after the text do not count."""
    if head.startswith(_UNICODE_MARKS) or wide_encoding(head):
        return True
    text = without_padding(head)
    controls = len(text) - len(text.translate(None, _CONTROLS))
    return controls <= max(2, MOST_CONTROLS * len(text))
