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
    "jpeg-arithmetic": (0xCB4F5D51B4C68609, 0xA05FE8C2BD177165),
    "jpeg-arithmetic-odd": (0x70EBB0004E2358AC, 0xD75522174C8EE814),
    "jpeg-cmyk": (0xC3C727551DA8FF06, 0x2DD8AA7E16B0B786),
    "jpeg-cmyk-light": (0xC3C727551DA8FF06, 0x2DD8AA7E16B0B786),
    "jpeg-grey-fast": (0x6A9CB92431EF62A6, 0xD224DB17876B7008),
    "jpeg-grey-light": (0x6A9CB92431EF62A6, 0xD224DB17876B7008),
    "jpeg-none": (None, 0xC6EEE82A7733654D),
    "jpeg-odd": (0x7A2C863448A89824, 0x820731B0815D42F2),
    "jpeg-phone": (0x09E6A698443A9FA6, 0x390F9CFE69D8461F),
    "jpeg-phone-dense": (0x09E6A698443A9FA6, 0x390F9CFE69D8461F),
    "jpeg-phone-fast": (0x09E6A698443A9FA6, 0x390F9CFE69D8461F),
    "jpeg-phone-light": (0x09E6A698443A9FA6, 0x390F9CFE69D8461F),
    "jpeg-progressive": (0xBC5D6A1757D01236, 0x84138FE25EAE5C80),
    "jpeg-progressive-dense": (0xBC5D6A1757D01236, 0x84138FE25EAE5C80),
    "jpeg-progressive-light": (0xBC5D6A1757D01236, 0x84138FE25EAE5C80),
    "jpeg-xmp": (0xD770C8805B8FA3E1, 0x9BC94EBCBB6FC72A),
    "l3c": (0xC6EEE82A7733654D, None),
    "l3c-adaptive": (0xC6EEE82A7733654D, None),
    "olm": (0xC6EEE82A7733654D, None),
    "olm-best": (0xC6EEE82A7733654D, None),
    "olm-bilevel": (0x097EB202B4CC7B9A, None),
    "olm-cmyk": (0x1CBAB099D8E23BA2, None),
    "olm-cmyka": (0x3B17457192B11F13, None),
    "olm-cmyka-strips": (0x3B17457192B11F13, None),
    "olm-fast": (0xC6EEE82A7733654D, None),
    "olm-grey-alpha4": (0x8DC9C42FE633D194, None),
    "olm-grey-blocks": (0x9B5354B34D12D838, None),
    "olm-grey12-in-16": (0x3D6230D6652F7824, None),
    "olm-grey2": (0xA5F2ED7B74EC35D5, None),
    "olm-guesses": (0x200C4F0D26C75F16, None),
    "olm-jpeg-420": (0x4C2153AA4E45BBA8, None),
    "olm-jpeg-blocks": (0x5E5F564C87EAA46A, None),
    "olm-jpeg-colours": (0x796E374E5AC7C1CB, None),
    "olm-jpeg-cropped": (0x5DA45A6E36945F24, None),
    "olm-light": (0xC6EEE82A7733654D, None),
    "olm-metadata": (0xC6EEE82A7733654D, None),
    "olm-mid": (0xC6EEE82A7733654D, None),
    "olm-mixed-depths": (0x007CEF5B3BCD14B8, None),
    "olm-one-colour": (0x17507249D6BEE681, None),
    "olm-opaque": (0xCE673F4627ADFBE4, None),
    "olm-photo-cd": (0x425E6C438D178C13, None),
    "olm-rgb12": (0x0876D671FECD6FA4, None),
    "olm-rgb16": (0x281808E8867A3C12, None),
    "olm-rgba": (0xC6B7CA6F1332F207, None),
    "olm-strips": (0xC6EEE82A7733654D, None),
    "rc": (0xC6EEE82A7733654D, None),
    "rc-adaptive": (0xC6EEE82A7733654D, None),
    "scc-bilevel": (0x097EB202B4CC7B9A, None),
    "scc-bilevel-dense-levels": (0x097EB202B4CC7B9A, None),
    "scc-bilevel-levels": (0x097EB202B4CC7B9A, None),
    "scc-cmyk": (0x1CBAB099D8E23BA2, None),
    "scc-cmyka-dense": (0x3B17457192B11F13, None),
    "scc-dense-levels": (0xFA7F24FB92930279, None),
    "scc-grey2": (0xA5F2ED7B74EC35D5, None),
    "scc-levels": (0xCA0FF837E30D84DF, None),
    "scc-metadata-strips": (0xFA7F24FB92930279, None),
    "scc-packed": (0x664D5AC81B5932AE, None),
    "scc-palette": (0x06FF6D1E0E3912E9, None),
    "scc-rgb16-dense-levels": (0x281808E8867A3C12, None),
    "scc-rgb16-fast": (0x281808E8867A3C12, None),
    "scc-rgba": (0xC6B7CA6F1332F207, None),
    "scc-screen": (0xFA7F24FB92930279, None),
    "scc-screen-dense": (0xFA7F24FB92930279, None),
    "scc-screen-fast": (0xFA7F24FB92930279, None),
    "scc-strips": (0xFA7F24FB92930279, None),
}
EVERYDAY = """
    scc-bilevel scc-levels scc-packed scc-screen scc-screen-fast scc-metadata-strips l3c l3c-adaptive rc rc-adaptive
    olm-light olm-bilevel olm-one-colour olm-grey12-in-16 olm-guesses olm-photo-cd olm-jpeg-cropped olm-metadata
    jpeg-none jpeg-grey-fast jpeg-phone-light jpeg-progressive-light jpeg-arithmetic
""".split()
METADATA = {"olm-metadata", "scc-metadata-strips", "scc-palette"}
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
        except reader.Damaged as error:
            wrong = f"is said to be damaged: {error}"
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
            except reader.Damaged:
                pass
            except reader.Missing as error:
                if i % 2 == 0:
                    return f"{name} with byte {place} wrong: {error}"
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
