"""Learned lossless image compression, bit-exact on every machine.

encode() makes .rsd files of arrays, decode() arrays of them; open() and save() do it with files on disk,
encode_jpeg() and decode_jpeg() keep JPEG files byte for byte. `import residua.pillow` lets Pillow open and save
.rsd files; numcodecs and Zarr find the codec "residua" by themselves. Each call runs without the interpreter's
lock, may be made by several threads at once, and raises a class of residua.errors.
"""

from ._decode import decode, decode_jpeg, decode_region, info, is_jpeg, metadata, preview, verify
from ._encode import encode, encode_jpeg, replace_metadata, save
from ._file import File, open
from ._info import Info, Model
from ._library import add_model, can_decode, can_encode, cpu, models
from ._native import version
from .errors import (
    CancelledError,
    CorruptError,
    Error,
    InternalError,
    InvalidArgumentError,
    IoError,
    MemoryLimitError,
    ModelMissingError,
    OutOfMemoryError,
    Status,
    TruncatedError,
    UnsupportedError,
)

__version__ = version()
__all__ = [
    "CancelledError",
    "CorruptError",
    "Error",
    "File",
    "Info",
    "InternalError",
    "InvalidArgumentError",
    "IoError",
    "MemoryLimitError",
    "Model",
    "ModelMissingError",
    "OutOfMemoryError",
    "Status",
    "TruncatedError",
    "UnsupportedError",
    "add_model",
    "can_decode",
    "can_encode",
    "cpu",
    "decode",
    "decode_jpeg",
    "decode_region",
    "encode",
    "encode_jpeg",
    "info",
    "is_jpeg",
    "metadata",
    "models",
    "open",
    "preview",
    "replace_metadata",
    "save",
    "verify",
]
