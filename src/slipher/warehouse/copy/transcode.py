"""ENCODING: objects in UTF-16 or ISO-8859-1 as the UTF-8 that the parsers read (source: Redshift's guide, file encoding)."""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from slipher.warehouse.copy.errors import FieldError

LITTLE, BIG = codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE
CODECS = {"utf16le": "utf-16-le", "utf16be": "utf-16-be", "iso88591": "latin-1"}
MISMATCH = "The file encoding of the data does not match that specified."


def transcode(pieces: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """The text as UTF-8; FieldError 1221 for a file that is not in the encoding. Lone surrogates stay, as UTF-8 that the
    parsers refuse with its own error."""
    if encoding == "utf8":
        yield from pieces
        return
    pieces = iter(pieces)
    head = b""
    while len(head) < 2 and (piece := next(pieces, None)) is not None:
        head += piece
    name = CODECS.get(encoding)
    if name is None:  # utf16: the byte order mark tells
        if head and head[:2] not in (LITTLE, BIG):
            raise FieldError(1221, MISMATCH)
        name = "utf-16-be" if head[:2] == BIG else "utf-16-le"
    if encoding != "iso88591":
        if head[:2] == (LITTLE if name == "utf-16-be" else BIG):
            raise FieldError(1221, MISMATCH)
        head = head.removeprefix(BIG if name == "utf-16-be" else LITTLE)
    decoder = codecs.getincrementaldecoder(name)("strict" if encoding == "iso88591" else "surrogatepass")
    try:
        yield _utf8(decoder.decode(head))
        for piece in pieces:
            yield _utf8(decoder.decode(piece))
        yield _utf8(decoder.decode(b"", True))
    except UnicodeDecodeError:
        raise FieldError(1221, MISMATCH) from None


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
