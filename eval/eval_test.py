"""Tests of eval/ that need neither Residua nor the other codecs: pixels, tables, sets, the results' block."""

import sys
sys.dont_write_bytecode = True

import argparse
import contextlib
import io
import subprocess
import tempfile
import unittest
import unittest.mock
from importlib.machinery import SourceFileLoader
from pathlib import Path

import paper_mode
import tables
from lossless import Cache, add_residua_arguments, residua_options
from pictures import Failure, Pixels, named_sets, parse_pnm, read_pixels
from processes import measured


def script(name, *arguments):
    """A script of eval/ as a module, called with these arguments."""
    sys.argv = [name, *map(str, arguments)]
    return SourceFileLoader(name.replace("-", "_"), str(Path(__file__).parent / name)).load_module()


def row(set_name, **sizes):
    return tables.Row(set_name, "a.png", 10, 20, 3, sizes)


class PixelsTest(unittest.TestCase):
    def test_header_with_comments(self):
        pixels = parse_pnm(b"P6 # a comment\n2 # another\n1\n255\nabcdef")
        self.assertEqual((pixels.width, pixels.height, pixels.channels), (2, 1, 3))
        self.assertEqual(pixels.samples, b"abcdef")

    def test_round_trip(self):
        pixels = Pixels(2, 2, 3, bytes(range(12)))
        self.assertEqual(parse_pnm(pixels.to_pnm()).digest(), pixels.digest())

    def test_one_changed_sample_changes_the_digest(self):
        pixels, other = Pixels(2, 2, 3, bytes(12)), Pixels(2, 2, 3, bytes(11) + b"\1")
        self.assertNotEqual(pixels.digest(), other.digest())

    def test_turned_picture_differs(self):
        self.assertNotEqual(Pixels(2, 1, 3, bytes(6)).digest(), Pixels(1, 2, 3, bytes(6)).digest())

    def test_grey_equals_its_rgb_form(self):
        self.assertEqual(Pixels(2, 1, 1, b"\x05\x09").digest(), Pixels(2, 1, 3, b"\x05\x05\x05\x09\x09\x09").digest())

    def test_short_and_deep_pictures_are_refused(self):
        for data in (b"P6\n2 2\n255\nabc", b"P6\n1 1\n65535\nabcdef", b"P4\n8 1\n\0", b"P6\n1"):
            with self.assertRaises(Failure):
                parse_pnm(data)

    def test_unknown_suffix_is_refused(self):
        with self.assertRaises(Failure):
            read_pixels("picture.xyz")


class TablesTest(unittest.TestCase):
    def test_bpsp_counts_the_whole_file(self):
        self.assertAlmostEqual(row("s", residua=300).bpsp("residua"), 8 * 300 / (3 * 10 * 20))

    def test_mean_is_over_pictures_of_the_set(self):
        means = tables.means([row("a", residua=100, png=200), row("a", residua=300, png=400), row("b", residua=5, png=6)])
        self.assertEqual([mean.set for mean in means], ["a", "b"])
        self.assertAlmostEqual(means[0].bpsp("residua"), 8 * 200 / 600)
        self.assertAlmostEqual(tables.percent_smaller(means[0], "png"), 100 / 3)

    def test_markdown_marks_the_smallest_and_signs_percentages(self):
        text = tables.markdown_means(tables.means([row("a", residua=90, png=120, webp=75)]))
        self.assertIn("| **1.000** |", text)
        self.assertIn("−25.0 %", text)
        self.assertIn("+20.0 %", text)

    def test_tsv_has_one_line_per_picture(self):
        lines = tables.tsv([row("a", residua=90, png=120)]).splitlines()
        self.assertEqual(lines[0].split("\t")[-4:], ["residua_bytes", "png_bytes", "residua_bpsp", "png_bpsp"])
        self.assertEqual(lines[1].split("\t")[-4:], ["90", "120", "1.2000", "1.6000"])

    def test_results_block_is_replaced_alone(self):
        with tempfile.TemporaryDirectory() as folder:
            results = Path(folder) / "results.md"
            results.write_text("head\n<!-- results:begin -->\nold\n<!-- results:end -->\ntail\n")
            tables.fill_results(results, "new\n")
            self.assertEqual(results.read_text(),
                             "head\n<!-- results:begin -->\nnew\n<!-- results:end -->\ntail\n")
            results.write_text("no marks\n")
            with self.assertRaises(Failure):
                tables.fill_results(results, "new\n")


class SetsTest(unittest.TestCase):
    def test_folder_name_and_prefix(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in ("x_1.png", "x_2.png", "y_1.png", "x_1.txt"):
                (Path(folder) / name).touch()
            sets = named_sets([folder, f"mine={folder}/x_"])
            self.assertEqual([path.name for path in sets["mine"]], ["x_1.png", "x_2.png"])
            self.assertEqual(len(sets[Path(folder).name]), 3)
            with self.assertRaises(Failure):
                named_sets([f"{folder}/z_"])
            with self.assertRaises(Failure):
                named_sets([folder, folder])


class CacheTest(unittest.TestCase):
    def test_measures_a_picture_once_per_version(self):
        class CountingPeer:
            name, calls = "peer", 0

            def measure(self, path, pixels):
                self.calls += 1
                return 42

        with tempfile.TemporaryDirectory() as folder:
            picture = Path(folder) / "a.png"
            picture.write_bytes(b"one")
            peer, cache = CountingPeer(), Cache(Path(folder) / "cache")
            self.assertEqual([cache.measure(peer, "1.0", picture, None) for _ in range(2)], [42, 42])
            self.assertEqual(peer.calls, 1)
            cache.measure(peer, "1.1", picture, None)
            picture.write_bytes(b"two")
            cache.measure(peer, "1.1", picture, None)
            self.assertEqual(peer.calls, 3)


class ProcessesTest(unittest.TestCase):
    def test_an_interruption_stays_one_when_the_program_has_just_ended(self):
        def interrupted(process):
            process.wait()
            raise KeyboardInterrupt

        with unittest.mock.patch.object(subprocess.Popen, "communicate", interrupted):
            with self.assertRaises(KeyboardInterrupt):
                measured(["true"])


class OptionsTest(unittest.TestCase):
    def parse(self, *arguments):
        parser = argparse.ArgumentParser()
        add_residua_arguments(parser)
        with contextlib.redirect_stderr(io.StringIO()):
            return residua_options(parser.parse_args(arguments))

    def test_nothing_given_leaves_all_to_the_tool(self):
        self.assertEqual(self.parse(), ([], []))

    def test_the_decoder_gets_the_model_file_alone(self):
        encode, both = self.parse("--codec", "l3c", "--model", "m", "--effort", "3", "--model-file", "m.rsm")
        self.assertEqual(encode, ["--codec", "l3c", "--effort", "3", "--model", "m"])
        self.assertEqual(both, ["--model-file", "m.rsm"])

    def test_unknown_codecs_are_refused(self):
        with self.assertRaises(SystemExit):
            self.parse("--codec", "jpeg")

    def test_every_script_passes_them_on(self):
        both = ["--model-file", "m.rsm"]
        given = ["--residua", sys.executable, "--codec", "l3c", *both]

        def words(command):
            return " ".join(map(str, command))

        compare = script("compare", *given)
        residua = compare.make_residua(compare.parse_arguments())
        self.assertEqual((residua.encode_options, residua.options), (["--codec", "l3c"], both))
        speed = script("speed", *given)
        jobs = dict(speed.jobs_for(Path("p.png"), Path("out"), speed.parse_arguments()))
        memory = script("memory", *given)
        commands = memory.commands("p.png", "p.rsd", "b.png", memory.parse_arguments())
        for command in (jobs["Residua encode"], commands["encode"]):
            self.assertIn(" --codec l3c", words(command))
            self.assertIn(" --model-file m.rsm", words(command))
        for command in (jobs["Residua decode"], commands["decode"]):
            self.assertNotIn("--codec", words(command))
            self.assertIn(" --model-file m.rsm", words(command))

    def test_memory_of_pictures_of_any_size(self):
        memory = script("memory")
        self.assertEqual(memory.size_in_tiles(12), (8, 6))
        for megapixels in (0.1, 1, 47, 100):
            columns, rows = memory.size_in_tiles(megapixels)
            self.assertGreaterEqual(columns * rows * memory.TILE**2, megapixels * 1e6)
        tiles = [memory.noise_tile(1), memory.noise_tile(2)]
        picture = b"".join(memory.stitched(tiles, 3, 2))
        self.assertEqual(len(picture), len(b"P6\n1500 1000\n255\n") + 3 * 6 * memory.TILE**2)
        self.assertEqual(picture[-3 * memory.TILE:], tiles[1][-1])
        self.assertEqual(memory.parse_arguments().limit, 300)
        self.assertEqual(script("memory", "--codec", "rc").parse_arguments().limit, 600)
        self.assertEqual(script("memory", "--codec", "rc", "--limit", "5").parse_arguments().limit, 5)

    def test_speed_of_several_efforts(self):
        speed = script("speed", "--efforts", "1,5", "--slow")
        jobs = speed.jobs_for(Path("p.png"), Path("out"), speed.parse_arguments())
        labels = [label for label, _ in jobs]
        self.assertEqual(labels[:4], ["Residua --effort 1 encode", "Residua --effort 1 decode",
                                      "Residua --effort 5 encode", "Residua --effort 5 decode"])
        self.assertIn("--effort 5", " ".join(map(str, jobs[2][1])))
        self.assertLess(labels.index("JPEG XL encode (-e 9)"), labels.index("JPEG XL decode (-e 9)"))


class CurveTest(unittest.TestCase):
    def test_reads_a_log_and_smooths_it(self):
        curve = script("training-curve")
        log = ['{"event":"start","command":"x"}', '{"event":"train","step":20,"residual_bpsp":2.0}',
               '{"event":"validation","step":20,"bpsp":3.5,"residual_bpsp":1.9}',
               '{"event":"train","step":40,"residual_bpsp":1.0}', '{"event":"train","step":60,"residual_bpsp":0.5}']
        training, validation = curve.read_curves(log)
        self.assertEqual(validation, [(20, 3.5)])
        self.assertEqual(list(training), ["residual_bpsp"])
        self.assertEqual(curve.smooth(training["residual_bpsp"], 2), [(20, 2.0), (40, 1.5), (60, 0.75)])
        told = curve.gnuplot_script(training, validation, "c.png")
        self.assertIn("title 'training crops, residual'", told)
        self.assertIn("axes x1y2", told)  # the lossy layer is in validation alone
        self.assertTrue(told.endswith("20 2.0\n40 1.5\n60 %s\ne\n20 3.5\ne\n" % (3.5 / 3)))

    def test_all_scales_of_l3c(self):
        curve = script("training-curve")
        training, validation = curve.read_curves([
            '{"event":"train","step":20,"learning_rate":0.1,"z1_bpsp":0.5,"z3_bpsp":0.1,"z2_bpsp":0.2,"x_bpsp":3.0,"bpsp":3.8}',
            '{"event":"validation","step":20,"z1_bpsp":0.4,"z2_bpsp":0.2,"z3_bpsp":0.1,"x_bpsp":2.9,"bpsp":3.6}'])
        self.assertEqual(list(training), ["bpsp", "x_bpsp", "z1_bpsp", "z2_bpsp", "z3_bpsp"])
        self.assertEqual(training["z3_bpsp"], [(20, 0.1)])
        self.assertEqual(validation, [(20, 3.6)])
        told = curve.gnuplot_script(training, validation, "c.png")
        for title in ["all", "picture", "z1", "z2", "z3"]:
            self.assertIn(f"title 'training crops, {title}'", told)
        self.assertNotIn("y2", told)


class AblationTest(unittest.TestCase):
    # Stands for residua-train: keeps what it is told, and makes a "model".
    TRAINER = """#!/bin/sh
echo "$@" >> "$(dirname "$0")/calls"
case $1 in
rc) mkdir -p "$5" && touch "$5/checkpoint.safetensors" ;;
export) touch "$5" ;;
evaluate) printf 'picture float real excess file\\nmean 2.5 2.6 +4.00%% %s\\n' "${9:-3.25}" ;;
esac
"""

    def ablation(self, folder, study, *more):
        trainer = Path(folder) / "trainer"
        trainer.write_text(self.TRAINER)
        trainer.chmod(0o755)
        with contextlib.redirect_stdout(io.StringIO()):
            script("ablation", study, "--shards", "s", "--test", "t", "--out", f"{folder}/runs", "--trainer", trainer,
                   *more).main()
        return (Path(folder) / "runs" / f"{study}.md").read_text(), (Path(folder) / "calls").read_text().splitlines()

    def test_trains_exports_and_measures_each_variant(self):
        with tempfile.TemporaryDirectory() as folder:
            text, calls = self.ablation(folder, "gdn", "--steps", 7)
            self.assertIn("| without GDN | 3.2500 |", text)
            self.assertEqual([call.split()[0] for call in calls], ["rc", "export", "evaluate"] * 2)
            self.assertIn("--steps 7", calls[0])
            self.assertIn("--preset rc-small-no-gdn", calls[3])

    def test_all_variants_of_a_study_have_the_seed(self):
        with tempfile.TemporaryDirectory() as folder:
            _, calls = self.ablation(folder, "gdn", "--seed", 5)
            self.assertEqual(sum(call.startswith("rc ") and "--seed 5" in call for call in calls), 2)

    def test_fixed_and_random_q_are_measured_at_several(self):
        with tempfile.TemporaryDirectory() as folder:
            text, calls = self.ablation(folder, "q")
            self.assertIn("| Q random, 7 to 12 | 7.0000 | 9.0000 | 11.0000 |", text)
            self.assertIn("--train-q-low 10 --train-q-high 10", calls[0])

    def test_crops_have_the_same_pixels_and_what_is_done_is_not_done_again(self):
        with tempfile.TemporaryDirectory() as folder:
            _, calls = self.ablation(folder, "crop")
            for side, batch in ((32, 64), (64, 16), (128, 4)):
                self.assertTrue(any(f"--crop {side} --batch {batch}" in call for call in calls))
            (Path(folder) / "runs" / "crop64" / "crop64.rsm").unlink()
            (Path(folder) / "calls").unlink()
            _, calls = self.ablation(folder, "crop")
            self.assertEqual([call.split()[0] for call in calls], ["evaluate", "rc", "export", "evaluate", "evaluate"])
            self.assertIn("--resume", calls[1])


class QTableTest(unittest.TestCase):
    # Stands for residua: files are smallest at Q 8 and a byte smaller with tau; the classifier says 7 to everything.
    TOOL = """#!/bin/sh
echo "$@" >> "$(dirname "$0")/calls"
q=9
while [ $# -gt 1 ]; do
  case $1 in
  info) sed 's/x//g' "$2"; exit ;;
  -o) out=$2 ;;
  --lossy-q) case $2 in auto) q=7 ;; default) q=9 ;; *) q=$2 ;; esac ;;
  esac
  shift
done
printf '  lossy layer Q %s, 10 bits\\n  model  0123456789abcdef (a)\\n' $q > "$out"
i=$(( (q - 8) * (q - 8) * 10 )); while [ $i -gt 0 ]; do printf x >> "$out"; i=$((i - 1)); done
"""

    def table(self, folder, *more):
        tool = Path(folder) / "tool"
        if not tool.exists():
            tool.write_text(self.TOOL)
            tool.chmod(0o755)
            (Path(folder) / "a.ppm").write_bytes(Pixels(10, 10, 3, bytes(300)).to_pnm())
        with contextlib.redirect_stdout(io.StringIO()):
            module = script("q-table", "--residua", tool, "--out", folder, "--cache", f"{folder}/cache", "--jobs", 1, *more)
            module.named_sets = lambda _: {"set": [Path(folder) / "a.ppm"]}
            module.main()
        return (Path(folder) / "q-table.md").read_text()

    def test_the_papers_table(self):
        with tempfile.TemporaryDirectory() as folder:
            text = self.table(folder)
            size = len("  lossy layer Q 8, 10 bits\n  model  0123456789abcdef (a)\n")
            best, off = (f"{8 * bytes_ / 300:.4f}" for bytes_ in (size, size + 10))
            self.assertIn(f"| set (1 pictures) | {best} | {off} | {off} | {off} | 0 % | 100 % |", text)
            self.assertIn("Model 0123456789abcdef", text)
            self.assertIn(f"**{size}**", text)

    def test_what_is_measured_is_not_measured_again(self):
        with tempfile.TemporaryDirectory() as folder:
            first = self.table(folder)
            calls = (Path(folder) / "calls").read_text().count("encode")
            self.assertEqual(calls, 1 + 7 + 1)
            self.assertEqual(self.table(folder), first)
            self.assertEqual((Path(folder) / "calls").read_text().count("encode"), calls + 1)

    def test_all_files_are_without_adaptation(self):
        with tempfile.TemporaryDirectory() as folder:
            self.table(folder, "--model", "m")
            for call in (Path(folder) / "calls").read_text().splitlines():
                self.assertIn(" --adaptation off" if call.startswith("encode") else "info", call)

    def test_a_model_file_needs_the_name_of_its_model(self):
        with tempfile.TemporaryDirectory() as folder:
            with self.assertRaises(Failure):
                self.table(folder, "--model-file", "m.rsm")
            self.assertIn("Model", self.table(folder, "--model-file", "m.rsm", "--model", "m"))

    def test_the_models_q_and_the_classifiers_must_be_in_the_range(self):
        with tempfile.TemporaryDirectory() as folder:
            for low_high in ("10-12", "8-9"):
                with self.assertRaises(Failure):
                    self.table(folder, "--range", low_high)


class PartsTest(unittest.TestCase):
    # Stands for residua: files have 100 bytes, one byte less with the classifier and two less with tau.
    TOOL = """#!/bin/sh
echo "$@" >> "$(dirname "$0")/calls"
[ $1 = encode ] || exit ${FAILS:-0}
size=100
while [ $# -gt 1 ]; do
  case "$1 $2" in
  "-o "*) out=$2 ;;
  "--lossy-q auto") size=$((size - 1)) ;;
  "--tau on") size=$((size - 2)) ;;
  esac
  shift
done
head -c $size /dev/zero > "$out"
"""

    def parts(self, folder, *more):
        tool = Path(folder) / "tool"
        tool.write_text(self.TOOL)
        tool.chmod(0o755)
        (Path(folder) / "a.ppm").write_bytes(Pixels(10, 10, 3, bytes(300)).to_pnm())
        module = script("parts", "--residua", tool, *more)
        module.named_sets = lambda _: {"set": [Path(folder) / "a.ppm"]}
        output = io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(io.StringIO()):
            module.main()
        return output.getvalue()

    def test_each_part_beside_the_first(self):
        with tempfile.TemporaryDirectory() as folder:
            text = self.parts(folder, "--model", "m")
            self.assertIn("| | set (1), bpsp | against the first |", text)
            self.assertIn("| 10 bits, the model's Q | 2.6667 |  |", text)
            self.assertIn("| 10 bits, the classifier's Q | 2.6400 | −1.00 % |", text)
            self.assertIn("| 10 bits, the classifier's Q, tau | 2.5867 | −3.00 % |", text)
            for call in (Path(folder) / "calls").read_text().splitlines():
                self.assertIn("--codec rc --model m" if call.startswith("encode") else "a.ppm", call)

    def test_rows_are_of_one_model_and_rc_coarse_is_named(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertNotIn("rc-coarse", self.parts(folder, "--model", "m"))
            (Path(folder) / "calls").unlink()
            rows = self.parts(folder).splitlines()[2:]
            calls = [call for call in (Path(folder) / "calls").read_text().splitlines() if call.startswith("encode")]
            self.assertEqual(len(calls), len(rows))
            for row, call in zip(rows, calls):
                self.assertIn("--model rc-small", call)
                self.assertEqual(row.startswith("| rc-coarse, "), "--model rc-coarse" in call)
                self.assertIn("--adaptation " + ("on" if "adaptation" in row else "off"), call)

    def test_a_model_file_needs_the_name_of_its_model(self):
        with tempfile.TemporaryDirectory() as folder, self.assertRaises(Failure):
            self.parts(folder, "--model-file", "m.rsm")

    def test_a_file_that_does_not_come_back_is_a_failure(self):
        with tempfile.TemporaryDirectory() as folder, unittest.mock.patch.dict("os.environ", FAILS="4"):
            with self.assertRaises(Failure):
                self.parts(folder)

    def test_another_codec_is_refused(self):
        with tempfile.TemporaryDirectory() as folder, self.assertRaises(Failure):
            self.parts(folder, "--codec", "olm")


class PaperModeTest(unittest.TestCase):
    """eval/compare --paper."""

    def means(self, **bpsp):
        rows = [tables.Row(name, "a.png", 10, 10, 3, {codec: 300 / 8 * value for codec, value in values.items()})
                for name, values in bpsp.items()]
        return tables.means(rows)

    def missed(self, adapting=False, **bpsp):
        return [text for text, met in paper_mode.bars(self.means(**bpsp), adapting) if not met]

    def test_bars_are_those_of_the_papers(self):
        oi = {"rc": 2.4, "l3c": 2.8, "png": 3.5, "webp": 2.6}
        self.assertEqual(self.missed(oi=oi, kodak={**oi, "rc": 2.7}), [])
        self.assertEqual(self.missed(oi={**oi, "l3c": 2.9}), ["oi: L3C at most 10 % above WebP"])
        self.assertEqual(self.missed(oi={**oi, "rc": 2.7}), ["oi: RC below WebP"])
        self.assertEqual(self.missed(sun={**oi, "rc": 2.81}), ["sun: RC below L3C"])
        self.assertEqual(self.missed(sun={**oi, "l3c": 3.5}), ["sun: L3C below PNG"])

    def test_with_adaptation_both_are_to_be_below_webp(self):
        oi = {"rc": 2.4, "l3c": 2.8, "png": 3.5, "webp": 2.6}
        self.assertEqual(self.missed(True, oi=oi, kodak=oi), ["oi: L3C below WebP"])
        self.assertEqual(self.missed(True, clic25={**oi, "l3c": 2.5}), [])

    def test_the_table_has_both_codecs_and_differences(self):
        text = paper_mode.markdown(self.means(oi={"rc": 2.0, "l3c": 3.0, "png": 4.0, "webp": 2.5}))
        self.assertIn("| oi (1 pictures) | 2.000 | 3.000 | 4.000 | 2.500 | −50.0 % | −20.0 % | −25.0 % | +20.0 % |", text)

    def test_models_by_name(self):
        self.assertEqual(paper_mode.parse_models(""), {"rc": "rc-paper", "l3c": "l3c-paper"})
        self.assertEqual(paper_mode.parse_models("l3c=mine"), {"rc": "rc-paper", "l3c": "mine"})
        for wrong in ("olm=x", "rc", "rc=", "mine,"):
            with self.assertRaises(Failure):
                paper_mode.parse_models(wrong)

    def test_other_bars_do_not_mix(self):
        for wrong in (["--paper", "--codec", "rc"], ["--adaptation", "on"], ["--paper", "--below-webp", "oi"]):
            with self.assertRaises(Failure):
                script("compare", *wrong).main()


if __name__ == "__main__":
    unittest.main()
