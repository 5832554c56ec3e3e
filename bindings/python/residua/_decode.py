""".rsd files to arrays and JPEG files."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ._contexts import context
from ._info import Info
from ._native import is_jpeg
from ._types import Bytes, Progress

Pixels = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]

__all__ = ["decode", "decode_jpeg", "decode_region", "info", "is_jpeg", "metadata", "preview", "verify"]


def decode(data: Bytes, *, threads: int = 0, memory_limit: int = 0, progress: Progress = None) -> Any:  # noqa: ANN401
    """Decode a file, and check every checksum, that of the pixels included.

    Args:
        data: The file's bytes. Those of an object that can be written to are copied first.
        threads: Into how many parts the work is divided; 0: one for each processor.
        memory_limit: Bytes that the call may hold, the array included; 0: no limit.
        progress: Called with the share done, 0 to 1. What it raises cancels the call and is raised by it.

    Returns:
        A NumPy array that can be written to: (height, width) for grey without alpha, otherwise (height, width,
        channels), the last channel being that of alpha, if there is one. uint8, or uint16 for samples of more
        than 8 bits; info() tells bits and colour. It has DLPack: torch.from_dlpack() and others share its memory.

    Raises:
        CorruptError, TruncatedError: The bytes are no valid file, or a checksum differs.
        UnsupportedError: A codec that this build cannot decode, or bytes that were kept and are no picture.
        ModelMissingError: The file was made with a model that is not here.
        MemoryLimitError, OutOfMemoryError: There is not enough memory.
        TypeError: `data` has no bytes.
    """
    with context(threads, memory_limit) as lent:
        return lent.decode(data, progress=progress)


def decode_region(
    data: Bytes,
    x: int,
    y: int,
    width: int,
    height: int,
    *,
    threads: int = 0,
    memory_limit: int = 0,
    progress: Progress = None,
) -> Any:  # noqa: ANN401
    """Decode `width` columns from x on, of `height` rows from y on.

    Of a large picture, which was cut into strips, only those that the rows lie in are decoded and checked.
    Arguments, result and errors are otherwise those of decode(); a region that has no pixels or does not lie in
    the picture raises InvalidArgumentError.
    """
    with context(threads, memory_limit) as lent:
        return lent.decode_region(data, x, y, width, height, progress=progress)


def preview(data: Bytes, *, threads: int = 0, memory_limit: int = 0, progress: Progress = None) -> Any:  # noqa: ANN401
    """Decode a preview, fast: of a JPEG file an eighth of its size, of L3C the mean of what its model expects.

    Arguments, result and errors are those of decode(); UnsupportedError where a file has no preview (OLM).
    """
    with context(threads, memory_limit) as lent:
        return lent.preview(data, progress=progress)


def verify(data: Bytes, *, threads: int = 0, memory_limit: int = 0, progress: Progress = None) -> None:
    """Decode a file and check all that decode() checks; of a JPEG file that its bytes come back. Raises as it."""
    with context(threads, memory_limit) as lent:
        lent.verify(data, progress=progress)


def decode_jpeg(data: Bytes, *, threads: int = 0, memory_limit: int = 0, progress: Progress = None) -> bytes:
    """Return the JPEG file that encode_jpeg() was given, byte for byte.

    Raises:
        UnsupportedError: The file holds a picture and no JPEG file.
        Other errors: As decode().
    """
    with context(threads, memory_limit) as lent:
        return lent.decode_jpeg(data, progress=progress)


def info(data: Bytes) -> Info:
    """Read and check a file's structure, without its pixels.

    Raises:
        CorruptError, TruncatedError: The bytes are no valid file.
        UnsupportedError: Made by a later version.
    """
    with context(0, 0) as lent:
        return Info(**lent.inspect(data))


def metadata(data: Bytes) -> list[tuple[str, bytes]]:
    """Return a file's metadata, (name, bytes) in their order: "icc", "exif", "xmp" and others.

    Raises:
        As info(); UnsupportedError also for bytes that were kept and are no picture.
    """
    with context(0, 0) as lent:
        return lent.metadata(data)
