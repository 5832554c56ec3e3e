"""Sections on sizes, speed and memory of all codecs."""

from . import charts, papers
from .content import Bold, Chart, Section, Table, Text, number, percent, significant
from .results import pareto


def set_columns(results):
    """[(title, set name or None for all)]"""
    columns = [(f"{name} ({len(results.of_set(name))})", name) for name in results.sets]
    return columns + ([(f"all ({len(results.pictures)})", None)] if len(results.sets) > 1 else [])


def marked(values, texts):
    """The texts, bold where they say the same as that of the smallest value."""
    best = texts[values.index(min(values))]
    return [Bold(text) if text == best else text for text in texts]


def by_column(columns):
    """Rows of cells from columns of cells."""
    return [list(cells) for cells in zip(*columns)]


def table_1(results):
    reference, shown = results.reference(), results.shown()
    titles, columns = ["codec"], [[one.label for one in shown]]
    for title, name in set_columns(results):
        means = [results.mean_bpsp(one.name, name) for one in shown]
        base = results.mean_bpsp(reference.name, name)
        titles += [f"{title}, bpsp", "difference"]
        columns.append(marked(means, [f"{mean:.3f}" for mean in means]))
        columns.append(["" if one is reference else percent(100 * (mean / base - 1)) for one, mean in zip(shown, means)])
    sizes_titles, sizes = ["codec"], [[one.label for one in shown]]
    for title, name in set_columns(results):
        totals = [results.total_bytes(one.name, name) for one in shown]
        sizes_titles.append(f"{title}, bytes")
        sizes.append(marked(totals, list(map(number, totals))))
    totals = [results.total_bytes(one.name) for one in shown]
    sizes_titles.append("mean per picture, bytes")
    sizes.append([number(round(total / len(results.pictures))) for total in totals])
    base = papers.TABLE_1["RC"]
    paper = [[name, *(cell for value, ours in zip(values, base) for cell in
                      (f"{value:.3f}", "" if name == "RC" else percent(100 * (value / ours - 1))))]
             for name, values in papers.TABLE_1.items()]
    return Section(
        "sizes", "Table 1: sizes of all codecs",
        "Mean bits per sub-pixel (bpsp) of real files, over the pictures of each set; smaller is better, the smallest is bold. "
        f"The difference is that from {reference.label}: +10 % means files a tenth larger. Behind each set stands how many "
        "pictures it has.",
        [Table("Mean bits per sub-pixel", titles, by_column(columns)),
         Table("Total bytes", sizes_titles, by_column(sizes)),
         Table("The RC paper's Table 1, of other pictures; its differences are from RC", ["codec"] + [
             title for name in papers.SETS for title in (f"{name}, bpsp", "difference")], paper, folded=True)])


def size_and_speed(results):
    blocks, fronts = [], {}
    shown = results.shown()
    for what in ("encode", "decode"):
        rows = []
        for one in shown:
            speed = results.speed(one.name, what)
            if speed is not None:
                rows.append({"name": one.name, "label": one.label, "family": one.family, "bpsp": results.mean_bpsp(one.name),
                             "short": one.label.replace(", effort ", " ").replace(", as the paper codes", ", paper"),
                             "speed": speed, "peak": results.peak(one.name, what) / 1e6})
        fronts[what] = pareto([(row["name"], row["bpsp"], row["speed"]) for row in rows])
        for row in rows:
            row["front"] = "yes" if row["name"] in fronts[what] else "no"
        if rows:
            best = "; ".join(row["label"] for row in rows if row["front"] == "yes")
            blocks.append(Chart(f"size-{what}", f"Size against speed of {what[:-1]}ing", charts.size_against_speed(rows, what),
                                f"Mean bpsp against megapixels per second to {what}. On the front: {best}."))
    blocks.append(Table("Speed and memory", ["codec", "encode, Mpx/s", "decode, Mpx/s", "encode, peak MB", "decode, peak MB",
                                             "model", "options"], [speed_row(results, one, fronts) for one in shown], notes=2))
    return Section(
        "speed", "Size against speed",
        "Each point is a codec at one setting. Further down are smaller files, further to the right is faster. What lies on "
        "the dashed line, the Pareto front, is beaten by nothing here in both at once; it is bold in the table. Seconds are of "
        "whole processes, one run per picture, reading and writing of files included; peak memory is the largest resident set "
        "over all pictures (10^6 bytes), and means little below 10 MB.", blocks)


def speed_row(results, one, fronts):
    cells = [one.label]
    for what in ("encode", "decode"):
        speed = results.speed(one.name, what)
        text = "" if speed is None else significant(speed)
        cells.append(Bold(text) if one.name in fronts[what] else text)
    for what in ("encode", "decode"):
        peak = results.peak(one.name, what)
        cells.append("" if peak is None else f"{peak / 1e6:.0f}")
    used = dict.fromkeys(results.value(picture, one.name).get("model_name", "") for picture in results.pictures)
    return [*cells, ", ".join(used), one.option_text]


def every_picture(results, pages):
    """pages: {picture's number: address}, where there are pages."""
    shown = results.shown()
    rows, links = [], {}
    for number_of, picture in enumerate(results.pictures):
        sizes = [results.value(picture, one.name)["bytes"] for one in shown]
        cells = [picture.name, picture.set, f"{picture.width} × {picture.height}"]
        rows.append(cells + marked(sizes, list(map(number, sizes))))
        if number_of in pages:
            links[len(rows) - 1] = pages[number_of]
    blocks = [Table("Bytes of every file", ["picture", "set", "pixels"] + [one.label for one in shown], rows, words=2, folded=True,
                    links=links)]
    if pages:
        blocks.append(Text("The names lead to a page for each picture."))
    return Section("pictures", "Every picture", "Bytes of each picture's file as each codec; the smallest is bold. The same is in "
                   "report.csv, with times and memory.", blocks)
