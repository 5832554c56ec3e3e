"""A codec for numcodecs, and so for Zarr's format 2: found by its name, "residua"."""

from __future__ import annotations

from typing import Any

import numpy as np
from numcodecs.abc import Codec
from numcodecs.compat import ndarray_copy

from ._chunks import decode_chunk, encode_chunk


class Residua(Codec):
    """Compresses chunks of bool, uint8, int8, uint16 and int16, without loss.

    Args:
        effort: 1 (fastest) to 9 (smallest).
        threads: As for residua.encode(). One by default: Zarr codes several chunks at once.

    A last dimension of 3 or 4 after two others is taken for channels. Errors are those of residua.encode() and
    residua.decode().
    """

    codec_id = "residua"

    def __init__(self, effort: int = 5, threads: int = 1) -> None:
        self.effort = effort
        self.threads = threads

    def encode(self, buf: Any) -> bytes:  # noqa: ANN401
        """Return a .rsd file of the array."""
        return encode_chunk(np.asarray(buf), self.effort, self.threads)

    def decode(self, buf: Any, out: Any = None) -> Any:  # noqa: ANN401
        """Return the array; in `out`, where that is given."""
        array = decode_chunk(bytes(buf), self.threads)
        return array if out is None else ndarray_copy(array, out)

    def get_config(self) -> dict[str, Any]:
        """Return what a store keeps of the codec: not the threads."""
        return {"id": self.codec_id, "effort": self.effort}
