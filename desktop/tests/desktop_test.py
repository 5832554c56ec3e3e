#!/usr/bin/env python3
"""What programs of the desktop see of .rsd files: GdkPixbuf, Qt 5 and 6, ImageMagick, the file type, the thumbnailer.

CTest runs it in the build of preset desktop, and names the programs in the environment.
"""

import base64
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import zlib
from pathlib import Path

SOURCE = Path(os.environ["RESIDUA_SOURCE"])
TOOL = os.environ["RESIDUA_TOOL"]
GOLDEN = SOURCE / "tests/golden"
MODELS = str(GOLDEN)
FOLDER = Path(tempfile.mkdtemp(prefix="residua-desktop-"))
# What has no pixels, or none without the library of HEVC.
WITHOUT_PIXELS = {"jpeg-none", "rc", "rc-adaptive"}
DAMAGED_JPEGS = {"jpeg-arithmetic-odd", "jpeg-odd"}
SIGNALS = {-number for number in range(1, 65)} | {128 + number for number in range(1, 65)}


def run(command, **environment):
    everything = {**os.environ, "RESIDUA_MODELS": MODELS, "QT_QPA_PLATFORM": "offscreen", **environment}
    return subprocess.run(list(map(str, command)), capture_output=True, env=everything, timeout=120)


def golden_files():
    return [path for path in sorted(GOLDEN.glob("*.rsd")) if path.stem not in WITHOUT_PIXELS]


class Picture:
    """Samples as a list for each pixel, from a PAM."""

    def __init__(self, pam):
        head, _, pixels = pam.partition(b"ENDHDR\n")
        fields = dict(line.split(None, 1) for line in head.decode().splitlines()[1:] if " " in line)
        self.width, self.height = int(fields["WIDTH"]), int(fields["HEIGHT"])
        self.channels, self.white = int(fields["DEPTH"]), int(fields["MAXVAL"])
        if self.white > 255:
            pixels = struct.unpack(f">{len(pixels) // 2}H", pixels)
        self.samples = list(pixels)
        assert len(self.samples) == self.width * self.height * self.channels

    def scaled(self, white):
        """Samples as a viewer of that depth has them, by the definition."""
        return [(2 * value * white + self.white) // (2 * self.white) for value in self.samples]


def decoded(path):
    """The tool's pixels; None for CMYK, which no viewer holds as it is, and for a JPEG in which libjpeg, by which the
    tool makes pixels, sees damage."""
    if path.stem in DAMAGED_JPEGS:
        return None
    if '"colour":"cmyk"' in run([TOOL, "info", "--json", path]).stdout.decode().replace(" ", "").lower():
        return None
    result = run([TOOL, "decode", "--quiet", "--to", "pam", path, "-o", "-"])
    assert result.returncode == 0, result.stderr
    return Picture(result.stdout)


def as_colours(picture, samples, channels, opaque):
    """Grey becomes R = G = B, what has no alpha becomes opaque; as many channels as the viewer has."""
    alpha = picture.channels in (2, 4)
    pixels = []
    for at in range(0, len(samples), picture.channels):
        pixel = samples[at : at + picture.channels]
        colours = pixel[: len(pixel) - alpha]
        if channels >= 3 and len(colours) == 1:
            colours = colours * 3
        pixels += colours
        if channels == 4:
            pixels += [pixel[-1]] if alpha else [opaque]
    return pixels


def with_exif_and_profile(name):
    """A kept JPEG is not needed for that: a PNG with a profile and an Exif block that says orientation 6."""
    exif = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    profile = bytes.fromhex(PROFILE)

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes((x * 7 + y * 11 + c * 50) % 256 for x in range(24) for c in range(3)) for y in range(16))
    png = (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 24, 16, 8, 2, 0, 0, 0))
           + chunk(b"iCCP", b"p\0\0" + zlib.compress(profile)) + chunk(b"eXIf", exif)
           + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
    (FOLDER / f"{name}.png").write_bytes(png)
    result = run([TOOL, "encode", "--quiet", "--force", FOLDER / f"{name}.png", "-o", FOLDER / f"{name}.rsd"])
    assert result.returncode == 0, result.stderr
    return FOLDER / f"{name}.rsd", profile


def damaged_files():
    """Cut and changed bytes of golden files; the same on every run."""
    chance = random.Random(1)
    for path in (GOLDEN / f"{name}.rsd" for name in ("olm-rgba", "scc-screen", "jpeg-phone", "olm-strips", "l3c")):
        whole = path.read_bytes()
        for length in {0, 3, 4, 20, len(whole) // 2, len(whole) - 1}:
            yield f"{path.stem} cut to {length}", whole[:length]
        for _ in range(8):
            changed = bytearray(whole)
            changed[chance.randrange(4, len(changed))] ^= 1 << chance.randrange(8)
            yield f"{path.stem} changed", bytes(changed)


def install_file_type():
    """A folder for XDG_DATA_DIRS that knows .rsd files: GdkPixbuf may ask it which loader to take."""
    data = FOLDER / "share"
    if not data.exists():
        (data / "mime/packages").mkdir(parents=True)
        shutil.copy(SOURCE / "desktop/mime/residua.xml", data / "mime/packages")
        result = run(["update-mime-database", data / "mime"], XDG_DATA_DIRS=str(data))
        assert (result.returncode, result.stderr) == (0, b""), result
    return data


class Viewer:
    """What holds for every viewer; the classes below say how one is asked."""

    def test_pixels_are_those_of_the_tool(self):
        compared = 0
        for path in golden_files():
            expected = decoded(path)
            result = self.show(path)
            self.assertEqual(result.returncode, 0, (path.name, result.stderr))
            picture = Picture(result.stdout)
            if expected is None:
                continue
            self.assertEqual((picture.width, picture.height), (expected.width, expected.height), path.name)
            self.assertEqual(picture.white, self.depth(expected), path.name)
            samples = as_colours(expected, expected.scaled(picture.white), picture.channels, picture.white)
            self.assertEqual(picture.samples, samples, path.name)
            compared += 1
        self.assertGreater(compared, 30)

    def test_damage_is_an_error(self):
        for what, data in damaged_files():
            bad = FOLDER / "bad.rsd"
            bad.write_bytes(data)
            result = self.show(bad)
            self.assertNotIn(result.returncode, SIGNALS, (what, result.stderr))
            self.assertEqual(result.returncode, 1, (what, result.stderr))
            self.assertIn(b"error: ", result.stderr, what)

    def test_a_missing_model_is_an_error(self):
        result = self.show(GOLDEN / "olm-rgba.rsd", RESIDUA_MODELS="", XDG_DATA_HOME=str(FOLDER))
        self.assertEqual(result.returncode, 1)
        self.assertIn(b"model", result.stderr)

    def test_profile_and_orientation_go_with_it(self):
        path, profile = with_exif_and_profile("turned")
        lines = self.show(path).stderr.decode().splitlines()
        self.assertIn(self.ORIENTATION_6, lines)
        self.assertIn("size 24 16", lines)
        texts = [line.split()[1] for line in lines if line.startswith("icc-profile ")]
        self.assertEqual(len(texts), 1, lines)
        self.check_profile(base64.b64decode(texts[0]), profile)

    def check_profile(self, got, expected):
        self.assertEqual(got, expected)

    def test_a_small_one_is_as_asked(self):
        for name in ("jpeg-phone", "olm-rgba"):
            result = self.show(GOLDEN / f"{name}.rsd", 8, 6)
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertEqual(Picture(result.stdout).width, 8)


@unittest.skipUnless("RESIDUA_PIXBUF_LOADER" in os.environ, "gdk-pixbuf is not here")
class GdkPixbuf(Viewer, unittest.TestCase):
    ORIENTATION_6 = "orientation 6"

    @classmethod
    def setUpClass(cls):
        cls.cache = FOLDER / "loaders.cache"
        cls.data = f"{install_file_type()}:/usr/local/share:/usr/share"
        query = run([cls.query_loaders(), os.environ["RESIDUA_PIXBUF_LOADER"]])
        assert query.returncode == 0 and b"image/x-residua" in query.stdout, query
        cls.cache.write_bytes(query.stdout)

    @staticmethod
    def query_loaders():
        folder = subprocess.run(["pkg-config", "--variable=gdk_pixbuf_query_loaders", "gdk-pixbuf-2.0"],
                                capture_output=True, text=True, check=True).stdout.strip()
        return folder or shutil.which("gdk-pixbuf-query-loaders")

    def show(self, path, *size, **environment):
        return self.run_program([os.environ["RESIDUA_PIXBUF_DUMP"], path, *size], **environment)

    def run_program(self, command, **environment):
        return run(command, GDK_PIXBUF_MODULE_FILE=str(self.cache), XDG_DATA_DIRS=self.data, **environment)

    def depth(self, expected):
        return 255

    def test_thumbnailer(self):
        program = shutil.which("gdk-pixbuf-thumbnailer")
        if not program:
            self.skipTest("gdk-pixbuf-thumbnailer is not here")
        path, _ = with_exif_and_profile("thumbnail")
        out = FOLDER / "thumbnail-of.png"
        result = self.run_program([program, "-s", "12", path, out])
        self.assertEqual(result.returncode, 0, result.stderr)
        head = out.read_bytes()[:24]
        self.assertEqual(struct.unpack(">II", head[16:24]), (8, 12))  # turned


class Qt(Viewer):
    ORIENTATION_6 = "transformation 4"  # QImageIOHandler::TransformationRotate90

    def show(self, path, *size, **environment):
        number = self.NUMBER
        plugins = Path(os.environ[f"RESIDUA_QT{number}"]).parent.parent
        return run([os.environ[f"RESIDUA_QT{number}_DUMP"], path, *size], QT_PLUGIN_PATH=str(plugins), **environment)

    def depth(self, expected):
        return 65535 if expected.white > 255 else 255

    def check_profile(self, got, expected):
        # Qt writes a profile of its own with the same primaries and curve.
        self.assertIn(b"acsp", got)


@unittest.skipUnless("RESIDUA_QT5" in os.environ, "Qt 5 is not here")
class Qt5(Qt, unittest.TestCase):
    NUMBER = 5


@unittest.skipUnless("RESIDUA_QT6" in os.environ, "Qt 6 is not here")
class Qt6(Qt, unittest.TestCase):
    NUMBER = 6


class Desktop(unittest.TestCase):
    @unittest.skipUnless(shutil.which("update-mime-database"), "shared-mime-info is not here")
    def test_file_type(self):
        data = install_file_type()
        self.assertIn(b"50:image/x-residua:*.rsd", (data / "mime/globs2").read_bytes())
        self.assertIn(b"[60:image/x-residua]\n>0=\0\x04\x89RSD", (data / "mime/magic").read_bytes())

    def test_thumbnailer_entry(self):
        lines = (SOURCE / "desktop/thumbnailer/residua.thumbnailer").read_text().splitlines()
        command = next(line for line in lines if line.startswith("Exec=")).removeprefix("Exec=").split()
        # File managers make the output's file before: a name without extension.
        out = FOLDER / ".thumbnail.A1B2C3"
        out.touch()
        fill = {"%s": "16", "%i": str(GOLDEN / "scc-screen.rsd"), "%o": str(out), "residua": TOOL}
        result = run([fill.get(word, word) for word in command])
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        self.assertEqual(struct.unpack(">I", out.read_bytes()[16:20]), (16,))

    @unittest.skipUnless(shutil.which("convert"), "ImageMagick is not here")
    def test_imagemagick(self):
        (FOLDER / "bin").mkdir()
        (FOLDER / "bin/residua").symlink_to(TOOL)
        settings = {"PATH": f"{FOLDER / 'bin'}:{os.environ['PATH']}",
                    "MAGICK_CONFIGURE_PATH": str(SOURCE / "desktop/imagemagick")}
        for name in ("olm-rgba", "scc-screen", "jpeg-phone"):
            result = run(["convert", GOLDEN / f"{name}.rsd", "-depth", "8", FOLDER / "magick.pam"], **settings)
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertEqual(Picture((FOLDER / "magick.pam").read_bytes()).samples, decoded(GOLDEN / f"{name}.rsd").samples)
        result = run(["convert", FOLDER / "magick.pam", FOLDER / "magick.rsd"], **settings)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(decoded(FOLDER / "magick.rsd").samples, decoded(GOLDEN / "jpeg-phone.rsd").samples)


# sRGB's primaries with a straight line for a curve, in version 2 of ICC: made by Little CMS.
PROFILE = (
    "000002606c636d73021000006d6e74725247422058595a2007ea000c00010000002c0003616373704150504c000000000000000000000000"
    "0000000000000000000000000000f6d6000100000000d32d6c636d7300000000000000000000000000000000000000000000000000000000"
    "000000000000000000000000000000000000000b646573630000010800000084637072740000018c0000002177747074000001b000000014"
    "63686164000001c40000002c7258595a000001f0000000146258595a00000204000000146758595a0000021800000014725452430000022c"
    "0000000e675452430000022c0000000e625452430000022c0000000e6368726d0000023c0000002464657363000000000000000d52474220"
    "6275696c742d696e00000000000000000d0052004700420020006200750069006c0074002d0069006e000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
    "0000000074657874000000004e6f20636f707972696768742c2075736520667265656c790000000058595a20000000000000f6d600010000"
    "0000d32d736633320000000000010c42000005defffff325000007930000fd90fffffba1fffffda2000003dc0000c06e58595a2000000000"
    "00006fa0000038f50000039058595a20000000000000249f00000f840000b6c358595a2000000000000062970000b787000018d963757276"
    "0000000000000001010000006368726d00000000000300000000a3d70000547b00004ccd0000999a0000266600000f5c"
)


if __name__ == "__main__":
    try:
        unittest.main()
    finally:
        shutil.rmtree(FOLDER, ignore_errors=True)
