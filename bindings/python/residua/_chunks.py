"""Chunks of arrays, of any number of dimensions, as pictures; what numcodecs' and Zarr's codecs share."""

from __future__ import annotations

import json
import math
from typing import Any, TypeAlias

import numpy as np

from . import _decode, _encode
from .errors import CorruptError, InvalidArgumentError

Samples: TypeAlias = np.ndarray[Any, Any]

# What a file says of the array that it was, beside its pixels.
_ENTRY = "numpy:array"


def _as_picture(array: Samples) -> Samples:
    """Return (rows, columns) or (rows, columns, channels); signed samples become unsigned in the same order."""
    if array.size == 0:
        raise InvalidArgumentError("a chunk without samples cannot be coded")
    # A last dimension of 3 or 4 is taken for channels where two others precede it.
    picture: Samples
    if array.ndim >= 3 and array.shape[-1] in (3, 4):
        picture = array.reshape(-1, array.shape[-2], array.shape[-1])
    else:
        picture = array.reshape(-1, array.shape[-1] if array.ndim else 1)
    native: Samples = picture.astype(picture.dtype.newbyteorder("="), copy=False)
    if native.dtype.kind == "i":
        unsigned = np.dtype(f"u{native.itemsize}")
        native = np.bitwise_xor(native.view(unsigned), unsigned.type(1 << (8 * native.itemsize - 1)))
    return native


def encode_chunk(array: Samples, effort: int, threads: int) -> bytes:
    """Return a .rsd file that decode_chunk() makes the same array of."""
    if array.dtype.kind + str(array.dtype.itemsize) not in ("b1", "u1", "i1", "u2", "i2"):
        raise InvalidArgumentError(
            f"residua codes bool and integers of 8 and 16 bits, not {array.dtype}; choose another codec for this array"
        )
    about = json.dumps({"dtype": array.dtype.str, "shape": array.shape}).encode()
    return _encode.encode(_as_picture(array), effort=effort, threads=threads, metadata=[(_ENTRY, about)])


def _described(data: bytes) -> tuple[np.dtype[Any], tuple[int, ...]] | None:
    for name, value in _decode.metadata(data):
        if name == _ENTRY:
            try:
                about = json.loads(value)
                return np.dtype(str(about["dtype"])), tuple(int(side) for side in about["shape"])
            except (ValueError, TypeError, KeyError) as error:
                raise CorruptError(f"the entry {_ENTRY} of this file does not describe an array") from error
    return None


def decode_chunk(data: bytes, threads: int) -> Samples:
    """Return the array; of a file that says nothing of it, the picture."""
    pixels: Samples = _decode.decode(data, threads=threads)
    described = _described(data)
    if described is None:
        return pixels
    kind, shape = described
    size = math.prod(shape) if all(side > 0 for side in shape) else -1
    if kind.kind not in "bui" or kind.itemsize != pixels.itemsize or size != pixels.size:
        raise CorruptError(f"the entry {_ENTRY} of this file does not fit its picture")
    if kind.kind == "i":
        pixels ^= pixels.dtype.type(1 << (8 * pixels.itemsize - 1))
    array: Samples = pixels.view(kind.newbyteorder("=")).astype(kind, copy=False).reshape(shape)
    return array
