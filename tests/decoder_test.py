#!/usr/bin/env python3
"""The decoder of docs/decoder against the golden files: their pixels, the files that they keep, and damage.

    tests/decoder_test.py               an everyday choice: two or three minutes of one core
    tests/decoder_test.py --all         every golden file, and more damage
    tests/decoder_test.py NAME...       these golden files only

Needs NumPy, and PyAV for the files of RC: without PyAV they are skipped, and the last line says so.
"""

import argparse
import random
import re
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "docs/decoder"), str(ROOT / "tests")]
sys.dont_write_bytecode = True

import codec  # noqa: E402
import container  # noqa: E402
import decoder_tables  # noqa: E402
import reader  # noqa: E402
from bytestring import common_bytes, common_metadata  # noqa: E402
from model import Models  # noqa: E402
from xxh3 import xxh3_64  # noqa: E402

# XXH3-64 of the pixels and of the file that is kept, as golden_test.cc has them. (Of files of strips it has a number
# made of the strips' checksums; here it is of the whole picture.)
GOLDEN = {
    "jpeg-arithmetic": (0xcb4f5d51b4c68609, 0xa05fe8c2bd177165),
    "jpeg-arithmetic-odd": (0x70ebb0004e2358ac, 0xd75522174c8ee814),
    "jpeg-cmyk": (0xc3c727551da8ff06, 0x2dd8aa7e16b0b786),
    "jpeg-cmyk-light": (0xc3c727551da8ff06, 0x2dd8aa7e16b0b786),
    "jpeg-grey-fast": (0x6a9cb92431ef62a6, 0xd224db17876b7008),
    "jpeg-grey-light": (0x6a9cb92431ef62a6, 0xd224db17876b7008),
    "jpeg-none": (None, 0xc6eee82a7733654d),
    "jpeg-odd": (0x7a2c863448a89824, 0x820731b0815d42f2),
    "jpeg-phone": (0x09e6a698443a9fa6, 0x390f9cfe69d8461f),
    "jpeg-phone-dense": (0x09e6a698443a9fa6, 0x390f9cfe69d8461f),
    "jpeg-phone-fast": (0x09e6a698443a9fa6, 0x390f9cfe69d8461f),
    "jpeg-phone-light": (0x09e6a698443a9fa6, 0x390f9cfe69d8461f),
    "jpeg-progressive": (0xbc5d6a1757d01236, 0x84138fe25eae5c80),
    "jpeg-progressive-dense": (0xbc5d6a1757d01236, 0x84138fe25eae5c80),
    "jpeg-progressive-light": (0xbc5d6a1757d01236, 0x84138fe25eae5c80),
    "jpeg-xmp": (0xd770c8805b8fa3e1, 0x9bc94ebcbb6fc72a),
    "l3c": (0xc6eee82a7733654d, None),
    "l3c-adaptive": (0xc6eee82a7733654d, None),
    "olm": (0xc6eee82a7733654d, None),
    "olm-best": (0xc6eee82a7733654d, None),
    "olm-bilevel": (0x097eb202b4cc7b9a, None),
    "olm-cmyka": (0x3b17457192b11f13, None),
    "olm-cmyka-strips": (0x3b17457192b11f13, None),
    "olm-fast": (0xc6eee82a7733654d, None),
    "olm-grey-blocks": (0x9b5354b34d12d838, None),
    "olm-grey12-in-16": (0x3d6230d6652f7824, None),
    "olm-guesses": (0x200c4f0d26c75f16, None),
    "olm-jpeg-420": (0x4c2153aa4e45bba8, None),
    "olm-jpeg-blocks": (0x5e5f564c87eaa46a, None),
    "olm-jpeg-colours": (0x796e374e5ac7c1cb, None),
    "olm-jpeg-cropped": (0x5da45a6e36945f24, None),
    "olm-light": (0xc6eee82a7733654d, None),
    "olm-metadata": (0xc6eee82a7733654d, None),
    "olm-mid": (0xc6eee82a7733654d, None),
    "olm-mixed-depths": (0x007cef5b3bcd14b8, None),
    "olm-one-colour": (0x17507249d6bee681, None),
    "olm-opaque": (0xce673f4627adfbe4, None),
    "olm-photo-cd": (0x425e6c438d178c13, None),
    "olm-rgb16": (0x281808e8867a3c12, None),
    "olm-rgba": (0xc6b7ca6f1332f207, None),
    "olm-strips": (0xc6eee82a7733654d, None),
    "rc": (0xc6eee82a7733654d, None),
    "rc-adaptive": (0xc6eee82a7733654d, None),
    "scc-bilevel": (0x097eb202b4cc7b9a, None),
    "scc-cmyka-dense": (0x3b17457192b11f13, None),
    "scc-dense-levels": (0xfa7f24fb92930279, None),
    "scc-levels": (0xca0ff837e30d84df, None),
    "scc-metadata-strips": (0xfa7f24fb92930279, None),
    "scc-packed": (0x664d5ac81b5932ae, None),
    "scc-rgb16-dense-levels": (0x281808e8867a3c12, None),
    "scc-rgb16-fast": (0x281808e8867a3c12, None),
    "scc-rgba": (0xc6b7ca6f1332f207, None),
    "scc-screen": (0xfa7f24fb92930279, None),
    "scc-screen-dense": (0xfa7f24fb92930279, None),
    "scc-screen-fast": (0xfa7f24fb92930279, None),
    "scc-strips": (0xfa7f24fb92930279, None),
}
EVERYDAY = """
    scc-bilevel scc-levels scc-packed scc-screen scc-screen-fast scc-metadata-strips l3c l3c-adaptive rc rc-adaptive olm-light
    olm-bilevel olm-one-colour olm-grey12-in-16 olm-guesses olm-photo-cd olm-jpeg-cropped olm-metadata jpeg-none jpeg-grey-fast
    jpeg-phone-light jpeg-progressive-light jpeg-arithmetic
""".split()
METADATA = {"olm-metadata", "scc-metadata-strips"}
DAMAGED = ["scc-bilevel", "scc-packed", "olm-one-colour", "l3c"]
MORE_DAMAGED = ["olm-grey12-in-16", "olm-jpeg-cropped", "jpeg-grey-light", "jpeg-phone-fast", "jpeg-progressive-light"]
FOLDER = ROOT / "tests/golden"


class Report:
    def __init__(self):
        self.right = self.wrong = 0
        self.skipped = []

    def show(self, name, wrong, seconds):
        self.right, self.wrong = self.right + (not wrong), self.wrong + bool(wrong)
        print(f"{'WRONG' if wrong else 'right'}  {name}  {seconds:.1f} s{': ' + wrong if wrong else ''}", flush=True)

    def run(self, name, test, *arguments):
        start = time.process_time()
        try:
            wrong = test(*arguments)
        except reader.Missing as error:
            if "PyAV" not in str(error):
                raise
            self.skipped.append(name)
            return
        self.show(name, wrong, time.process_time() - start)


def golden(name, models):
    picture = codec.decode((FOLDER / f"{name}.rsd").read_bytes(), models)
    pixels, kept = GOLDEN[name]
    mine = None if picture.samples is None else picture.checksum()
    if mine != pixels:
        return f"pixels of checksum {mine and hex(mine)}"
    if (None if picture.kept is None else xxh3_64(picture.kept)) != kept:
        return "another kept file"
    if bool(picture.metadata) != (name in METADATA):
        return f"metadata of {len(picture.metadata)} kinds"
    return ""


def beginnings():
    """The bytes that strings of bytes begin with are those that the documents give numbers of."""
    for data, page in ((common_metadata(), "format.md"), (common_bytes(), "format-jpeg.md")):
        text = (ROOT / "docs" / page).read_text()
        numbers = re.search(r"the (\d+) bytes that\s+`[\w/.]+`\s+makes, of\s+XXH3-64 ([0-9a-f]{16})", text)
        if not numbers or (len(data), f"{xxh3_64(data):016x}") != (int(numbers[1]), numbers[2]):
            return f"not the bytes of docs/{page}"
    return ""


def tables():
    return "" if decoder_tables.text() == decoder_tables.FILE.read_text() else "tables.txt is not what the sources say"


def damage(names, models, count):
    """Files with a wrong byte, or cut: the one error, with the checksums and, deeper in, without them."""
    numbers = random.Random(7)
    with_checksums = reader.check

    def without_checksums(holds, what):
        if "checksum" not in what:
            with_checksums(holds, what)

    for name in names:
        data = (FOLDER / f"{name}.rsd").read_bytes()
        for i in range(count):
            broken = bytearray(data)
            place = numbers.randrange(len(data))
            broken[place] ^= 1 << numbers.randrange(8)
            if i % 4 == 0:
                broken = broken[:place]
            container.check = without_checksums if i % 2 else with_checksums
            try:
                codec.decode(bytes(broken), models, 1 << 16)
                if i % 2 == 0:
                    return f"{name} decodes, though byte {place} is wrong"
            except (reader.Damaged, reader.Missing):
                pass
            except Exception as error:
                return f"{name} with byte {place} wrong: {error!r}"
            finally:
                container.check = with_checksums
    return ""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    parser.add_argument("--all", action="store_true")
    options = parser.parse_args()
    there = {path.stem for path in FOLDER.glob("*.rsd")}
    assert there == set(GOLDEN), f"golden files without a checksum here, or the reverse: {sorted(there ^ set(GOLDEN))}"
    models = Models([FOLDER])
    report = Report()
    report.run("beginnings", beginnings)
    report.run("tables", tables)
    for name in options.names or (sorted(GOLDEN) if options.all else EVERYDAY):
        report.run(name, golden, name, models)
    if not options.names:
        report.run("damage", damage, DAMAGED, models, 24)
        if options.all:
            report.run("more damage", damage, MORE_DAMAGED, models, 16)
    skipped = f", {len(report.skipped)} skipped for lack of PyAV: {' '.join(report.skipped)}" if report.skipped else ""
    print(f"{report.right} right, {report.wrong} wrong{skipped}")
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
