#!/usr/bin/env python3
"""Decodes a Residua file with Python and NumPy alone: README.md.

    python3 docs/decoder/decode.py photo.rsd -o photo.png
    python3 docs/decoder/decode.py photo.rsd --models models
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import codec  # noqa: E402
from model import Models  # noqa: E402
from picture import CMYK, png, pnm  # noqa: E402
from reader import Damaged, Missing  # noqa: E402


def arguments():
    parser = argparse.ArgumentParser(description="Decodes a Residua file.")
    parser.add_argument("file", type=Path, help="the .rsd file")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        help=".png, .ppm, .pgm or .pam: the pixels; any other name, of a kept JPEG: its file",
    )
    parser.add_argument(
        "--models", type=Path, action="append", help="a folder of .rsm files; models/ of the repository unless said"
    )
    parser.add_argument("--metadata", type=Path, help="a new folder for the file's metadata, a file each")
    parser.add_argument("--pixels", type=int, default=codec.MOST_PIXELS, help="the most pixels that are decoded")
    return parser.parse_args()


def contents(picture, output):
    """What the output's name asks for."""
    suffix = output.suffix.lower()
    if suffix not in (".png", ".ppm", ".pgm", ".pnm", ".pam"):
        if picture.kept is None:
            raise Missing(f"this writes PNG, PPM, PGM and PAM, and not {suffix or 'a file without a suffix'}")
        return picture.kept
    if picture.samples is None:
        raise Missing("the file keeps another one that has no pixels here: give the output its name, say .jpg")
    if suffix == ".png":
        if picture.colour == CMYK:
            raise Missing("PNG has no CMYK: write a .pam")
        return png(picture)
    return pnm(picture)


def write(path, data):
    """Whole under its name, or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name[:100] + ".")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, 0o666 & ~mask)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def write_metadata(folder, metadata):
    folder.mkdir()
    for i, (name, data) in enumerate(metadata):
        plain = "".join(c if c.isalnum() or c in "-_." else "_" for c in name)
        (folder / f"{i:05d}-{plain}").write_bytes(data)


def main():
    options = arguments()
    try:
        models = Models(options.models or [HERE.parent.parent / "models"])
        picture = codec.decode(options.file.read_bytes(), models, options.pixels)
        if options.output:
            write(options.output, contents(picture, options.output))
        if options.metadata:
            write_metadata(options.metadata, picture.metadata)
    except Damaged as error:
        print(f"{ascii(str(options.file))}: {error}", file=sys.stderr)
        return 4
    except MemoryError:
        print(f"{ascii(str(options.file))}: not enough memory", file=sys.stderr)
        return 1
    except (Missing, OSError) as error:
        print(f"{ascii(str(options.file))}: {error}", file=sys.stderr)
        return 1
    if picture.samples is None:
        print(f"a file of {len(picture.kept)} bytes, without pixels")
    else:
        height, width, channels = picture.samples.shape
        print(f"{width} x {height}, {channels} channels of {picture.bits} bits, checksum {picture.checksum():016x}")
    for name, data in picture.metadata:
        print(f"{name}: {len(data)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
