"""Protects XLS workbooks by a password as Excel does (MS-OFFCRYPTO 2.3.6 RC4, 2.3.7 XOR), which no library writes."""

from __future__ import annotations

import hashlib
import io
import struct

import olefile
from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4
from cryptography.hazmat.primitives.ciphers import Cipher

_BOF, _SHEET, _FILE_PASS = 0x809, 0x85, 0x2F
# Records that stay as they are; of a sheet, the place of its records.
_PLAIN = (_BOF, _FILE_PASS, 0x194, 0x195, 0xE1, 0x196, 0x138, 0x1BA)
_BLOCK = 1024


def protected_xls(content: bytes, password: str) -> bytes:
    """The workbook, encrypted by RC4 with a password; its stream must have room for one more record."""
    salt, verifier = bytes(range(16)), bytes(range(16, 32))
    first = _cipher(password, salt, 0)
    check = first.update(verifier) + first.update(hashlib.md5(verifier).digest())
    head = struct.pack("<HHH", 1, 1, 1) + salt + check
    stream = _with_record(_stream(content), struct.pack("<HH", _FILE_PASS, len(head)) + head)
    return _replaced(content, _encrypted(stream, password, salt))


def obfuscated_xls(content: bytes) -> bytes:
    """The workbook with the record of a password of the oldest kind, XOR; its records are left as they are."""
    return _replaced(
        content, _with_record(_stream(content), struct.pack("<HHHHH", _FILE_PASS, 6, 0, 0x1234, 0x5678))
    )


def _stream(content: bytes) -> bytes:
    with olefile.OleFileIO(io.BytesIO(content)) as compound:
        return bytes(compound.openstream("Workbook").read())


def _replaced(content: bytes, stream: bytes) -> bytes:
    file = io.BytesIO(content)
    with olefile.OleFileIO(file, write_mode=True) as compound:
        compound.write_stream("Workbook", stream)
    return file.getvalue()


def _with_record(stream: bytes, added: bytes) -> bytes:
    """The stream with a record after its first one; the places of sheets move."""
    (length,) = struct.unpack_from("<H", stream, 2)
    moved = bytearray(stream[: 4 + length] + added + stream[4 + length :])[: len(stream)]
    assert not any(stream[-len(added) :]), "no room"
    place = 0
    while place + 4 <= len(moved):
        kind, length = struct.unpack_from("<HH", moved, place)
        if kind == _SHEET:
            (start,) = struct.unpack_from("<I", moved, place + 4)
            struct.pack_into("<I", moved, place + 4, start + len(added))
        if kind == 0 and length == 0:
            break
        place += 4 + length
    return bytes(moved)


def _cipher(password: str, salt: bytes, block: int):  # type: ignore[no-untyped-def]
    short = hashlib.md5(password.encode("utf-16-le")).digest()[:5]
    short = hashlib.md5((short + salt) * 16).digest()[:5]
    key = hashlib.md5(short + struct.pack("<I", block)).digest()
    return Cipher(ARC4(key), mode=None).encryptor()


def _encrypted(stream: bytes, password: str, salt: bytes) -> bytes:
    keys = b"".join(
        _cipher(password, salt, block).update(bytes(_BLOCK)) for block in range(-(-len(stream) // _BLOCK))
    )
    out = bytearray(stream)
    place = 0
    while place + 4 <= len(out):
        kind, length = struct.unpack_from("<HH", stream, place)
        if kind == 0 and length == 0:
            break
        start = place + 4 + (4 if kind == _SHEET else 0)
        if kind not in _PLAIN:
            for at in range(start, place + 4 + length):
                out[at] ^= keys[at]
        place += 4 + length
    return bytes(out)
