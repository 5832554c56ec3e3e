"""Arrays and JPEG files to .rsd files."""

from __future__ import annotations

import os
from typing import BinaryIO

from ._contexts import context
from ._types import PROOFS, Array, Bytes, Codec, Colour, Metadata, Path, Progress, Proof, entries, plain_array
from .errors import InvalidArgumentError


def _proof(proof: Proof | None) -> int:
    if proof not in PROOFS:
        raise InvalidArgumentError(f"there is no proof {proof!r}; there are 'fast' and 'full'")
    return PROOFS[proof]


def encode(
    array: Array,
    *,
    effort: int = 5,
    codec: Codec | None = None,
    model: str | None = None,
    colour: Colour | None = None,
    bits: int | None = None,
    metadata: Metadata = None,
    proof: Proof | None = None,
    strip_height: int = 0,
    threads: int = 0,
    memory_limit: int = 0,
    progress: Progress = None,
) -> bytes:
    """Compress a picture. The result decodes to exactly these samples: that was proved.

    Args:
        array: The picture, of shape (height, width) for grey or (height, width, channels): 1 grey, 2 grey and
            alpha, 3 RGB, 4 RGB and alpha, with `colour` "cmyk" also 4 CMYK and 5 CMYK and alpha. uint8, uint16
            or bool (samples of one bit); any strides. Must not change during the call.
        effort: 1 (fastest) to 9 (smallest).
        codec: "olm" or "scc" (default: the one that suits the picture), "l3c", or "rc" where the build
            has it.
        model: A model's name or hash; by default the effort and the picture choose it.
        colour: What the channels are; by default their number says it.
        bits: Of a sample, 1 to 8 (uint8) or 9 to 16 (uint16); by default all of the type's.
        metadata: (name, bytes) pairs or a mapping: "icc", "exif" (from the TIFF header on), "xmp", or others.
        proof: "fast" or "full"; by default as the effort has it.
        strip_height: Rows of a strip, a multiple of 16; 0: large pictures are cut, others not.
        threads: Into how many parts the work is divided; 0: one for each processor. Never changes the result.
        memory_limit: Bytes that the call may hold; 0: no limit.
        progress: Called with the share done, 0 to 1. What it raises cancels the call and is raised by it.

    Raises:
        InvalidArgumentError: A rule stated here is broken, or samples have more than `bits` bits.
        UnsupportedError: A picture or codec that this version or build cannot code.
        ModelMissingError: There is no such model.
        MemoryLimitError, OutOfMemoryError: There is not enough memory.
        TypeError: What was given is no array in the machine's memory.
    """
    with context(threads, memory_limit) as lent:
        return lent.encode(
            plain_array(array),
            colour=colour,
            bits=bits,
            metadata=entries(metadata),
            model=model,
            codec=codec,
            effort=effort,
            proof=_proof(proof),
            strip_height=strip_height,
            progress=progress,
        )


def save(
    file: Path | BinaryIO,
    array: Array,
    *,
    overwrite: bool = True,
    effort: int = 5,
    codec: Codec | None = None,
    model: str | None = None,
    colour: Colour | None = None,
    bits: int | None = None,
    metadata: Metadata = None,
    proof: Proof | None = None,
    strip_height: int = 0,
    threads: int = 0,
    memory_limit: int = 0,
    progress: Progress = None,
) -> None:
    """Compress a picture into a file, which has its name only when it is complete and on disk.

    Args:
        file: A path, or a file that is open for writing bytes.
        array: The picture, and what follows but for `overwrite`: as encode() takes them.
        overwrite: False: a file that is there already stays, and FileExistsError is raised.
        effort, codec, model, colour, bits, metadata, proof, strip_height: As for encode().
        threads, memory_limit, progress: As for encode().

    Raises:
        FileExistsError: See `overwrite`.
        IoError: The file cannot be written.
        Other errors: As encode().
    """
    if not isinstance(file, (str, bytes, os.PathLike)):
        data = encode(
            array,
            effort=effort,
            codec=codec,
            model=model,
            colour=colour,
            bits=bits,
            metadata=metadata,
            proof=proof,
            strip_height=strip_height,
            threads=threads,
            memory_limit=memory_limit,
            progress=progress,
        )
        file.write(data)
        return
    if not overwrite and os.path.lexists(file):
        raise FileExistsError(f"{os.fsdecode(file)} is there already; choose another name, or overwrite=True")
    with context(threads, memory_limit) as lent:
        lent.encode_file(
            plain_array(array),
            os.fsencode(file),
            overwrite=overwrite,
            colour=colour,
            bits=bits,
            metadata=entries(metadata),
            model=model,
            codec=codec,
            effort=effort,
            proof=_proof(proof),
            strip_height=strip_height,
            progress=progress,
        )


def encode_jpeg(
    jpeg: Bytes, *, effort: int = 5, threads: int = 0, memory_limit: int = 0, progress: Progress = None
) -> bytes:
    """Compress the bytes of a JPEG file, so that decode_jpeg() gives the same bytes again.

    Args:
        jpeg: The file's bytes. Others are kept, too, with little gain.
        effort: 1 to 3 fast, 4 to 7 usual, 8 and 9 dense.
        threads, memory_limit, progress: As for encode().

    Raises:
        MemoryLimitError, OutOfMemoryError: There is not enough memory.
    """
    with context(threads, memory_limit) as lent:
        return lent.encode_jpeg(jpeg, effort=effort, progress=progress)


def replace_metadata(data: Bytes, metadata: Metadata) -> bytes:
    """Return the same file with these metadata instead of its own; the pixels are copied as they are coded.

    Raises:
        CorruptError, TruncatedError: The bytes are no valid file.
        UnsupportedError: The file keeps a JPEG file, whose metadata are part of its bytes.
    """
    with context(0, 0) as lent:
        return lent.replace_metadata(data, entries(metadata))
