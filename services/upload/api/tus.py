"""Headers of tus 1.0.0, the protocol of uploads that go on after a cut (https://tus.io/protocols/resumable-upload)."""

from __future__ import annotations

import base64
import binascii
import re

from shared.contract.bounded import Code
from shared.contract.requests import Headers

VERSION = "1.0.0"
EXTENSIONS = "creation,expiration,termination"
#: The type of a part of an upload.
PART_TYPE = "application/offset+octet-stream"
#: Characters of `Upload-Metadata` that are kept.
MOST_METADATA = 4096
#: A number of bytes; more digits are no size of a file.
_BYTES = r"^[0-9]{1,15}$"
_KEY = re.compile(r"[\x21-\x2b\x2d-\x7e]+")


class TusHeaders(Headers):
    """Headers of every request; the version is refused by the view, because tus names the status."""

    tus_resumable = Code(
        r"^[\x20-\x7e]{0,20}$",
        data_key="Tus-Resumable",
        load_default="",
        metadata={"description": f"The version of tus: {VERSION}"},
    )


class CreationHeaders(TusHeaders):
    """Headers of a creation; without `Tus-Resumable` the request is a form that has the file."""

    upload_length = Code(
        _BYTES, data_key="Upload-Length", metadata={"description": "tus: the bytes of the whole file"}
    )
    upload_metadata = Code(
        rf"^[\x20-\x7e]{{0,{MOST_METADATA}}}$",
        data_key="Upload-Metadata",
        load_default="",
        metadata={"description": "tus: `filename` and the name of the file in base64; other keys are kept"},
    )


class PartHeaders(TusHeaders):
    """Headers of a part."""

    upload_offset = Code(
        _BYTES,
        data_key="Upload-Offset",
        metadata={"description": "Needed. Where the part begins: as many bytes as have arrived"},
    )


def read_metadata(text: str) -> dict[str, str]:
    """Give the values of `Upload-Metadata` by their keys; raises `ValueError` where it is none.

    Pairs have commas between them; a key is followed by a space and its value in base64, or is alone.
    """
    values: dict[str, str] = {}
    for pair in filter(None, map(str.strip, text.split(","))):
        key, _, value = pair.partition(" ")
        if not _KEY.fullmatch(key) or key in values:
            raise ValueError(f"not a key, or twice: {key}")
        try:
            values[key] = base64.b64decode(value.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise ValueError(f"not base64 of a text: {key}") from None
    return values
