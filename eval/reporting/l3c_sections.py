"""Sections on L3C: bits per scale, learned z against pyramids of RGB, its sampling; and on runtime by stage."""

import re
import statistics

from . import charts, papers
from .content import Chart, Gallery, Section, Table, Text, percent
from .rc_sections import missing
from .sizes import by_column, set_columns


def scale_parts(parts):
    """Names of the parts of an L3C file, the coarsest scale first."""
    scales = sorted((name for name in parts if re.fullmatch(r"z\d+", name)), key=lambda name: -int(name[1:]))
    return [*scales, "picture, given z"]


def bits_per_scale(results):
    title, name = "L3C: bits per scale", "scales"
    reading = ("What each scale takes of a file, as mean bits per sub-pixel of the picture, from the coarsest to the picture "
               "itself, which is coded last, given all scales.")
    codecs = [one for one in results.shown() if one.family == "L3C"]
    if not codecs:
        return Section(name, title, reading, missing("l3c or l3c-plain"))
    rows, table, all_parts = [], [], []
    for one in codecs:
        for set_name in results.sets:
            pictures = results.of_set(set_name)
            parts = scale_parts(results.value(pictures[0], one.name)["parts"])
            all_parts = parts if len(parts) > len(all_parts) else all_parts
            means = {part: sum(picture.bpsp(results.value(picture, one.name)["parts"].get(part, 0)) for picture in pictures)
                     / len(pictures) for part in parts}
            short = one.label.replace(", as the paper codes", ", plain")
            rows += [{"bar": f"{short}: {set_name}", "part": part, "bpsp": mean, "order": index}
                     for index, (part, mean) in enumerate(means.items())]
            table.append((one.label, set_name, means))
    cells = [[label, set_name] + [f"{means[part]:.4f}" if part in means else "" for part in all_parts]
             for label, set_name, means in table]
    return Section(name, title, reading, [
        Chart("bits-per-scale", "Bits per scale", charts.bits_per_scale(rows, all_parts),
              "The picture, given z, takes most of each file."),
        Table("Mean bits per sub-pixel", ["codec", "set", *all_parts], cells, words=2)])


VARIANTS = [("learned z", r"l3c-paper"), ("RGB Shared", r"l3c-rgb-shared"), ("RGB", r"l3c-rgb(?!-shared)")]


def learned_z(results):
    title, name = "L3C: learned z against RGB and RGB Shared", "learned-z"
    reading = ("The L3C paper's central claim: scales that an encoder has learned (z) make smaller files than pictures that are "
               "halved (RGB, or RGB Shared with one predictor for all scales). Fair only between models that have seen equally "
               "many pixels. ± is the standard error of the mean difference over the pictures.")
    found = []
    for label, pattern in VARIANTS:
        match = next((one for one in results.shown() if one.group == "model" and one.model and one.name == f"model-{one.model}"
                      and re.match(pattern, one.model)), None)
        if match:
            found.append((label, match))
    if len(found) < 2:
        return Section(name, title, reading, [Text(
            "Left out: it needs models whose names begin with l3c-paper, l3c-rgb and l3c-rgb-shared (--model-file).")])
    base = found[0][1]
    titles, columns = ["", "model"], [[label for label, _ in found], [one.model for _, one in found]]
    for column, set_name in set_columns(results):
        titles += [f"{column}, bpsp", f"against {found[0][0]}"]
        columns.append([f"{results.mean_bpsp(one.name, set_name):.4f}" for _, one in found])
        columns.append(["" if one is base else with_error(results, one, base, set_name) for _, one in found])
    return Section(name, title, reading, [Table("Without adaptation", titles, by_column(columns), words=2)])


def with_error(results, one, base, set_name):
    differences = [100 * (results.bpsp(picture, one.name) / results.bpsp(picture, base.name) - 1)
                   for picture in results.of_set(set_name)]
    text = percent(statistics.mean(differences))
    if len(differences) > 1:
        text = f"{text[:-2]} ± {statistics.stdev(differences) / len(differences) ** 0.5:.1f} %"
    return text


def sampling(results):
    title, name = "L3C: pictures drawn from fewer and fewer scales", "l3c-samples"
    reading = ("The middle of a picture, and what the model draws when only some scales are known: all of them, all but the "
               "finest, and so on. Below each is how much of the file is kept.")
    blocks = []
    for index, (picture, value) in enumerate(results.drawings("l3c-steps")):
        images = [(f"picture, {picture.bpsp(value['bytes']):.2f} bpsp", value["x"])]
        images += [(f"{step['kept']} scale{'s' if step['kept'] != 1 else ''} kept, {picture.bpsp(step['bytes']):.3f} bpsp",
                    step["image"]) for step in value["steps"]]
        blocks.append(Gallery(f"l3c-samples-{index}", f"{picture.set}/{picture.name}", images))
    return Section(name, title, reading, blocks or missing("l3c-plain or l3c"))


def told(parts):
    return ", ".join(f"{stage} {1000 * seconds:.3g}" for stage, seconds in parts if stage != "whole")


def runtime(results, timed, threads, stages_known):
    """timed: [(label, drawing's name)]"""
    title, name = "Runtime for 512×512", "runtime"
    reading = (f"Milliseconds to encode and decode the middle 512×512 of a picture here, on {threads} thread"
               f"{'s' if threads > 1 else ''} of this machine's processor, beside what the papers report for a GPU (NVidia Titan XP) "
               "and, of FLIF and WebP, for their processor. Shorter is faster. Ours are medians of three runs and of whole "
               "processes, start and files included. Encoding includes its proof.")
    rows, table, present = [], [], []
    for label, drawing in timed:
        values = [value for _, value in results.drawings(drawing)]
        for what in ("encode", "decode"):
            if not values:
                continue
            stages = {stage: statistics.median(value[what].get(stage, 0) for value in values)
                      for stage in dict.fromkeys(stage for value in values for stage in value[what])}
            whole = stages.pop("whole")
            parts = [(papers.STAGES.get(stage, stage), seconds) for stage, seconds in stages.items()]
            parts = [*parts, ("other", max(0, whole - sum(stages.values())))] if parts else [("whole", whole)]
            rows += [{"bar": f"{label}: {what}", "stage": stage, "ms": 1000 * seconds} for stage, seconds in parts]
            table.append([label, what, f"{1000 * whole:.0f}", told(parts)])
    for label, what, stage, seconds in papers.RUNTIME:
        rows.append({"bar": f"{label}: {what}", "stage": stage, "ms": 1000 * seconds})
    for label, what in dict.fromkeys((label, what) for label, what, _, _ in papers.RUNTIME):
        parts = [(stage, seconds) for one, action, stage, seconds in papers.RUNTIME if (one, action) == (label, what)]
        whole = sum(seconds for _, seconds in parts)
        table.append([label, what, f"{1000 * whole:.0f}" if label != "RC, paper (GPU)" or what == "decode" else "",
                      told(parts)])
    order = ["BPG", "network", "entropy coder", "Q-classifier", "tau", "other", "whole"]
    present = [stage for stage in order if any(row["stage"] == stage for row in rows)]
    present += sorted({row["stage"] for row in rows} - set(order))
    for row in rows:
        row["order"] = present.index(row["stage"])
    blocks = [Chart("runtime", "Runtime by stage", charts.runtime(rows, present), "In numbers below."),
              Table("Milliseconds", ["codec", "", "whole", "stages"], table, words=2, notes=1)]
    if not any(results.drawings(drawing) for _, drawing in timed):
        blocks.append(Text("Ours are not here: no picture has 512×512 pixels, or no codec of ours was measured."))
    elif not stages_known:
        blocks.append(Text("This build of residua does not tell its stages apart (no --timing): ours are whole times."))
    return Section(name, title, reading, blocks)
