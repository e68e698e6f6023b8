"""Tests the detection of the format of a file from its bytes."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from services.upload.ingest.reader import open_source
from services.upload.model.source import ReadError

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    ("content", "code", "kind"),
    [
        (b"%PDF-1.7\n1;2\n", "unsupported_format", "pdf"),
        (b"\x89PNG\r\n\x1a\n", "unsupported_format", "image"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "unsupported_format", "image"),
        (b"\x1f\x8b\x08\0", "unsupported_format", "gzip"),
        (OLE + b"\0" * 600, "corrupt", None),
        (b'[{"name": "Ilse"}]', "unsupported_format", "json"),
        (b"MIME-Version: 1.0\nX: y\n", "unsupported_format", "mhtml"),
        (b"\xef\xbb\xbf\n<!DOCTYPE html><table>", "unsupported_format", "html"),
        (b'<?xml version="1.0"?><Workbook/>', "unsupported_format", "xml"),
        (bytes(range(256)) * 20, "unsupported_format", "binary"),
        (b"a;b\0\0\0\0\x01\x02", "unsupported_format", "binary"),
        (b"PK\x03\x04 and no more", "corrupt", None),
    ],
)
def test_a_foreign_file_is_refused_by_name(
    tmp_path: Path, content: bytes, code: str, kind: str | None
) -> None:
    path = tmp_path / "clients.csv"
    path.write_bytes(content)
    with pytest.raises(ReadError) as caught:
        open_source(path)
    assert (caught.value.code, caught.value.params.get("found")) == (code, kind)


@pytest.mark.parametrize(
    ("member", "kind"),
    [("index/document.iwa", "numbers"), ("word/document.xml", "docx"), ("ppt/presentation.xml", "pptx")],
)
def test_a_package_of_another_program_is_refused_by_name(tmp_path: Path, member: str, kind: str) -> None:
    path = tmp_path / "clients.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, "Name;City")
    with pytest.raises(ReadError) as caught:
        open_source(path)
    assert (caught.value.code, caught.value.params) == ("unsupported_format", {"found": kind})
