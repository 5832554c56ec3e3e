"""eval/report with a real build of the tool, on small pictures made here; its page in a headless Chromium.

    eval/report_test.py PROGRAM        exit 77 where eval/setup --test has not been run
"""

import sys
sys.dont_write_bytecode = True

import environment
if not environment.enter("altair", "numpy", "PIL", "vl_convert", "selenium"):
    print("skipped: run eval/setup --test first")
    sys.exit(77)

import csv
import json
import os
import random
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from PIL import Image

from page_test import PageTest

REPORT = Path(__file__).with_name("report")
STRANGE = "<b>|x.png"
MODEL = Path(__file__).parent.parent / "tests" / "golden" / "l3c.rsm"  # small, and not one of the library's
CONFIGURATIONS = "olm-5,rc-plain*,q-8,q-9,q-10,l3c-plain,model-golden-l3c,png,webp,flif"
OUTPUTS = ["index.html", "report.md", "report.json", "report.csv"]


def write_picture(path, width, height, seed, grey=False):
    """A ramp with noise, which a codec can make smaller, and a corner of one colour."""
    source = random.Random(seed)
    samples = bytes((100 + 2 * x + 3 * channel + y + source.randrange(9)) % 256 if x + y > 20 else 90
                    for y in range(height) for x in range(width) for channel in range(1 if grey else 3))
    Image.frombytes("L" if grey else "RGB", (width, height), samples).save(path)


class World:
    """A folder of pictures, and the programs that are on the path: no FLIF, whatever the machine has."""

    def __init__(self, folder):
        self.folder, self.pictures, self.programs = folder, folder / "pictures", folder / "programs"
        self.pictures.mkdir()
        self.programs.mkdir()
        write_picture(self.pictures / STRANGE, 64, 48, 1)
        write_picture(self.pictures / "grey.png", 40, 36, 2, grey=True)
        for name in ("pngtopnm", "cwebp", "dwebp"):
            (self.programs / name).symlink_to(shutil.which(name))

    def command(self, out, *more, residua=None, configurations=CONFIGURATIONS):
        return [sys.executable, REPORT, f"small={self.pictures}", "--out", out, "--residua", residua or World.residua,
                "--configurations", configurations, "--samples", "1", "--model-file", MODEL, *more]

    def start(self, *words, **options):
        return subprocess.Popen(list(map(str, self.command(*words, **options))), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                text=True, env={**os.environ, "PATH": str(self.programs)})

    def run(self, *words, **options):
        process = self.start(*words, **options)
        output, errors = process.communicate(timeout=300)
        return process.returncode, output, errors

    def tool(self, name, script):
        """A program that stands before the real one."""
        path = self.folder / name
        path.write_text("#!/bin/sh\n" + script.replace("REAL", f"'{World.residua}'"))
        path.chmod(0o755)
        return path


def lines_of(path):
    return path.read_bytes().count(b"\n") if path.exists() else 0


def without_times(report):
    """What of report.json depends on the files alone."""
    return [{name: value for name, value in row.items() if not re.search("seconds|peak", name)} for row in report["files"]]


class ReportTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """One run, interrupted, killed, and brought to its end; the tests look at what it leaves."""
        cls.temporary = tempfile.TemporaryDirectory(prefix="residua-report-test-")
        cls.addClassCleanup(cls.temporary.cleanup)
        cls.world = World(Path(cls.temporary.name))
        cls.out, cls.keep = cls.world.folder / "out", cls.world.folder / "keep"
        cls.store = cls.out / "measurements.jsonl"
        cls.ends, cls.stored = [], []
        for number, lines in ((signal.SIGINT, 3), (signal.SIGKILL, 8)):
            process = cls.world.start(cls.out, "--keep", cls.keep)
            while lines_of(cls.store) < lines and process.poll() is None:
                time.sleep(0.01)
            process.send_signal(number)
            process.communicate(timeout=60)
            cls.ends.append((process.returncode, (cls.out / "index.html").exists()))
            cls.stored.append(cls.store.read_bytes())
        cls.code, cls.output, cls.errors = cls.world.run(cls.out, "--keep", cls.keep)
        cls.first = {name: (cls.out / name).read_bytes() for name in OUTPUTS if (cls.out / name).exists()}

    def text(self, name):
        return self.first[name].decode()

    def test_runs_to_its_end(self):
        self.assertEqual(self.code, 0, self.errors)
        self.assertEqual(sorted(self.first), sorted(OUTPUTS))
        self.assertRegex(self.errors, r"of \d+: small/grey\.png, \S+.*; \d+ s left")

    def test_an_interrupted_run_ends_without_a_page_and_loses_nothing(self):
        self.assertEqual(self.ends, [(130, False), (-signal.SIGKILL, False)])
        whole = self.store.read_bytes()
        for stored in self.stored:
            self.assertTrue(whole.startswith(stored[:stored.rfind(b"\n") + 1]))
        self.assertGreaterEqual(self.stored[1].count(b"\n"), 8)

    def test_the_same_page_again_without_measuring(self):
        before = self.store.read_bytes()
        code, _, errors = self.world.run(self.out)
        self.assertEqual(code, 0, errors)
        self.assertEqual({name: (self.out / name).read_bytes() for name in OUTPUTS}, self.first)
        self.assertEqual(self.store.read_bytes(), before)
        count = before.count(b"\n")
        self.assertIn(f"{count} of {count} results are there already", errors)

    def test_half_a_line_is_measured_again_to_the_same_sizes(self):
        again = self.world.folder / "again"
        again.mkdir()
        lines = self.store.read_bytes().splitlines(keepends=True)
        (again / "measurements.jsonl").write_bytes(b"".join(lines[:-6]) + lines[-6][:40])
        code, _, errors = self.world.run(again)
        self.assertEqual(code, 0, errors)
        self.assertEqual(without_times(json.loads((again / "report.json").read_text())),
                         without_times(json.loads(self.text("report.json"))))
        self.assertEqual((again / "measurements.jsonl").read_bytes().count(b"\n"), len(lines))

    def test_numbers_are_those_of_the_files(self):
        rows = list(csv.DictReader(self.text("report.csv").splitlines()))
        self.assertEqual(len(rows), 2 * 11)
        for row in rows:
            source = self.world.pictures / row["picture"]
            suffix = {"png": None, "webp": ".webp"}.get(row["configuration"], ".rsd")
            kept = source if suffix is None else self.keep / f"small-{row['picture']}.{row['configuration']}{suffix}"
            size = kept.stat().st_size
            self.assertEqual(int(row["bytes"]), size, row)
            with Image.open(source) as picture:
                width, height = picture.size
            self.assertAlmostEqual(float(row["bpsp"]), 8 * size / (width * height * (1 if "grey" in source.name else 3)), 5)
            if suffix == ".rsd":
                made = self.world.folder / "made.rsd"
                subprocess.run([World.residua, "encode", source, "-o", made, "--force", "--quiet", *row["options"].split(), "--model-file", MODEL], check=True)
                self.assertEqual(made.read_bytes(), kept.read_bytes(), row)
            if not row["configuration"].startswith("q-"):
                for name in ("index.html", "report.md"):
                    self.assertIn(f"{size:,}", self.text(name))

    def test_missing_peers_are_named(self):
        self.assertIn("<dt>Not installed here</dt><dd>FLIF (flif)</dd>", self.text("index.html"))
        self.assertIn("Not installed here: FLIF (flif)", self.text("report.md"))
        self.assertIn("cwebp 1.", self.text("index.html"))

    def test_names_of_files_are_text(self):
        self.assertNotIn("<b>|", self.text("index.html"))
        self.assertIn("&lt;b&gt;|x.png", self.text("index.html"))
        self.assertNotIn("<b>", self.text("report.md"))
        self.assertIn("&lt;b&gt;\\|x.png", self.text("report.md"))
        columns = [line.replace("\\|", "").count("|") for line in self.text("report.md").splitlines() if line.startswith("| ")]
        self.assertGreater(min(columns), 2)

    def test_markdown_has_its_figures(self):
        for name in re.findall(r"\]\((figures/[^)]*)\)", self.text("report.md")):
            self.assertGreater((self.out / name).stat().st_size, 100)
        self.assertIn("figures/figure-4-bpsp.svg", self.text("report.md"))

    def test_a_picture_that_does_not_come_back_fails_loudly(self):
        # One bit of the last sample of what is decoded.
        liar = self.world.tool("liar", 'REAL "$@" || exit\n[ "$1" = decode ] || exit 0\n'
                                       'printf "\\001" | dd of="$4" bs=1 seek=$(($(stat -c %s "$4") - 1)) conv=notrunc 2>/dev/null\n')
        for name in ("dd", "stat"):
            if not (self.world.programs / name).exists():
                (self.world.programs / name).symlink_to(shutil.which(name))
        out = self.world.folder / "liar-out"
        code, _, errors = self.world.run(out, residua=liar, configurations="olm-1")
        self.assertEqual(code, 1)
        self.assertIn("OLM, effort 1 (olm-1) did not give back the pixels", errors)
        self.assertFalse((out / "index.html").exists())
        self.assertEqual(lines_of(out / "measurements.jsonl"), 0)

    def test_pages_show_heat_maps_where_the_tool_draws_them(self):
        explaining = self.world.tool("explaining", f"""
case $1 in
explain) [ "$2" = --help ] && echo "  --heatmap TEXT" && exit
         [ "$3" = --heatmap ] && while read -r line; do echo "$line"; done < '{self.world.folder}/words' && exec cp '{self.world.pictures}/grey.png' "$4" ;;
decode)  [ "$2" = --help ] && echo "  --timing FILE" && exit ;;
esac
exec REAL "$@"
""")
        (self.world.folder / "words").write_text("most bits: <sky>\n")
        if not (self.world.programs / "cp").exists():
            (self.world.programs / "cp").symlink_to(shutil.which("cp"))
        out = self.world.folder / "pages-out"
        code, _, errors = self.world.run(out, "--pages", residua=explaining, configurations="olm-5,rc-plain")
        self.assertEqual(code, 0, errors)
        page = (out / "pages" / "000.html").read_text()
        self.assertIn("<pre>most bits: &lt;sky&gt;</pre>", page)
        self.assertIn("heat map of bits", page)
        self.assertIn("<dt>Q of the lossy layer</dt><dd>", page)
        self.assertIn('<a href="pages/001.html">grey.png</a>', (out / "index.html").read_text())

    def test_in_a_browser(self):
        PageTest(self, self.out / "index.html").all()


if __name__ == "__main__":
    World.residua = Path(sys.argv.pop(1)).resolve()
    unittest.main()
