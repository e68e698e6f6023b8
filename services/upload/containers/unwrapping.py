"""Unwraps a file: from a zip that holds one list, or from the encryption with the password of Excel itself."""

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

# How the names of lists end, and of texts that may be lists; how those of texts about a list begin.
_TABLES = (".csv", ".tsv", ".tab", ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".fods")
_TEXTS = (".txt", ".asc", ".dat", ".xml", ".html", ".htm")
_ABOUT = (
    "readme",
    "read me",
    "read_me",
    "leesmij",
    "lees mij",
    "lisezmoi",
    "lisez-moi",
    "liesmich",
    "licen",
    "changelog",
)

#: What the libraries raise for a damaged compound file; a folder that contains itself recurses.
DAMAGE = (OSError, ValueError, TypeError, LookupError, AttributeError, struct.error, RecursionError)

#: Excel encrypts a workbook with this password where only its structure is protected, and opens it without asking.
EXCEL_PASSWORD = "VelvetSweatshop"


def unzipped(path: Path, target: Path, limits: Limits) -> tuple[str, list[str]]:
    """Write the list of a zip to `target`; gives its name and those of the other files, which only people see.

    A zip may hold a text about the list, a picture, or a document beside it. Raises ReadError `several_files`, `empty`,
    `encrypted`, `corrupt`, `too_large`, `unpacks_too_large` or `unsupported_format`.
    """
    package = Package(path, limits)
    names = [name for name in package.members if not _is_side_file(name)]
    if not names:
        raise ReadError("empty")
    lists = _lists(names)
    if len(lists) > 1:
        raise ReadError("several_files", count=len(lists))
    member = package.members[lists[0]]
    if not is_plain_file(member):
        raise ReadError("unsupported_format", found="link")
    written = 0
    with target.open("wb") as file:
        for chunk in package.chunks(lists[0]):
            written += len(chunk)
            if written > limits.bytes:
                raise ReadError("too_large", size=written, max=limits.bytes)
            file.write(chunk)
    others = [_base_name(package.members[name]) for name in names if name not in lists]
    return _base_name(member), others


def _lists(names: list[str]) -> list[str]:
    """Give the files that are lists by their names; all files where none is one."""
    if len(names) == 1:
        return names
    others = [name for name in names if not _is_about(name)]
    tables = [name for name in others if name.endswith(_TABLES)]
    texts = [name for name in others if name.endswith(_TEXTS)]
    return tables or texts or others or names


def _is_about(name: str) -> bool:
    """Whether a file is a text about the others."""
    base = name.rpartition("/")[2]
    return base.startswith(_ABOUT)


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
