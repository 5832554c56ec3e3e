"""What several tests share."""

import os
import pathlib

import numpy as np
import pytest

import residua

ROOT = pathlib.Path(__file__).resolve().parents[3]
GOLDEN = ROOT / "tests" / "golden"


def photo(height, width, channels=3, dtype=np.uint8):
    """A picture with slopes, an edge and some noise; every channel differs."""
    y, x = np.mgrid[0:height, 0:width]
    random = np.random.default_rng(7)
    planes = []
    for channel in range(channels):
        plane = 2 * x + y + 15 * channel + np.where(x + 2 * y > width, 70, 0)
        planes.append(plane + random.integers(0, 6, (height, width)))
    picture = np.stack(planes, axis=-1)
    if dtype == np.uint16:
        picture = picture * 97
    return (picture % (np.iinfo(dtype).max + 1)).astype(dtype)


def jpeg_bytes(mode="RGB", width=70, height=50, **options):
    """A JPEG file, by Pillow."""
    import io

    from PIL import Image

    channels = {"L": 1, "RGB": 3, "CMYK": 4}[mode]
    pixels = photo(height, width, channels)
    image = Image.frombytes(mode, (width, height), pixels.tobytes())
    file = io.BytesIO()
    image.save(file, "JPEG", quality=88, **options)
    return file.getvalue()


@pytest.fixture(scope="session", autouse=True)
def golden_models():
    """The models that golden files were made with."""
    for model in sorted(GOLDEN.glob("*.rsm")):
        residua.add_model(model)


@pytest.fixture(scope="session")
def tool():
    """The command line tool, to compare with."""
    path = os.environ.get("RESIDUA_TOOL")
    if not path:
        pytest.skip("RESIDUA_TOOL does not name the command line tool")
    return path
