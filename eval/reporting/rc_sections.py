"""Sections with the RC paper's Figures 2, 4 and 5, its Table 2, and PSNR of x_l by Q."""

from . import charts, papers
from .content import Chart, Gallery, Section, Table, Text, percent, signed


def missing(names):
    return [Text(f"Left out: it needs the configurations {names}, which were not measured.")]


def figure_4(results):
    title, name = "Figure 4 of RC: every picture, sorted", "every"
    reading = ("Each picture is a column, sorted by its size as RC, as the paper codes; smaller is better. “x_l only” is what "
               "the lossy picture inside takes, and the lower chart its share of the file. Hover or tap a point to see "
               "the picture.")
    ours = results.paper_rc()
    if ours is None:
        return Section(name, title, reading, missing("rc-plain"))
    order = sorted(results.pictures, key=lambda picture: (results.bpsp(picture, ours.name), picture.set, picture.name))
    flif = next((one for one in ("flif", "jxl-9", "jxl-7") if results.has(one)), None)
    others = [one for one in results.shown() if one.name in ("png", flif, results.reference().name) and one is not ours]
    rows, shares = [], []
    for rank, picture in enumerate(order, start=1):
        value = results.value(picture, ours.name)
        common = {"rank": rank, "picture": picture.name, "set": picture.set, "thumb": results.pictures.index(picture)}
        lossy = value["parts"].get("lossy layer", 0)
        for series, size in [(ours, value["bytes"]), (None, lossy)] + [
                (one, results.value(picture, one.name)["bytes"]) for one in others]:
            rows.append({**common, "family": series.family if series else "x_l only", "bytes": size, "bpsp": picture.bpsp(size),
                         "series": series.label if series else "x_l only"})
        shares.append({**common, "share": 100 * lossy / value["bytes"], "q": value.get("q")})
    mean = sum(row["share"] for row in shares) / len(shares)
    rules = [{"of": "here", "share": mean, "text": f"mean {mean:.0f} % (in the paper {papers.LOSSY_SHARE} %)"}]
    labels = {one.family: one.label for one in [ours, *others]}
    note = [] if flif == "flif" else [Text("FLIF is not here" + ("." if flif is None else "; JPEG XL stands in its place."))]
    return Section(name, title, reading, [
        Chart("figure-4-bpsp", "Bits per sub-pixel of every picture", charts.sorted_pictures(rows, labels),
              f"{len(order)} pictures from {rows[0]['bpsp']:.2f} to {results.bpsp(order[-1], ours.name):.2f} bpsp as RC."),
        Chart("figure-4-share", "Share of x_l in the file", charts.lossy_share(shares, rules),
              f"On average {mean:.0f} % of a file is x_l.")] + note)


def table_2(results):
    title, name = "Table 2 of RC: Q-classifier and tau", "q"
    reading = ("What choosing Q for each picture, and tau, bring. “Optimal Q” encodes with every Q that the classifier may "
               "choose and keeps the smallest file; ± 1 is the share of pictures whose Q is at most one away from that. The "
               "last column is how often the network has to look at the picture to find Q.")
    sweep = results.sweep()
    base = results.paper_rc().name if results.paper_rc() else ""
    setups = [(label, base + suffix) for label, suffix in (("Fixed Q", "-fixed"), ("Q-classifier", "-notau"),
                                                           ("Q-classifier + tau", "")) if results.has(base + suffix)]
    if not sweep or not setups:
        return Section(name, title, reading, missing("q-*, rc-plain, rc-plain-notau and rc-plain-fixed"))
    rows = []
    for set_name in results.sets:
        pictures = results.of_set(set_name)
        best = {picture.hash: min(sweep, key=lambda one: results.value(picture, one.name)["bytes"]) for picture in pictures}
        optimal = sum(results.bpsp(picture, best[picture.hash].name) for picture in pictures) / len(pictures)
        rows.append([set_name, "Optimal Q", f"{optimal:.4f}", "", "100 %", str(len(sweep))])
        for label, one in setups:
            mean = results.mean_bpsp(one, set_name)
            chosen = [results.value(picture, one)["q"] for picture in pictures]
            near = sum(abs(q - results.value(picture, best[picture.hash].name)["q"]) <= 1
                       for q, picture in zip(chosen, pictures))
            shown = f"Fixed Q = {chosen[0]}" if label == "Fixed Q" else label
            rows.append([set_name, shown, f"{mean:.4f}", percent(100 * (mean / optimal - 1), 2),
                         f"{100 * near / len(pictures):.0f} %", "1"])
    columns = ["set", "setup", "mean bpsp", "against optimal Q", "± 1 of the best Q", "forward passes"]
    paper = [[set_name, label, f"{value:.3f}", percent(100 * (value / lines[0][1] - 1), 2), f"{near:.1f} %", passes]
             for set_name, lines in papers.TABLE_2.items() for label, value, near, passes in lines]
    return Section(name, title, reading, [
        Table(f"Real files of model {results.value(results.pictures[0], sweep[0].name)['model_name']}, without adaptation",
              columns, rows, words=2),
        Table("The RC paper's Table 2, of other pictures (its Q is 3 more than ours)", columns, paper, words=2, folded=True)])


def psnr_by_q(results):
    title, name = "PSNR of x_l by Q", "psnr"
    reading = ("How near the lossy picture inside comes to the picture, in decibels, for each Q: more is nearer. One point is "
               "the mean of a set.")
    rows = []
    for one in results.sweep():
        for set_name in results.sets:
            values = [results.value(picture, one.name) for picture in results.of_set(set_name)]
            known = [value["psnr"] for value in values if value.get("psnr") is not None]
            if known:
                rows.append({"q": values[0]["q"], "set": set_name, "psnr": sum(known) / len(known),
                             "bpsp": results.mean_bpsp(one.name, set_name)})
    if not rows:
        return Section(name, title, reading, missing("q-*"))
    qualities = sorted({row["q"] for row in rows})
    cells = {(row["q"], row["set"]): row["psnr"] for row in rows}
    table = [[set_name] + [f"{cells[q, set_name]:.2f}" if (q, set_name) in cells else "" for q in qualities]
             for set_name in results.sets]
    return Section(name, title, reading, [
        Chart("psnr-by-q", "PSNR of x_l by Q", charts.psnr_by_q(rows, results.sets),
              f"PSNR falls from {max(cells.values()):.1f} to {min(cells.values()):.1f} dB."),
        Table("Mean PSNR of x_l, dB", ["set"] + [f"Q {q}" for q in qualities], table)])


SHOWN_RESIDUALS = 15


def figure_2(results):
    title, name = "Figure 2 of RC: residuals", "residuals"
    reading = ("How often each residual r = x − x_l is there (bars), and how often the model expects it, averaged over all "
               "sub-pixels (line). Where the line lies on the bars the model is right on average. The line is of residuals drawn "
               "from the model, one for each sub-pixel.")
    found = [value for _, value in results.drawings("residuals")]
    if not found:
        return Section(name, title, reading, missing("rc-plain"))
    sums = {}
    for what in ("true", "drawn"):
        for value in found:
            for r, count in value[what].items():
                pair = sums.setdefault(int(r), {"true": 0, "drawn": 0})
                pair[what] += count
    totals = {what: sum(pair[what] for pair in sums.values()) for what in ("true", "drawn")}

    def share(what, r):
        return 100 * sums.get(r, {what: 0})[what] / totals[what]

    reach = min(SHOWN_RESIDUALS, max(abs(r) for r, pair in sums.items() if pair["true"]))
    rows = [{"r": r, "share": share("true", r), "model": share("drawn", r)} for r in range(-reach, reach + 1)]
    beyond = {what: sum(share(what, r) for r in sums if abs(r) > reach) for what in ("true", "drawn")}
    own = sum(value["drawn"][r] for value in found for r in value["drawn"]
              if not min(map(int, value["true"])) <= int(r) <= max(map(int, value["true"])))
    return Section(name, title, reading, [
        Chart("figure-2", "Histogram of residuals", charts.residual_histogram(rows),
              f"{share('true', 0):.1f} % of the residuals are 0; the model expects {share('drawn', 0):.1f} %."),
        Table("In numbers, % of all sub-pixels", ["", "r = 0", "|r| ≤ 1", "|r| ≤ 6", f"|r| > {reach}"], [
            [label, *(f"{sum(share(what, r) for r in sums if abs(r) <= limit):.2f}" for limit in (0, 1, 6)), f"{beyond[what]:.4f}"]
            for label, what in (("pictures", "true"), ("model", "drawn"))]),
        Text(f"Of the drawn residuals, {100 * own / totals['drawn']:.4f} % lie outside of what their own picture has.")])


def figure_5(results):
    title, name = "Figure 5 of RC: what the model has learned", "samples"
    reading = ("The middle of a picture; the lossy picture inside; what is left, the residual; and a residual drawn from what the "
               "model expects. The residuals are stretched to the full range, zero is white. A good model draws noise of the "
               "same kind in the same places.")
    blocks = []
    for index, (picture, value) in enumerate(results.drawings("figure-5")):
        shown = [("picture x", "x"), ("lossy x_l", "x_l"),
                 (f"residual, {signed(value['low'])} … {signed(value['high'])}", "residual"), ("residual, drawn", "sample")]
        blocks.append(Gallery(f"figure-5-{index}", f"{picture.set}/{picture.name}",
                              [(caption, value[key]) for caption, key in shown]))
    return Section(name, title, reading, blocks or missing("rc-plain"))
