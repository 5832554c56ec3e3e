"""Tests of eval/reporting that need neither Residua nor a browser: arithmetic, the store, progress, tables, escaping."""

import sys
sys.dont_write_bytecode = True

import environment
if not environment.enter("altair", "numpy", "PIL", "vl_convert"):
    print("skipped: run eval/setup first")
    sys.exit(77)

import contextlib
import io
import struct
import tempfile
import unittest
import zlib
from pathlib import Path

import numpy

from pictures import Failure, Pixels
from reporting import (configurations, content, drawing, html, l3c_sections, markdown, measuring, pixels, progress, rc_sections, results,
                       sizes, store)


class FakePicture:
    def __init__(self, set_name, name):
        self.set, self.name, self.hash, self.width, self.height, self.channels = set_name, name, name, 10, 20, 3
        self.pixels = 200

    def bpsp(self, size):
        return 8 * size / 600


def configuration(name, family="RC", group="ours", model=None):
    return configurations.Configuration(name, f"label of {name}", family, [], group, model)


def results_of(sizes_by_name, **groups):
    """Pictures a and b; sizes_by_name: {configuration's name: (value of a, value of b)}, a value a dictionary or bytes."""
    pictures = [FakePicture("s", "a"), FakePicture("s", "b")]
    values = {(picture.hash, name): value if isinstance(value, dict) else {"bytes": value}
              for name, pair in sizes_by_name.items() for picture, value in zip(pictures, pair)}
    chosen = [configuration(name, group=groups.get(name.replace("-", "_"), "ours"), model=name[6:] if "model-" in name else None)
              for name in sizes_by_name]
    return results.Results(pictures, chosen, values, {}, {})


class StoreTest(unittest.TestCase):
    def test_keeps_results_and_forgets_half_a_line(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "new" / "store.jsonl"
            first = store.Store(path)
            self.assertIsNone(first.find({"a": 1}))
            self.assertEqual(first.add({"a": 1, "b": 2}, {"seconds": 0.1}), {"seconds": 0.1})
            first.add({"a": 2}, {"seconds": 1})
            first.close()
            whole = path.read_bytes()
            path.write_bytes(whole[:-5])
            second = store.Store(path)
            self.assertEqual(second.find({"b": 2, "a": 1}), {"seconds": 0.1})
            self.assertIsNone(second.find({"a": 2}))
            second.add({"a": 2}, {"seconds": 1})
            second.close()
            self.assertEqual(path.read_bytes(), whole)

    def test_damage_and_two_at_once_are_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "store.jsonl"
            first = store.Store(path)
            with self.assertRaisesRegex(Failure, "another run"):
                store.Store(path)
            first.close()
            path.write_bytes(b"{}\n")  # no key
            with self.assertRaisesRegex(Failure, "damaged"):
                store.Store(path)


class ProgressTest(unittest.TestCase):
    def test_time_left_is_learned_for_each_kind(self):
        one = progress.Progress([("slow", 100), ("slow", 300), ("fast", 100)])
        with contextlib.redirect_stderr(io.StringIO()) as said:
            one.start -= 100  # as if this took 100 s
            one.finished("slow", 100, "x")
        self.assertIn("1 of 3: x; 7 min left", said.getvalue())
        with contextlib.redirect_stderr(io.StringIO()) as said:
            one.finished("fast", 100, "y")
        self.assertIn("2 of 3: y; 5 min left", said.getvalue())
        self.assertEqual([progress.duration(seconds) for seconds in (3, 89, 5400, 8000)], ["3 s", "89 s", "1 h 30 min", "2 h 13 min"])


class PixelsTest(unittest.TestCase):
    def test_psnr(self):
        a, b = Pixels(2, 1, 3, bytes(6)), Pixels(2, 1, 3, bytes([1] * 6))
        self.assertIsNone(pixels.psnr(a, a))
        self.assertAlmostEqual(pixels.psnr(a, b), 48.1308, 3)
        self.assertAlmostEqual(pixels.psnr(a, Pixels(2, 1, 1, bytes([1, 1]))), 48.1308, 3)

    def test_residuals_and_how_they_are_shown(self):
        residual = pixels.difference(Pixels(2, 1, 1, bytes([0, 9])), Pixels(2, 1, 1, bytes([3, 9])))
        self.assertEqual(pixels.histogram(residual), {"-3": 3, "0": 3})
        self.assertEqual(pixels.stretched(residual)[0, :, 0].tolist(), [0, 255])
        self.assertEqual(pixels.stretched(numpy.array([[[1, -1, 4]]]), 2).tolist(), [[[191, 64, 255]]])

    def test_crop_is_of_the_middle(self):
        samples = numpy.arange(30).reshape(5, 6, 1)
        self.assertEqual(pixels.crop(samples, 2)[..., 0].tolist(), [[8, 9], [14, 15]])
        self.assertEqual(pixels.crop(samples, 9).shape, (5, 6, 1))


class MeasuringTest(unittest.TestCase):
    INFO = """x.rsd
  picture          768 x 512, RGB
  file             424122 bytes, 2.8763 bits per sub-pixel
  lossy layer      174729 bytes (41.2 %)
  residual         249314 bytes (58.8 %)
  picture, given z 12 bytes (58.8 %)
  tau              15 bytes (0.0 %)
  ICC profile      3144 bytes
  codec            rc, format version 1
  model            ead37a9614dd3fc2 (rc-small)
  lossy layer      Q 9, 10 bits
"""

    def test_what_info_says(self):
        found = measuring.parts_of(self.INFO)
        self.assertEqual(found["parts"], {"lossy layer": 174729, "residual": 249314, "picture, given z": 12, "tau": 15})
        self.assertEqual((found["q"], found["bits"], found["model"], found["model_name"]), (9, 10, "ead37a9614dd3fc2", "rc-small"))
        with self.assertRaises(Failure):
            measuring.parts_of("something else")

    def test_pictures_that_cannot_be_compared_are_named(self):
        def png(depth, colour, *chunks):
            head = struct.pack(">IIBBBBB", 1, 1, depth, colour, 0, 0, 0)
            data = b"\x89PNG\r\n\x1a\n"
            for name, body in [(b"IHDR", head), *chunks, (b"IDAT", b"x")]:
                data += struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
            return data

        for data, reason in ((png(8, 2), None), (png(8, 0), None), (png(1, 3), None), (png(16, 2), "16 bits"),
                             (png(8, 6), "transparency"), (png(8, 3, (b"tRNS", b"\0")), "transparency"), (b"GIF", "not a PNG file")):
            with tempfile.NamedTemporaryFile() as file:
                file.write(data)
                file.flush()
                self.assertEqual(measuring.refusal(file.name), reason)

    def test_stages_of_the_tool(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "timing.json"
            path.write_text('{"bpg": 0.1, "network": 2, "total": 3}\n')
            self.assertEqual(drawing.read_timing(path), {"bpg": 0.1, "network": 2.0})
            with self.assertRaises(Failure):
                drawing.read_timing(path)


class ConfigurationsTest(unittest.TestCase):
    def model(self, name, codec, **fields):
        return configurations.Model(name, "0" * 16, codec, fields)

    def test_models_of_the_papers_bring_their_own(self):
        models = {model.name: model for model in [
            self.model("rc-small", "rc", q_classifier="Q 6 to 12"), self.model("l3c", "l3c"), self.model("l3c-paper", "l3c")]}
        found = {one.name: one for one in configurations.own(models)}
        self.assertEqual(found["model-l3c-paper"].option_text, "--codec l3c --model l3c-paper --adaptation off")
        self.assertIn("--adaptation on", found["model-l3c-paper-adapting"].option_text)
        self.assertEqual([one.name for one in configurations.sweep(configurations.paper_rc(models))], [f"q-{q}" for q in range(6, 13)])
        models["rc-paper"] = self.model("rc-paper", "rc", q_classifier="Q 8 to 14")
        found = {one.name: one for one in configurations.own(models)}
        self.assertIn("--tau off", found["model-rc-paper-notau"].option_text)
        self.assertEqual(configurations.paper_rc(models).name, "rc-paper")

    def test_names_are_unique_and_can_be_chosen(self):
        known = configurations.own({})
        self.assertEqual(len({one.name for one in known}), len(known))
        self.assertEqual([one.name for one in configurations.select(known, ["l3c", "rc-?"])], ["rc-7", "rc-9", "l3c"])
        self.assertEqual(configurations.select(known, []), known)
        with self.assertRaisesRegex(Failure, "nothing is called jpeg.*olm-5"):
            configurations.select(known, ["jpeg"])


class NumbersTest(unittest.TestCase):
    def test_front(self):
        points = [("small", 1, 1), ("fast", 3, 9), ("both worse", 2, 1), ("middle", 2, 5), ("equal", 2, 5)]
        self.assertEqual(results.pareto(points), ["fast", "equal", "small"])

    def test_table_1(self):
        section = sizes.table_1(results_of({"olm-5": (75, 75), "webp": (100, 80)}, webp="peer"))
        self.assertEqual(section.blocks[0].rows, [["label of olm-5", "1.000", ""], ["label of webp", "1.200", "+20.0 %"]])
        self.assertIsInstance(section.blocks[0].rows[0][1], content.Bold)
        self.assertEqual(section.blocks[1].rows[1], ["label of webp", "180", "90"])

    def test_table_2_and_its_forward_passes(self):
        values = {"rc-plain": ({"bytes": 100, "q": 8}, {"bytes": 100, "q": 6}),
                  "rc-plain-notau": ({"bytes": 120, "q": 8}, {"bytes": 104, "q": 6}),
                  "rc-plain-fixed": ({"bytes": 120, "q": 8}, {"bytes": 110, "q": 8})}
        for q, pair in ((6, (200, 104)), (7, (150, 103)), (8, (120, 110)), (9, (110, 120))):
            values[f"q-{q}"] = tuple({"bytes": size, "q": q, "model_name": "m"} for size in pair)
        one = results_of(values, **{f"q_{q}": "sweep" for q in range(6, 10)})
        rows = rc_sections.table_2(one).blocks[0].rows
        self.assertEqual([row[1] for row in rows], ["Optimal Q", "Fixed Q = 8", "Q-classifier", "Q-classifier + tau"])
        self.assertEqual([row[5] for row in rows], ["4", "1", "1", "1"])
        self.assertEqual(rows[0][2], f"{8 * 213 / 2 / 600:.4f}")
        self.assertEqual([row[4] for row in rows], ["100 %", "100 %", "100 %", "100 %"])
        self.assertEqual([row[3] for row in rows], ["", "+7.98 %", "+5.16 %", "\N{MINUS SIGN}6.10 %"])

    def test_learned_z_beside_the_baselines(self):
        groups = {"model_l3c_paper": "model", "model_l3c_rgb": "model", "model_l3c_rgb_shared": "model"}
        one = results_of({"model-l3c-paper": (100, 200), "model-l3c-rgb-shared": (120, 240), "model-l3c-rgb": (110, 230)}, **groups)
        rows = l3c_sections.learned_z(one).blocks[0].rows
        self.assertEqual([row[0] for row in rows], ["learned z", "RGB Shared", "RGB"])
        self.assertEqual([row[3] for row in rows], ["", "+20.0 ± 0.0 %", "+12.5 ± 2.5 %"])
        self.assertIsInstance(l3c_sections.learned_z(results_of({"olm-5": (1, 1)})).blocks[0], content.Text)

    def test_percentages(self):
        self.assertEqual([content.percent(value) for value in (1.26, -3, 0.01, -0.01)], ["+1.3 %", "\N{MINUS SIGN}3.0 %", "0.0 %", "0.0 %"])


class EscapingTest(unittest.TestCase):
    NASTY = "<img src=x onerror=alert(1)>|`*_[a](b)\n</script>&@@bundle@@"

    def report(self):
        table = content.Table(self.NASTY, [self.NASTY, "n"], [[self.NASTY, content.Bold("1")]], links={0: "pages/000.html"})
        return content.Report(self.NASTY, self.NASTY, [content.Section("s", self.NASTY, self.NASTY, [
            table, content.Text(self.NASTY), content.Verbatim(self.NASTY), content.Facts([(self.NASTY, self.NASTY)])])],
            {0: self.NASTY})

    def test_html(self):
        page = html.page(self.report())
        self.assertNotIn("<img", page)
        self.assertEqual(page.count("</script>"), 5)
        self.assertIn('<a href="pages/000.html">&lt;img', page)
        self.assertIn("\\u003c/script\\u003e", page)
        self.assertIn("@@bundle@@", page)

    def test_markdown(self):
        report = self.report()
        report.sections[0].blocks.pop(2)  # output of programs is on pages of pictures alone
        text, files = markdown.document(report)
        self.assertEqual(files, {})
        self.assertNotIn("<img", text)
        row = next(line for line in text.splitlines() if "pages/000.html" in line)
        self.assertEqual(row.replace("\\|", "").count("|"), 3)
        self.assertIn("\\`\\*\\_\\[a\\](b) &lt;/script&gt;&amp;", text)
        self.assertIn("**1**", row)


if __name__ == "__main__":
    unittest.main()
