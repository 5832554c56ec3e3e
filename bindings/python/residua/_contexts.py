"""Contexts of the library for the module's functions: made when needed, kept for the next call."""

from __future__ import annotations

import atexit
import contextlib
import os
from collections.abc import Iterator
from typing import Any

from ._native import Context

# More than these are not kept for each number of threads.
_KEPT = 4
_idle: dict[int, list[Context]] = {}
_models: list[bytes] = []


def _make(threads: int, memory_limit: int) -> Context:
    made = Context(threads=threads, memory_limit=memory_limit)
    for model in _models:
        made.add_model(model)
    return made


@contextlib.contextmanager
def context(threads: int, memory_limit: int) -> Iterator[Context]:
    """Lend a context that no other thread uses meanwhile."""
    if memory_limit:
        # It counts what it holds, the arrays that it gave included: one for each call.
        yield _make(threads, memory_limit)
        return
    # A list that _idle has forgotten meanwhile takes its contexts with it.
    idle = _idle.setdefault(threads, [])
    try:
        lent = idle.pop()
    except IndexError:
        lent = _make(threads, 0)
    try:
        yield lent
    finally:
        if len(idle) < _KEPT:
            idle.append(lent)


def add_model(data: bytes) -> dict[str, Any]:
    """Add a model to all contexts from now on; return its description."""
    model = _make(0, 0).add_model(data)
    if data not in _models:
        _models.append(data)
    _idle.clear()
    return model


# In a process that was forked their threads are missing.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_idle.clear)
atexit.register(_idle.clear)
