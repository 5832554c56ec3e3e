"""The other codecs, run by their own programs, and which of them this machine lacks."""

import re
import shutil
import subprocess

from .configurations import Configuration


class Peer:
    """program: what must be installed. encode(png, pnm, out, threads), decode(coded, back, threads): commands; decode is
    None where the coded file is a PNG, encode where the picture's own file is meant."""

    def __init__(self, program, suffix, version, encode, decode):
        self.program, self.suffix, self.version_command, self.encode, self.decode = program, suffix, version, encode, decode

    def version(self):
        """A number, or "of unknown version"; None where the program is not installed."""
        if self.program is None:
            return ""
        if shutil.which(self.program) is None:
            return None
        try:
            # Some say it on the standard error, some end with an exit code of 1 after it.
            output = subprocess.run(self.version_command, capture_output=True, check=False, stdin=subprocess.DEVNULL)
        except OSError:
            return "of unknown version"
        match = re.search(rb"\d+\.\d+(\.\d+)?", output.stdout + output.stderr)
        return match.group(0).decode() if match else "of unknown version"


def cwebp(png, pnm, out, threads):
    return ["cwebp", "-quiet", "-lossless", "-m", "6", "-q", "100", *(["-mt"] if threads > 1 else []), png, "-o", out]


def dwebp(coded, back, threads):
    return ["dwebp", "-quiet", *(["-mt"] if threads > 1 else []), coded, "-ppm", "-o", back]


def jxl_threads(threads):
    return f"--num_threads={threads if threads > 1 else 0}"


def cjxl(effort):
    return lambda png, pnm, out, threads: ["cjxl", "-d", "0", "-e", effort, "--quiet", jxl_threads(threads), png, out]


def djxl(coded, back, threads):
    return ["djxl", "--quiet", jxl_threads(threads), coded, back]


# opj_compress gets the bare pixels: given a PNG with a gAMA chunk it changes them before it encodes.
PEERS = [
    Configuration("png", "PNG, as found", "PNG", [], "peer", peer=Peer(None, ".png", None, None, None)),
    Configuration("optipng", "PNG, optipng", "PNG", ["-o2"], "peer", peer=Peer(
        "optipng", ".png", ["optipng", "--version"],
        lambda png, pnm, out, threads: ["optipng", "-quiet", "-o2", "-out", out, png], None)),
    Configuration("jpeg2000", "JPEG 2000", "JPEG 2000", [], "peer", peer=Peer(
        "opj_compress", ".j2k", ["opj_compress", "-h"],
        lambda png, pnm, out, threads: ["opj_compress", "-i", pnm, "-o", out],
        lambda coded, back, threads: ["opj_decompress", "-i", coded, "-o", back])),
    Configuration("webp", "WebP", "WebP", ["-lossless", "-m", "6", "-q", "100"], "peer", peer=Peer(
        "cwebp", ".webp", ["cwebp", "-version"], cwebp, dwebp)),
    Configuration("jxl-7", "JPEG XL, effort 7", "JPEG XL", ["-d", "0", "-e", "7"], "peer", peer=Peer(
        "cjxl", ".jxl", ["cjxl", "--version"], cjxl(7), djxl)),
    Configuration("jxl-9", "JPEG XL, effort 9", "JPEG XL", ["-d", "0", "-e", "9"], "peer", peer=Peer(
        "cjxl", ".jxl", ["cjxl", "--version"], cjxl(9), djxl)),
    Configuration("flif", "FLIF", "FLIF", [], "peer", peer=Peer(
        "flif", ".flif", ["flif", "--version"],
        lambda png, pnm, out, threads: ["flif", "-e", "--overwrite", png, out],
        lambda coded, back, threads: ["flif", "-d", "--overwrite", coded, back])),
]
