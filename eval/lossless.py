"""The codecs that eval/ compares: how each is run, losslessly, and how its file is decoded again."""

import json
import re
import tempfile
from pathlib import Path

from pictures import Failure, file_hash, read_pixels, run


class Peer:
    """Another codec's command line tools. `name` heads table columns, `label` stands in legends."""

    def __init__(self, name, label, suffix, version_command, encode, decode):
        self.name, self.label, self.suffix = name, label, suffix
        self.version_command, self.encode, self.decode = version_command, encode, decode

    def version(self):
        text = run(self.version_command).decode(errors="replace")
        return re.search(r"\d+\.\d+(\.\d+)?", text).group(0)

    def measure(self, path, pixels):
        """Bytes of the real file that this codec makes of the picture; it is decoded and compared first."""
        with tempfile.TemporaryDirectory(prefix="residua-eval-") as folder:
            pnm, coded, back = (Path(folder) / name for name in ("in.ppm", "coded" + self.suffix, "back.png"))
            pnm.write_bytes(pixels.to_pnm())
            run(self.encode(path, pnm, coded))
            run(self.decode(coded, back))
            if read_pixels(back).digest() != pixels.digest():
                raise Failure(f"{self.name} did not give back the pixels of {path}")
            return coded.stat().st_size


# opj_compress gets the bare pixels: given a PNG with a gAMA chunk it changes them before it encodes.
PEERS = [
    Peer("webp", "WebP (-m 6 -q 100)", ".webp", ["cwebp", "-version"],
         lambda png, pnm, out: ["cwebp", "-quiet", "-lossless", "-m", "6", "-q", "100", png, "-o", out],
         lambda coded, back: ["dwebp", "-quiet", coded, "-o", back]),
    Peer("jpeg2000", "JPEG 2000", ".j2k", ["dpkg-query", "-W", "-f", "${Version}", "libopenjp2-tools"],
         lambda png, pnm, out: ["opj_compress", "-i", pnm, "-o", out],
         lambda coded, back: ["opj_decompress", "-i", coded, "-o", back]),
    Peer("jxl", "JPEG XL (-e 7)", ".jxl", ["cjxl", "--version"],
         lambda png, pnm, out: ["cjxl", "-d", "0", "-e", "7", "--quiet", png, out],
         lambda coded, back: ["djxl", "--quiet", coded, back]),
]


class Cache:
    """Results of peers, one small file per (picture, codec, version), so that a rerun costs nothing."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)

    def measure(self, peer, version, path, pixels):
        entry = self.folder / f"{file_hash(path)}.{peer.name}-{version}.json"
        if entry.exists():
            return json.loads(entry.read_text())["bytes"]
        size = peer.measure(path, pixels)
        new = entry.with_suffix(".new")
        new.write_text(json.dumps({"file": Path(path).name, "bytes": size}) + "\n")
        new.replace(entry)
        return size


def available_isas():
    """The instruction sets of RESIDUA_CPU that this machine has, best first."""
    try:
        flags = set(re.search(r"^flags\s*:(.*)$", Path("/proc/cpuinfo").read_text(), re.M).group(1).split())
    except (OSError, AttributeError):
        flags = set()
    isas = ["scalar"]
    if "avx2" in flags:
        isas.insert(0, "avx2")
        if {"avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512cd", "avx512_vnni"} <= flags:
            isas.insert(0, "avx512vnni")
    return isas


CODECS = ("rc", "l3c", "olm")


def add_residua_arguments(parser):
    """The options that every script passes on to the command line tool."""
    parser.add_argument("--codec", choices=CODECS, help="given to residua encode (default: that of --model, or its own)")
    parser.add_argument("--effort", type=int, metavar="N", help="given to residua encode")
    parser.add_argument("--model", metavar="NAME", help="given to residua encode")
    parser.add_argument("--lossy-q", type=int, metavar="Q", help="given to residua encode")
    parser.add_argument("--model-file", action="append", default=[], metavar="FILE",
                        help="a model file that is not built in; --model says that it is used (may be repeated)")


def residua_options(arguments):
    """(options of residua encode alone, options of encode and decode)"""
    encode = []
    for name in ("codec", "effort", "model", "lossy-q"):
        value = getattr(arguments, name.replace("-", "_"))
        if value is not None:
            encode += [f"--{name}", str(value)]
    return encode, [word for file in arguments.model_file for word in ("--model-file", file)]


class Residua:
    """The command line tool. Decoding uses another instruction set and thread count than encoding."""

    def __init__(self, program, encode_isa, decode_isa, encode_threads=2, decode_threads=1,
                 encode_options=(), options=()):
        self.program = Path(program)
        if not self.program.exists():
            raise Failure(f"{program} is not there: build it (cmake --preset release && cmake --build --preset "
                          "release) or name it with --residua")
        self.encode_isa, self.decode_isa = encode_isa, decode_isa
        self.encode_threads, self.decode_threads = encode_threads, decode_threads
        self.encode_options, self.options = list(encode_options), list(options)

    def encode(self, path, out):
        run([self.program, "encode", path, "-o", out, "--threads", self.encode_threads,
             *self.encode_options, *self.options],
            environment={"RESIDUA_CPU": self.encode_isa})

    def decode(self, coded, out):
        run([self.program, "decode", coded, "-o", out, "--threads", self.decode_threads, *self.options],
            environment={"RESIDUA_CPU": self.decode_isa})

    def measure(self, path, pixels):
        with tempfile.TemporaryDirectory(prefix="residua-eval-") as folder:
            coded, back = Path(folder) / "coded.rsd", Path(folder) / "back.png"
            self.encode(path, coded)
            self.decode(coded, back)
            if read_pixels(back).digest() != pixels.digest():
                raise Failure(f"residua did not give back the pixels of {path}")
            return coded.stat().st_size
