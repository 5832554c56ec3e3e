"""One picture through one configuration: a real file, decoded twice, compared, timed."""

import hashlib
import os
import re
import shutil
import struct
from pathlib import Path

from lossless import available_isas
from pictures import Failure, file_hash, read_pixels, run
from processes import measured

from .configurations import model_file_options, models_of
from .pixels import psnr


class Picture:
    """A file of a set. Its pixels are read when they are needed, and not kept."""

    def __init__(self, set_name, path):
        self.set, self.path, self.name, self.hash = set_name, Path(path).resolve(), Path(path).name, file_hash(path)
        pixels = self.read()
        self.width, self.height, self.channels = pixels.width, pixels.height, pixels.channels

    def read(self):
        return read_pixels(self.path)

    @property
    def pixels(self):
        return self.width * self.height

    def bpsp(self, size):
        return 8 * size / (self.channels * self.pixels)


def refusal(path):
    """Why a PNG file cannot be compared here; None where it can."""
    head = Path(path).read_bytes()
    if head[:8] != b"\x89PNG\r\n\x1a\n" or head[12:16] != b"IHDR":
        return "not a PNG file"
    depth, colour = struct.unpack(">BB", head[24:26])
    if depth > 8:
        return f"{depth} bits"
    if colour in (4, 6) or b"tRNS" in head[:head.find(b"IDAT")]:
        return "transparency"
    return None


def program_identity(program):
    """A hash of the program, and of Residua's library where that is a file of its own."""
    digest = hashlib.sha256(Path(program).read_bytes())
    if shutil.which("ldd"):
        for library in sorted(re.findall(r"=> (\S*libresidua\S*)", run(["sh", "-c", 'ldd "$0" || true', program]).decode())):
            digest.update(Path(library).read_bytes())
    return digest.hexdigest()[:16]


def machine_name():
    try:
        names = re.findall(r"^model name\s*:\s*(.*)$", Path("/proc/cpuinfo").read_text(), re.M)
    except OSError:
        names = []
    return f"{names[0] if names else os.uname().machine}, {os.cpu_count()} cores"


def parts_of(text):
    """What `residua info` says about a file."""
    sizes = re.findall(r"^  (\S.*?) +(\d+) bytes \(", text, re.M)
    lossy = re.search(r"^  lossy layer +Q (\d+), (\d+) bits$", text, re.M)
    model = re.search(r"^  model +([0-9a-f]{16}) \((.*)\)$", text, re.M)
    if not sizes or not model:
        raise Failure("`residua info` says something that this program does not understand")
    found = {"parts": {name: int(size) for name, size in sizes}, "model": model.group(1), "model_name": model.group(2)}
    if lossy:
        found["q"], found["bits"] = int(lossy.group(1)), int(lossy.group(2))
    return found


class Bench:
    """The programs and the machine. Files are decoded once more by another instruction set and thread count."""

    def __init__(self, program, threads=1, model_files=(), keep=None):
        """model_files: what the configurations of group "model" and "sweep" may name; no other sees them."""
        self.program = Path(program).resolve()
        if not self.program.exists():
            raise Failure(f"{program} is not there: build it (cmake --preset release && cmake --build --preset release) or "
                          "name it with --residua")
        isas = available_isas()
        self.isa, self.check_isa = isas[0], isas[min(1, len(isas) - 1)]
        self.threads, self.check_threads = threads, 2 if threads == 1 else 1
        self.model_options = model_file_options([Path(file).resolve() for file in model_files])
        self.models = models_of(self.program, [Path(file).resolve() for file in model_files])
        self.usual_models = models_of(self.program, [])
        self.identity, self.machine = program_identity(self.program), machine_name()
        self.version = run([self.program, "--version"]).decode().split()[-1]
        self.keep = keep
        self.peer_versions = {}

    def environment(self, isa=None):
        return {"RESIDUA_CPU": isa or self.isa}

    def common(self, picture):
        """What every result depends on."""
        return {"picture": picture.hash, "machine": self.machine, "isa": self.isa, "threads": self.threads}

    def key(self, picture, configuration):
        key = {**self.common(picture), "kind": "file", "options": list(configuration.options)}
        if configuration.group == "peer":
            return {**key, "program": f"{configuration.name} {self.peer_versions[configuration.name]}"}
        return {**key, "program": self.identity, "models": self.models_key(configuration),
                "check": [self.check_isa, self.check_threads], "timed": configuration.timed}

    def models_key(self, configuration):
        """Hashes of the models that a file may be of: the one that is named, or the codec's, of which it takes the first."""
        if configuration.model is not None:
            return [self.models[configuration.model].digest]
        codec = configuration.options[configuration.options.index("--codec") + 1]
        return [model.digest for model in self.usual_models.values() if model.codec == codec]

    def residua(self, configuration, command, *words, threads=None):
        return [self.program, command, *words, "--threads", self.threads if threads is None else threads,
                *(self.model_options if configuration.model is not None else [])]

    def run(self, configuration, command, *words):
        """What the tool says."""
        return run(self.residua(configuration, command, *words), environment=self.environment()).decode(errors="replace")

    def encoded(self, picture, configuration, folder):
        """(a file of the picture that is not measured, what `residua info` says about it)"""
        coded = folder / "figure.rsd"
        self.run(configuration, "encode", picture.path, "-o", coded, "--quiet", "--force", "--fast-proof",
                 *configuration.options)
        return coded, parts_of(self.run(configuration, "info", coded))

    def previewed(self, configuration, coded, folder):
        """The lossy picture inside."""
        lossy = folder / "lossy.pnm"
        self.run(configuration, "preview", coded, "-o", lossy, "--force")
        return read_pixels(lossy)

    def compare(self, back, picture, digest, configuration):
        if read_pixels(back).digest() != digest:
            raise Failure(f"{picture.path}: {configuration.label} ({configuration.name}) did not give back the pixels")

    def measure(self, picture, configuration, folder):
        """The value for the store. `folder` is for files that are in the way afterwards."""
        pixels = picture.read()
        if configuration.group == "peer":
            value, coded = self.measure_peer(picture, pixels, configuration, folder)
        else:
            value, coded = self.measure_own(picture, pixels, configuration, folder)
        if self.keep is not None and coded is not None:
            self.keep.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(coded, self.keep / f"{picture.set}-{picture.name}.{configuration.name}{coded.suffix}")
        return value

    def measure_own(self, picture, pixels, configuration, folder):
        coded, back = folder / "coded.rsd", folder / "back.pnm"
        digest = pixels.digest()
        encoding = measured(self.residua(configuration, "encode", picture.path, "-o", coded, "--quiet",
                                         *configuration.options), self.environment())
        value = {"bytes": coded.stat().st_size, "encode_seconds": encoding.seconds, "encode_peak": encoding.peak}
        if configuration.timed:
            decoding = measured(self.residua(configuration, "decode", coded, "-o", back), self.environment())
            value.update(decode_seconds=decoding.seconds, decode_peak=decoding.peak)
            self.compare(back, picture, digest, configuration)
            back.unlink()
        measured(self.residua(configuration, "decode", coded, "-o", back, threads=self.check_threads),
                 self.environment(self.check_isa))
        self.compare(back, picture, digest, configuration)
        value.update(parts_of(self.run(configuration, "info", coded)))
        if "q" in value:
            value["psnr"] = psnr(pixels, self.previewed(configuration, coded, folder))
        return value, coded

    def measure_peer(self, picture, pixels, configuration, folder):
        peer = configuration.peer
        if peer.encode is None:
            return {"bytes": picture.path.stat().st_size}, None
        pnm, coded, back = folder / "in.pnm", folder / ("coded" + peer.suffix), folder / "back.ppm"
        pnm = pnm.with_suffix(".pgm" if pixels.channels == 1 else ".ppm")
        pnm.write_bytes(pixels.to_pnm())
        encoding = measured(peer.encode(picture.path, pnm, coded, self.threads))
        value = {"bytes": coded.stat().st_size, "encode_seconds": encoding.seconds, "encode_peak": encoding.peak}
        if peer.decode is None:
            back = coded
        else:
            decoding = measured(peer.decode(coded, back, self.threads))
            value.update(decode_seconds=decoding.seconds, decode_peak=decoding.peak)
        self.compare(back, picture, pixels.digest(), configuration)
        return value, coded
