"""The Python environment that eval/setup makes: whoever needs its packages goes on there."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

VENV = Path(__file__).resolve().parent.parent / "build" / "eval-venv"


def enter(*modules):
    """Starts this program again in the environment where it lacks one of the modules; False where that has not got them."""
    if all(find_spec(name) for name in modules):
        return True
    python = VENV / "bin" / "python"
    if Path(sys.prefix).resolve() == VENV.resolve() or not python.exists():
        return False
    os.execv(python, [str(python), *sys.argv])
    return False
