"""What a file says about itself."""

from __future__ import annotations

import dataclasses

import numpy as np

from ._types import Colour


@dataclasses.dataclass(frozen=True)
class Info:
    """What a file says about itself. Of bytes that are no picture, width to channels are 0 or None."""

    codec: str  # "olm", "scc", "l3c", "rc"; "jpeg": the bytes of a JPEG file
    model: str | None  # its name; None where this library does not have it
    model_hash: str  # 16 hexadecimal digits
    format_version: int
    width: int
    height: int
    bits: int  # of a sample, 1 to 16
    colour: Colour | None
    alpha: bool
    channels: int  # those of the colour, one more with alpha
    strip_count: int  # into how many strips the picture was cut
    strip_height: int
    file_size: int  # bytes
    metadata_size: int  # bytes
    pixel_checksum: str  # 16 hexadecimal digits

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the array that decode() returns."""
        return (self.height, self.width) if self.channels == 1 else (self.height, self.width, self.channels)

    @property
    def dtype(self) -> np.dtype[np.uint8] | np.dtype[np.uint16]:
        """Of the array that decode() returns."""
        return np.dtype(np.uint16) if self.bits > 8 else np.dtype(np.uint8)


@dataclasses.dataclass(frozen=True)
class Model:
    """A model of the library."""

    name: str
    hash: str  # 16 hexadecimal digits
    codec: str
    description: str
    file_size: int
    built_in: bool
