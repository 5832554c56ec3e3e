"""A serializer for Zarr's format 3: found by its name, "residua"."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import numpy as np
from zarr.abc.codec import ArrayBytesCodec
from zarr.core.array_spec import ArraySpec
from zarr.core.buffer import Buffer, NDBuffer

from ._chunks import decode_chunk, encode_chunk
from .errors import CorruptError, InvalidArgumentError


@dataclass(frozen=True)
class ResiduaCodec(ArrayBytesCodec):
    """Compresses chunks of bool, uint8, int8, uint16 and int16, without loss.

    zarr.create_array(..., serializer=ResiduaCodec(effort=5), compressors=None). A last dimension of 3 or 4 after
    two others is taken for channels. Errors are those of residua.encode() and residua.decode().
    """

    is_fixed_size = False
    effort: int = 5

    def __post_init__(self) -> None:
        if not 1 <= self.effort <= 9:
            raise InvalidArgumentError("effort must be 1 to 9")

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> ResiduaCodec:
        """Return the codec that a store describes."""
        return cls(**data.get("configuration", {}))

    def to_dict(self) -> dict[str, Any]:
        """Return what a store keeps of the codec."""
        return {"name": "residua", "configuration": {"effort": self.effort}}

    def compute_encoded_size(self, input_byte_length: int, chunk_spec: ArraySpec) -> int:
        """Nobody knows it beforehand."""
        raise NotImplementedError

    async def _decode_single(self, chunk_data: Buffer, chunk_spec: ArraySpec) -> NDBuffer:
        array = await asyncio.to_thread(decode_chunk, chunk_data.to_bytes(), 1)
        if array.shape != chunk_spec.shape:
            raise CorruptError(f"a chunk of shape {array.shape} is there where one of {chunk_spec.shape} should be")
        wanted = chunk_spec.dtype.to_native_dtype()
        return chunk_spec.prototype.nd_buffer.from_numpy_array(np.asarray(array, dtype=wanted))

    async def _encode_single(self, chunk_data: NDBuffer, chunk_spec: ArraySpec) -> Buffer:
        data = await asyncio.to_thread(encode_chunk, chunk_data.as_numpy_array(), self.effort, 1)
        return chunk_spec.prototype.buffer.from_bytes(data)
