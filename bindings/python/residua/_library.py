"""What the library is and has."""

from __future__ import annotations

import os
import pathlib

from . import _contexts, _native
from ._info import Model
from ._types import Bytes


def cpu() -> str:
    """Return the kernels in use, such as "avx2"; the environment variable RESIDUA_CPU overrides the choice."""
    return _native.cpu()


def can_encode(codec: str) -> bool:
    """Return whether this build encodes by that codec: "olm", "scc", "l3c", "rc" or "jpeg"."""
    return bool(_native.can_encode(codec))


def can_decode(codec: str) -> bool:
    """Return whether this build decodes the files of that codec."""
    return bool(_native.can_decode(codec))


def models() -> list[Model]:
    """Return the models, those of the library first, then those that were added."""
    with _contexts.context(0, 0) as lent:
        return [Model(**model) for model in lent.models()]


def add_model(model: Bytes | str | os.PathLike[str]) -> Model:
    """Add a model file (.rsm), given as a path or as its bytes, for every later call of this process.

    Raises:
        OSError: The file cannot be read.
        CorruptError, TruncatedError: It is no valid model.
        UnsupportedError: It was made for a later version.
    """
    data = pathlib.Path(model).read_bytes() if isinstance(model, (str, os.PathLike)) else bytes(model)
    return Model(**_contexts.add_model(data))
