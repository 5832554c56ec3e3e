"""A .rsd file, read and looked at; its pixels are decoded when they are asked for."""

from __future__ import annotations

import builtins
import functools
import os
from types import TracebackType
from typing import Any, BinaryIO

import numpy as np

from . import _decode
from ._info import Info
from ._types import Path, Progress


class File:
    """A .rsd file in memory. Its structure was checked; pixels are decoded by decode() and the like."""

    def __init__(self, data: bytes) -> None:
        """Raise as residua.info()."""
        self.data = data
        self.info: Info = _decode.info(data)

    @functools.cached_property
    def metadata(self) -> list[tuple[str, bytes]]:
        """(name, bytes), in their order. Raises as residua.metadata()."""
        return _decode.metadata(self.data)

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the decoded array."""
        return self.info.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the decoded array."""
        return self.info.dtype

    @property
    def is_jpeg(self) -> bool:
        """Whether decode_jpeg() gives a file back."""
        return self.info.codec == "jpeg"

    def decode(self, *, threads: int = 0, memory_limit: int = 0, progress: Progress = None) -> Any:  # noqa: ANN401
        """As residua.decode()."""
        return _decode.decode(self.data, threads=threads, memory_limit=memory_limit, progress=progress)

    def decode_region(
        self,
        x: int,
        y: int,
        width: int,
        height: int,
        *,
        threads: int = 0,
        memory_limit: int = 0,
        progress: Progress = None,
    ) -> Any:  # noqa: ANN401
        """As residua.decode_region()."""
        return _decode.decode_region(
            self.data, x, y, width, height, threads=threads, memory_limit=memory_limit, progress=progress
        )

    def decode_jpeg(self, *, threads: int = 0, memory_limit: int = 0, progress: Progress = None) -> bytes:
        """As residua.decode_jpeg()."""
        return _decode.decode_jpeg(self.data, threads=threads, memory_limit=memory_limit, progress=progress)

    def preview(self, *, threads: int = 0, memory_limit: int = 0, progress: Progress = None) -> Any:  # noqa: ANN401
        """As residua.preview()."""
        return _decode.preview(self.data, threads=threads, memory_limit=memory_limit, progress=progress)

    def verify(self, *, threads: int = 0, memory_limit: int = 0, progress: Progress = None) -> None:
        """As residua.verify()."""
        _decode.verify(self.data, threads=threads, memory_limit=memory_limit, progress=progress)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:  # noqa: ANN401
        """Decode; numpy.asarray() calls this."""
        if copy is False:
            raise ValueError("the pixels are decoded: there is no array without a copy")
        pixels = self.decode()
        return pixels if dtype is None else pixels.astype(dtype, copy=False)

    def __enter__(self) -> File:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is open: the bytes were read."""

    def __repr__(self) -> str:
        about = self.info
        return f"<residua.File {about.codec} {about.width} x {about.height} {about.colour} {about.bits} bits>"


def open(file: Path | BinaryIO) -> File:
    """Read a .rsd file and check its structure; pixels are decoded when they are asked for.

    Args:
        file: A path, or a file that is open for reading bytes.

    Raises:
        OSError: The file cannot be read.
        Other errors: As info().
    """
    if not isinstance(file, (str, bytes, os.PathLike)):
        return File(file.read())
    with builtins.open(file, "rb") as opened:  # noqa: PTH123
        return File(opened.read())
