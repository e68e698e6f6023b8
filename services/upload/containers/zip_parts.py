"""Reads the parts of a zip without trusting it: bytes are counted and checked as they are unpacked."""

from __future__ import annotations

import stat
import struct
import weakref
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from services.upload.model.source import Limits, ReadError

CHUNK = 1 << 17
_LOCAL_HEADER = struct.Struct("<4s22xHH")
_SMALL_PART = 16 << 20
# Below this size the ratio does not count: a small workbook of few words may exceed it and does no harm.
_RATIO_FROM = 16 << 20


class Budget:
    """Counts the unpacked bytes of a file against its limits."""

    def __init__(self, limits: Limits, packed: int) -> None:
        self._limits = limits
        self._packed = packed

    def check(self, unpacked: int) -> None:
        """Raise ReadError `unpacks_too_large` where `unpacked` bytes exceed the limit or the ratio."""
        if unpacked > self._limits.unzipped:
            raise ReadError("unpacks_too_large", "unzipped", max=self._limits.unzipped)
        most = max(_RATIO_FROM, self._limits.ratio * self._packed)
        if unpacked > most:
            raise ReadError("unpacks_too_large", "ratio", max=most)


class Package:
    """The parts of a zip by name: lower case, `/` between folders, none in front.

    Raises ReadError `corrupt`, `encrypted` or `unpacks_too_large`, on opening or while a part is read.
    """

    def __init__(self, path: Path, limits: Limits) -> None:
        self._limits = limits
        self._budget = Budget(limits, path.stat().st_size)
        self._file: BinaryIO = path.open("rb")
        weakref.finalize(self, self._file.close)
        self.members = self._directory()

    def __contains__(self, name: str) -> bool:
        return part_name(name) in self.members

    def chunks(self, name: str) -> Iterator[bytes]:
        """Give the content of a part, a chunk at a time.

        The declared size is not trusted: bytes are counted as they are unpacked, and compared with size and
        checksum at the end.
        """
        try:
            yield from self._inflated(self.members[part_name(name)])
        except KeyError as error:
            raise ReadError("corrupt", f"{name} is missing") from error
        except (zlib.error, struct.error, OSError, ValueError, EOFError) as error:
            raise ReadError("corrupt", str(error)) from error

    def small(self, name: str, most: int = _SMALL_PART) -> bytes:
        """Give a whole part that is small by nature; raises ReadError `unpacks_too_large` where it is not."""
        content = bytearray()
        for chunk in self.chunks(name):
            content += chunk
            if len(content) > most:
                raise ReadError("unpacks_too_large", name, max=most)
        return bytes(content)

    def _directory(self) -> dict[str, zipfile.ZipInfo]:
        try:
            with zipfile.ZipFile(self._file) as archive:
                members = [member for member in archive.infolist() if not _is_folder(member)]
        except (
            zipfile.BadZipFile,
            OSError,
            ValueError,
            NotImplementedError,
            EOFError,
            struct.error,
        ) as error:
            raise ReadError("corrupt", str(error)) from error
        if len(members) > self._limits.members:
            raise ReadError("unpacks_too_large", "members", max=self._limits.members)
        if any(member.flag_bits & 1 for member in members):
            raise ReadError("encrypted")
        _refuse_overlaps(members)
        return {part_name(member.filename): member for member in members}

    def _inflated(self, member: zipfile.ZipInfo) -> Iterator[bytes]:
        position = self._content_start(member)
        left, total, checksum = member.compress_size, 0, 0
        inflater = _inflater(member)
        while left > 0:
            self._file.seek(position)
            packed = self._file.read(min(left, CHUNK))
            if not packed:
                raise ReadError("corrupt", f"{member.filename} is cut")
            position, left = position + len(packed), left - len(packed)
            while packed:
                chunk = inflater.decompress(packed, CHUNK) if inflater else packed
                packed = inflater.unconsumed_tail if inflater else b""
                total, checksum = total + len(chunk), zlib.crc32(chunk, checksum)
                self._budget.check(total)
                yield chunk
        if total != member.file_size or checksum != member.CRC:
            raise ReadError("corrupt", f"{member.filename} is not what the zip says it is")

    def _content_start(self, member: zipfile.ZipInfo) -> int:
        self._file.seek(member.header_offset)
        signature, name_length, extra_length = _LOCAL_HEADER.unpack(self._file.read(_LOCAL_HEADER.size))
        if signature != b"PK\x03\x04":
            raise ReadError("corrupt", "local header missing")
        return int(member.header_offset + _LOCAL_HEADER.size + name_length + extra_length)


def _is_folder(member: zipfile.ZipInfo) -> bool:
    return member.is_dir() or (member.filename.endswith("\\") and not member.file_size)


def _refuse_overlaps(members: list[zipfile.ZipInfo]) -> None:
    """Raise ReadError where parts share bytes: so a few kilobytes could unpack to terabytes."""
    end = 0
    for member in sorted(members, key=lambda member: member.header_offset):
        if member.header_offset < end:
            raise ReadError("corrupt", "members overlap")
        end = member.header_offset + _LOCAL_HEADER.size + member.compress_size


def _inflater(member: zipfile.ZipInfo) -> zlib._Decompress | None:
    if member.compress_type == zipfile.ZIP_STORED:
        return None
    if member.compress_type == zipfile.ZIP_DEFLATED:
        return zlib.decompressobj(-zlib.MAX_WBITS)
    raise ReadError("corrupt", f"compression method {member.compress_type}")


def part_name(name: str) -> str:
    """Give the name of a part as `Package.members` has it."""
    return name.replace("\\", "/").lstrip("/").lower()


def resolved(base: str, target: str) -> str:
    """Give the part that `target` names in a part `base`, relative to its folder."""
    target = target.replace("\\", "/")
    path = PurePosixPath(target) if target.startswith("/") else PurePosixPath(base).parent / target
    steps: list[str] = []
    for step in path.parts:
        if step == "..":
            del steps[-1:]
        elif step not in (".", "/"):
            steps.append(step)
    return part_name("/".join(steps))


def is_plain_file(member: zipfile.ZipInfo) -> bool:
    """Whether a member is a file, not a link or a device."""
    mode = member.external_attr >> 16
    return not mode or stat.S_IFMT(mode) in (0, stat.S_IFREG)
