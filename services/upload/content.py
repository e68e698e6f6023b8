"""Tell what a file is by its bytes; its name is never asked."""

from __future__ import annotations

import zipfile
from pathlib import Path

from services.upload.source import ReadError

HEAD = 1 << 16
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
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
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"{\\rtf", "rtf"),
    (b"SQLite format 3\0", "database"),
    (b"PAR1", "parquet"),
)
_MARKUP = ((b"<?xml", "xml"), (b"<!doctype html", "html"), (b"<html", "html"), (b"<table", "html"))
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\x0b\x0c\r\x1a"))
_UNICODE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")
_MOST_CONTROLS = 0.03


def recognise(path: Path) -> str:
    """The format, csv or xlsx; raises ReadError `empty`, `encrypted`, `corrupt` or `unsupported_format`."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    refuse_at_sight(head)
    if head.startswith(_ZIP):
        return _zip_format(path)
    if head.startswith(_OLE):
        if _holds(path, _ENCRYPTED_STREAM):
            raise ReadError("encrypted")
        raise ReadError("unsupported_format", found="ole")
    return "csv"


def refuse_at_sight(head: bytes) -> None:
    """Look at the first `HEAD` bytes; raises ReadError `empty` or `unsupported_format` where they say enough."""
    if not head:
        raise ReadError("empty")
    if head.startswith((*_ZIP, _OLE)):
        return
    kind = next((kind for magic, kind in _FOREIGN if head.startswith(magic)), None) or _markup(head)
    if kind is None and not _is_text(head):
        kind = "binary"
    if kind:
        raise ReadError("unsupported_format", found=kind)


def _zip_format(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = {name.replace("\\", "/").lower().lstrip("/") for name in archive.namelist()}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError) as error:
        raise ReadError("corrupt", str(error)) from error
    if "xl/workbook.bin" in names:
        raise ReadError("unsupported_format", found="xlsb")
    if "[content_types].xml" in names and any(name.startswith("xl/") for name in names):
        return "xlsx"
    raise ReadError("unsupported_format", found="ods" if "content.xml" in names else "zip")


def _holds(path: Path, wanted: bytes) -> bool:
    tail = b""
    with path.open("rb") as file:
        while chunk := file.read(HEAD):
            if wanted in tail + chunk:
                return True
            tail = chunk[-len(wanted) :]
    return False


def _markup(head: bytes) -> str | None:
    start = head[:4096].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return next((kind for opening, kind in _MARKUP if start.startswith(opening)), None)


def _is_text(head: bytes) -> bool:
    """Few control characters, once the NULs of UTF-16 and UTF-32 are accounted for."""
    if head.startswith(_UNICODE_MARKS):
        return True
    zeros = max(head[0::2].count(0), head[1::2].count(0))
    one_sided = zeros > 10 * min(head[0::2].count(0), head[1::2].count(0)) and zeros > 0.12 * len(head)
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if one_sided:
        controls -= zeros
    return controls <= max(2, _MOST_CONTROLS * len(head))
