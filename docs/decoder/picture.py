"""Decoded pictures: their checksum, and how they are written."""

import struct
import zlib
from dataclasses import dataclass, field

import numpy as np

from xxh3 import xxh3_64

GREY, RGB, CMYK = 1, 2, 3


@dataclass
class Picture:
    """samples: (height, width, channels), colours first, then alpha. kept: another file's bytes, or None."""

    samples: np.ndarray
    colour: int = RGB
    alpha: bool = False
    bits: int = 8
    metadata: list = field(default_factory=list)
    kept: bytes = None

    def bytes(self):
        """Row after row, the channels of a pixel together; more than 8 bits low byte first."""
        return self.samples.astype("<u2" if self.bits > 8 else "u1").tobytes()

    def checksum(self):
        return xxh3_64(self.bytes())


def _scaled(picture):
    """Samples of 8 or 16 bits: what PNG can hold. Others are stretched; a shift to the right brings them back."""
    samples, bits = picture.samples.astype(np.uint32), picture.bits
    target = 8 if bits <= 8 else 16
    wide = samples << (target - bits)
    filled = bits
    while filled < target:
        wide |= (samples << max(target - bits - filled, 0)) >> max(filled - (target - bits), 0)
        filled += bits
    return wide.astype(">u2" if target == 16 else "u1"), target


def png(picture):
    """A PNG without metadata; of pictures without CMYK."""
    samples, bits = _scaled(picture)
    height, width, channels = samples.shape
    kind = {1: 0, 2: 4, 3: 2, 4: 6}[channels]

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = b"".join(b"\0" + row.tobytes() for row in samples)
    head = struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def pnm(picture):
    """A PGM or PPM; with alpha or CMYK a PAM."""
    height, width, channels = picture.samples.shape
    most = (1 << picture.bits) - 1
    pixels = picture.samples.astype(">u2" if picture.bits > 8 else "u1").tobytes()
    if channels in (1, 3) and not picture.alpha:
        return b"P%d\n%d %d\n%d\n" % (5 if channels == 1 else 6, width, height, most) + pixels
    name = {GREY: b"GRAYSCALE", RGB: b"RGB", CMYK: b"CMYK"}[picture.colour] + (b"_ALPHA" if picture.alpha else b"")
    head = b"P7\nWIDTH %d\nHEIGHT %d\nDEPTH %d\nMAXVAL %d\nTUPLTYPE %s\nENDHDR\n"
    return head % (width, height, channels, most, name) + pixels
