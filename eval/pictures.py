"""Pictures as plain pixels, read without any code of Residua's: netpbm's readers and a few lines of Python."""

import hashlib
import os
import subprocess
from pathlib import Path


class Failure(Exception):
    """Something the user has to know, in one line."""


def run(command, stdin=None, environment=None):
    """Runs a command line tool and returns its standard output; its last words are in the Failure otherwise."""
    command = [str(word) for word in command]
    try:
        result = subprocess.run(command, input=stdin, capture_output=True, check=False,
                                env={**os.environ, **(environment or {})})
    except FileNotFoundError:
        raise Failure(f"{command[0]} is not installed (scripts/packages lists what eval/ needs)") from None
    if result.returncode != 0:
        lines = result.stderr.decode(errors="replace").strip().splitlines() or ["no message"]
        raise Failure(f"{' '.join(command)}: exit {result.returncode}: {lines[-1]}")
    return result.stdout


READERS = {
    ".png": ["pngtopnm"],
    ".jpg": ["jpegtopnm"],
    ".jpeg": ["jpegtopnm"],
    ".tif": ["tifftopnm"],
    ".tiff": ["tifftopnm"],
}


class Pixels:
    """width, height, channels (1 or 3) and the 8-bit samples, interleaved, top row first."""

    def __init__(self, width, height, channels, samples):
        self.width, self.height, self.channels, self.samples = width, height, channels, samples

    def digest(self):
        """Equal exactly when the pictures are equal; a grey picture equals its R = G = B form."""
        samples = self.samples
        if self.channels == 1:
            samples = bytearray(3 * len(self.samples))
            for channel in range(3):
                samples[channel::3] = self.samples
        return hashlib.sha256(f"{self.width} {self.height} ".encode() + samples).hexdigest()

    def to_pnm(self):
        kind = b"P5" if self.channels == 1 else b"P6"
        return kind + f"\n{self.width} {self.height}\n255\n".encode() + bytes(self.samples)


def parse_pnm(data):
    """Binary PGM or PPM of 8 bits, comments in the header allowed."""
    fields, position = [], 0
    while len(fields) < 4:
        while position < len(data) and data[position:position + 1].isspace():
            position += 1
        if data[position:position + 1] == b"#":
            position = data.index(b"\n", position)
            continue
        start = position
        while position < len(data) and not data[position:position + 1].isspace():
            position += 1
        if start == position:
            raise Failure("a picture ends in its PNM header")
        fields.append(data[start:position])
    channels = {b"P5": 1, b"P6": 3}.get(fields[0])
    if channels is None or fields[3] != b"255":
        raise Failure("only 8-bit grey or RGB pictures can be compared here")
    width, height = int(fields[1]), int(fields[2])
    samples = data[position + 1:position + 1 + width * height * channels]
    if len(samples) != width * height * channels:
        raise Failure("a PNM picture is shorter than its header says")
    return Pixels(width, height, channels, samples)


def read_pixels(path):
    path = Path(path)
    if path.suffix.lower() in (".ppm", ".pgm", ".pnm"):
        return parse_pnm(path.read_bytes())
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise Failure(f"{path}: no reader for this kind of file")
    return parse_pnm(run([*reader, path]))


def file_hash(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


REPOSITORY = Path(__file__).resolve().parent.parent
DATA = REPOSITORY.parent / "shared" / "data"
PROGRAM = REPOSITORY / "build" / "release" / "tools" / "residua"


def default_sets():
    """The pictures that lie beside the repository, when they do: {set name: [paths]}."""
    dev = DATA / "dev"
    sets = {name: sorted(dev.glob(f"{name}_*.png")) for name in ("oi", "clic25", "sun")}
    sets["kodak"] = sorted((DATA / "kodak").glob("*.png"))
    return {name: paths for name, paths in sets.items() if paths}


def named_sets(arguments):
    """Sets from the command line: FOLDER, NAME=FOLDER or NAME=FOLDER/PREFIX, each taking the PNG files there."""
    if not arguments:
        sets = default_sets()
        if not sets:
            raise Failure(f"no pictures: name folders of PNG files ({DATA} is not there)")
        return sets
    sets = {}
    for argument in arguments:
        name, _, place = argument.rpartition("=")
        place = Path(place)
        folder, prefix = (place, "") if place.is_dir() else (place.parent, place.name)
        paths = sorted(folder.glob(f"{prefix}*.png"))
        if not paths:
            raise Failure(f"{place}: no PNG files there")
        name = name or place.resolve().name
        if name in sets:
            raise Failure(f"two sets are called {name}; give one another name: NAME={place}")
        sets[name] = paths
    return sets
