"""What failed calls raise: a class for each status of the library, all of them below Error."""

from __future__ import annotations

import enum


class Status(enum.IntEnum):
    """The library's statuses (residua_status in residua.h)."""

    OK = 0
    INVALID_ARGUMENT = 1
    UNSUPPORTED = 2
    CORRUPT = 3
    TRUNCATED = 4
    MODEL_MISSING = 5
    MEMORY_LIMIT = 6
    OUT_OF_MEMORY = 7
    IO = 8
    CANCELLED = 9
    INTERNAL = 10


class Error(Exception):
    """A call of the library failed; its text is one sentence for a person."""

    status: Status = Status.INTERNAL


class InvalidArgumentError(Error, ValueError):
    """An argument breaks a rule of the function that got it."""

    status = Status.INVALID_ARGUMENT


class UnsupportedError(Error):
    """Well-formed, but not something that this version or build can code."""

    status = Status.UNSUPPORTED


class CorruptError(Error, ValueError):
    """The bytes are not a valid file, or a checksum differs."""

    status = Status.CORRUPT


class TruncatedError(CorruptError):
    """The bytes end too early."""

    status = Status.TRUNCATED


class ModelMissingError(Error, LookupError):
    """The file names a model that is not there."""

    status = Status.MODEL_MISSING


class MemoryLimitError(Error, MemoryError):
    """More memory than `memory_limit` would be needed."""

    status = Status.MEMORY_LIMIT


class OutOfMemoryError(Error, MemoryError):
    """The machine has no more memory."""

    status = Status.OUT_OF_MEMORY


class IoError(Error, OSError):
    """A file could not be written."""

    status = Status.IO


class CancelledError(Error):
    """The call was asked to stop."""

    status = Status.CANCELLED


class InternalError(Error, RuntimeError):
    """A defect of Residua itself; nothing wrong was written. Please report it."""

    status = Status.INTERNAL


_BY_STATUS: dict[int, type[Error]] = {
    kind.status: kind
    for kind in (
        InvalidArgumentError,
        UnsupportedError,
        CorruptError,
        TruncatedError,
        ModelMissingError,
        MemoryLimitError,
        OutOfMemoryError,
        IoError,
        CancelledError,
        InternalError,
    )
}


def by_status(status: int) -> type[Error]:
    """Return the class for a status; Error for those of later versions."""
    return _BY_STATUS.get(status, Error)
