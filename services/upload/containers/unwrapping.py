"""Unwraps a file: from a zip that holds one file, or from the encryption with the password of Excel itself."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import msoffcrypto
import olefile
from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError, ParseError

from services.upload.containers.zip_parts import Package, is_plain_file, part_name
from services.upload.model.source import Limits, ReadError

# Files that archivers and file managers add to the one that a person means.
_SIDE_FILES = ("__macosx/", ".ds_store", "thumbs.db", "desktop.ini")

#: What the libraries raise for a damaged compound file; a folder that contains itself recurses.
DAMAGE = (OSError, ValueError, TypeError, LookupError, AttributeError, struct.error, RecursionError)

#: Excel encrypts a workbook with this password where only its structure is protected, and opens it without asking.
EXCEL_PASSWORD = "VelvetSweatshop"


def unzipped(path: Path, target: Path, limits: Limits) -> str:
    """Write the one file of a zip to `target` and give its name, which only people see.

    Raises ReadError `several_files`, `empty`, `encrypted`, `corrupt`, `too_large`, `unpacks_too_large` or
    `unsupported_format`.
    """
    package = Package(path, limits)
    names = [name for name in package.members if not _is_side_file(name)]
    if not names:
        raise ReadError("empty")
    if len(names) > 1:
        raise ReadError("several_files", count=len(names))
    member = package.members[names[0]]
    if not is_plain_file(member):
        raise ReadError("unsupported_format", found="link")
    written = 0
    with target.open("wb") as file:
        for chunk in package.chunks(names[0]):
            written += len(chunk)
            if written > limits.bytes:
                raise ReadError("too_large", size=written, max=limits.bytes)
            file.write(chunk)
    return _base_name(member)


def _is_side_file(name: str) -> bool:
    return name.startswith(_SIDE_FILES[0]) or name.rpartition("/")[2] in _SIDE_FILES or "/._" in f"/{name}"


def _base_name(member: zipfile.ZipInfo) -> str:
    return member.filename.replace("\\", "/").rpartition("/")[2] or part_name(member.filename)


def decrypted(path: Path, target: Path) -> None:
    """Write the workbook that Excel's own password decrypts to `target`; raises ReadError `encrypted`."""
    try:
        with path.open("rb") as file, target.open("wb") as out:
            office = msoffcrypto.OfficeFile(file)
            office.load_key(password=EXCEL_PASSWORD)
            office.decrypt(out)
    except (InvalidKeyError, DecryptionError, FileFormatError, ParseError) as error:
        raise ReadError("encrypted", str(error)) from error
    except DAMAGE as error:
        raise ReadError("encrypted", repr(error)) from error


def stream_names(path: Path) -> set[str]:
    """Give the names of the streams of a compound file in lower case; raises ReadError `corrupt`."""
    try:
        with olefile.OleFileIO(str(path)) as compound:
            return {"/".join(names).lower() for names in compound.listdir()}
    except (*DAMAGE, MemoryError) as error:
        raise ReadError("corrupt", str(error)) from error
