"""Types of arguments that several functions share, and what makes of them what the library takes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, TypeAlias

import numpy as np

from .errors import InvalidArgumentError

# bytes, bytearray, memoryview, or another object with the buffer protocol.
Bytes: TypeAlias = Any
# A NumPy array, or what has DLPack (__dlpack__), or what numpy.asarray takes.
Array: TypeAlias = Any
Path: TypeAlias = "str | bytes | os.PathLike[str] | os.PathLike[bytes]"
# Called with the share of the work that is done, 0 to 1; what it raises ends the call.
Progress: TypeAlias = "Callable[[float], object] | None"
Metadata: TypeAlias = "Mapping[str, bytes] | Iterable[tuple[str, bytes]] | None"
Colour: TypeAlias = Literal["grey", "rgb", "cmyk"]
Codec: TypeAlias = Literal["olm", "scc", "l3c", "rc"]
Proof: TypeAlias = Literal["fast", "full"]

SAMPLES = (np.uint8, np.uint16, ">u2", "<u2", np.bool_)
PROOFS = {None: 0, "fast": 1, "full": 2}


def entries(metadata: Metadata) -> list[tuple[str, bytes]]:
    """Return the (name, bytes) that were given, in their order."""
    if metadata is None:
        return []
    pairs = metadata.items() if isinstance(metadata, Mapping) else metadata
    return [(name, bytes(value)) for name, value in pairs]


def plain_array(array: Array) -> Array:
    """Return an array in the machine's byte order, or what the library takes without NumPy."""
    if not isinstance(array, np.ndarray):
        if hasattr(array, "__dlpack__"):
            return array
        array = np.asarray(array)
    if array.dtype not in SAMPLES:
        raise InvalidArgumentError(f"samples are uint8, uint16 or bool, not {array.dtype}; convert the array first")
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    return array
