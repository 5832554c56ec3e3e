"""Lets Pillow open and save .rsd files: `import residua.pillow`, then Image.open() and Image.save() as usual.

Opened files have the modes 1, L, LA, I;16, RGB, RGBA and CMYK; their pixels are decoded when they are needed. Of
grey with 2 to 7 bits the values are stretched to 8 bits. What Pillow has no mode for (RGB of 16 bits, for example)
raises UnsupportedError, and residua.open() gives all of it.

image.info has "icc_profile", "exif" and "xmp", "bits" (of a sample), and "metadata", all that the file holds, as
residua.metadata() gives it. Image.save() keeps the first three and no more, unless it gets others: icc_profile=,
exif=, xmp= (None leaves one out), metadata= (names beside those three), and what residua.encode() takes: effort=,
codec=, model=, bits=, proof=, strip_height=, threads=, memory_limit=, progress=. Modes 1, L, LA, I;16, RGB, RGBA and
CMYK are saved as they are, palettes (P, PA) as their colours.
"""

from __future__ import annotations

from typing import IO, Any

import numpy as np
from PIL import Image, ImageFile

from . import _encode
from ._file import File
from ._types import Colour
from .errors import CorruptError, UnsupportedError

FORMAT = "RESIDUA"
_MAGIC = b"\x89RSD"
_EXIF_PREFIX = b"Exif\0\0"  # Pillow has it before the TIFF header, files of ours do not
_PLAIN = {"icc_profile": "icc", "xmp": "xmp"}
# Arguments of save() that are those of encode().
_ENCODE = ("effort", "codec", "model", "proof", "strip_height", "threads", "memory_limit", "progress")
_EIGHT_BITS = {
    ("grey", False): "L",
    ("grey", True): "LA",
    ("rgb", False): "RGB",
    ("rgb", True): "RGBA",
    ("cmyk", False): "CMYK",
}


def _mode(file: File) -> str:
    about = file.info
    if about.width == 0:
        raise UnsupportedError("this file keeps bytes that are no picture; residua.decode_jpeg() gives them back")
    if (about.colour, about.alpha) == ("grey", False):
        return "1" if about.bits == 1 else "L" if about.bits <= 8 else "I;16"
    mode = _EIGHT_BITS.get((about.colour or "", about.alpha))
    if mode is None or about.bits > 8:
        alpha = " with alpha" if about.alpha else ""
        raise UnsupportedError(
            f"Pillow has no mode for {about.colour}{alpha} of {about.bits} bits; residua.open() gives its array"
        )
    return mode


def _info(file: File) -> dict[str, Any]:
    found: dict[str, Any] = {"bits": file.info.bits, "metadata": file.metadata}
    names = {kept: key for key, kept in _PLAIN.items()}
    for name, value in reversed(file.metadata):  # the first of each name
        if name in names:
            found[names[name]] = value
        elif name == "exif":
            found["exif"] = _EXIF_PREFIX + value
    return found


def _is_inverted(file: File) -> bool:
    """Say whether 255 is no ink: Pillow takes every CMYK JPEG for one of Adobe's."""
    return file.is_jpeg or any(name == "jpeg:APP14" and value.startswith(b"Adobe") for name, value in file.metadata)


def _decoded(file: File, mode: str) -> Image.Image:
    pixels = file.decode()
    raw_mode = {"1": "1;8", "I;16": "I;16N", "CMYK": "CMYK;I" if _is_inverted(file) else "CMYK"}.get(mode, mode)
    if mode != "1" and file.info.bits < 8:
        most = (1 << file.info.bits) - 1
        pixels = ((pixels.astype(np.uint16) * 255 + most // 2) // most).astype(np.uint8)
    return Image.frombytes(mode, (file.info.width, file.info.height), pixels.tobytes(), "raw", raw_mode)


class ResiduaImageFile(ImageFile.ImageFile):
    """A .rsd file, as Image.open() gives it."""

    format = FORMAT
    format_description = "Residua"

    def _open(self) -> None:
        try:
            self._file: File | None = File(self.fp.read() if self.fp else b"")
        except CorruptError as error:
            raise SyntaxError(str(error)) from error
        self._mode = _mode(self._file)
        self._size = (self._file.info.width, self._file.info.height)
        self.info.update(_info(self._file))

    def load(self) -> Any:  # noqa: ANN401
        """Decode the pixels, unless that was done. Raises as residua.decode()."""
        if self._file is not None:
            file, self._file = self._file, None
            try:
                self.im = _decoded(file, self.mode).im
            except BaseException:
                self._file = file
                raise
            self.tile = []
            if self.fp and self._exclusive_fp and self._close_exclusive_fp_after_loading:
                self.fp.close()
            self.fp = None
        return super().load()


def _picture(image: Image.Image) -> tuple[np.ndarray[Any, Any], Colour | None]:
    """Return the samples and what they are, unless their number says it."""
    mode = image.mode
    if mode in ("P", "PA"):
        transparent = mode == "PA" or "transparency" in image.info
        return np.asarray(image.convert("RGBA" if transparent else "RGB")), None
    if mode in ("1", "L", "RGB") and "transparency" in image.info:
        return np.asarray(image.convert("LA" if mode == "L" else "RGBA")), None
    if mode == "CMYK":
        return np.asarray(image), "cmyk"
    if mode not in ("1", "L", "LA", "I;16", "I;16L", "I;16B", "RGB", "RGBA"):
        raise UnsupportedError(
            f"Residua keeps no pictures of Pillow's mode {mode}; convert() the picture to another mode first"
        )
    return np.asarray(image), None


def _kept_bits(image: Image.Image, array: np.ndarray[Any, Any]) -> int | None:
    """Return the bits that the opened file had, where all samples still fit."""
    bits = image.info.get("bits")
    fits = array.dtype == np.uint16 and isinstance(bits, int) and 9 <= bits < 16 and not array.max() >> bits
    return bits if fits else None


def _metadata(image: Image.Image, asked: dict[str, Any]) -> list[tuple[str, bytes]]:
    entries: list[tuple[str, bytes]] = []
    for key, name in _PLAIN.items():
        value = asked.get(key, image.info.get(key))
        if value:
            entries.append((name, value.encode() if isinstance(value, str) else bytes(value)))
    exif = asked.get("exif", image.info.get("exif"))
    if isinstance(exif, Image.Exif):
        exif = exif.tobytes()
    if exif:
        entries.append(("exif", bytes(exif).removeprefix(_EXIF_PREFIX)))
    for name, value in asked.get("metadata") or ():
        if name not in ("icc", "exif", "xmp"):
            entries.append((name, bytes(value)))
    return entries


def _save(image: Image.Image, target: IO[bytes], _name: str | bytes) -> None:
    asked = image.encoderinfo
    array, colour = _picture(image)
    options = {key: asked[key] for key in _ENCODE if key in asked}
    bits = asked["bits"] if "bits" in asked else _kept_bits(image, array)
    target.write(_encode.encode(array, colour=colour, bits=bits, metadata=_metadata(image, asked), **options))


def _accept(prefix: bytes) -> bool:
    return prefix.startswith(_MAGIC)


def register() -> None:
    """Tell Pillow; importing this module does it."""
    Image.register_open(FORMAT, ResiduaImageFile, _accept)
    Image.register_save(FORMAT, _save)
    Image.register_extension(FORMAT, ".rsd")
    Image.register_mime(FORMAT, "image/x-residua")


register()
