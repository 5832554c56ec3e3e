"""Rows of measured sizes, and the tables and the plot made of them."""

import shutil
from pathlib import Path

from pictures import Failure, run

LABELS = {"residua": "Residua", "rc": "RC", "l3c": "L3C", "png": "PNG", "webp": "WebP", "jpeg2000": "JPEG 2000", "jxl": "JPEG XL"}
RESULTS_BEGIN, RESULTS_END = "<!-- results:begin -->", "<!-- results:end -->"


class Row:
    """One picture: `sizes` maps a codec's name to the bytes of its file."""

    def __init__(self, set_name, file, width, height, channels, sizes):
        self.set, self.file, self.width, self.height, self.channels = set_name, file, width, height, channels
        self.sizes = sizes

    def codecs(self):
        return [name for name in LABELS if name in self.sizes]

    def bpsp(self, codec):
        return 8 * self.sizes[codec] / (self.channels * self.width * self.height)


class Mean:
    """One set: the mean bpsp over its pictures, as the papers report it."""

    def __init__(self, rows):
        self.set, self.count = rows[0].set, len(rows)
        self.values = {name: sum(row.bpsp(name) for row in rows) / len(rows) for name in rows[0].codecs()}

    def codecs(self):
        return list(self.values)

    def bpsp(self, codec):
        return self.values[codec]


def means(rows):
    names = dict.fromkeys(row.set for row in rows)
    return [Mean([row for row in rows if row.set == name]) for name in names]


def percent_smaller(row, codec):
    return 100 * (1 - row.bpsp("residua") / row.bpsp(codec))


def signed(percent):
    """How a person reads it: −12.3 % is smaller by that much."""
    return f"{'−' if percent > 0 else '+'}{abs(percent):.1f} %"


def markdown(rows, head, first_cells):
    codecs = rows[0].codecs()
    against = [name for name in ("png", "webp") if name in codecs]
    columns = head + [LABELS[name] for name in codecs] + [f"against {LABELS[name]}" for name in against]
    lines = ["| " + " | ".join(columns) + " |",
             "|" + "|".join(["---"] * len(head) + ["---:"] * (len(columns) - len(head))) + "|"]
    for row in rows:
        best = min(row.bpsp(name) for name in codecs)
        cells = first_cells(row)
        for name in codecs:
            value = f"{row.bpsp(name):.3f}"
            cells.append(f"**{value}**" if row.bpsp(name) == best else value)
        cells += [signed(percent_smaller(row, name)) for name in against]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def markdown_means(set_means):
    return markdown(set_means, ["set, mean bpsp"], lambda mean: [f"{mean.set} ({mean.count} pictures)"])


def markdown_pictures(rows):
    return markdown(rows, ["set", "picture"], lambda row: [row.set, row.file])


def tsv(rows):
    codecs = rows[0].codecs()
    lines = ["\t".join(["set", "file", "width", "height", "channels"] + [f"{name}_bytes" for name in codecs]
                       + [f"{name}_bpsp" for name in codecs])]
    for row in rows:
        lines.append("\t".join([row.set, row.file, str(row.width), str(row.height), str(row.channels)]
                               + [str(row.sizes[name]) for name in codecs]
                               + [f"{row.bpsp(name):.4f}" for name in codecs]))
    return "\n".join(lines) + "\n"


def fill_results(path, text):
    """Replaces what stands between the two result marks."""
    path = Path(path)
    before, begin, rest = path.read_text().partition(RESULTS_BEGIN)
    _, end, after = rest.partition(RESULTS_END)
    if not begin or not end:
        raise Failure(f"{path} lacks the lines {RESULTS_BEGIN} and {RESULTS_END}")
    path.write_text(f"{before}{begin}\n{text}{end}{after}")


def plot(rows, folder):
    """compare.png: bpsp of every picture, one line per codec. False where gnuplot is not installed."""
    if shutil.which("gnuplot") is None:
        return False
    codecs = rows[0].codecs()
    points = "\n".join("\t".join([f"{row.set}/{Path(row.file).stem}"] + [f"{row.bpsp(name):.4f}" for name in codecs])
                       for row in rows)
    curves = ", ".join(f"$points using {column}:xtic(1) with linespoints lw {3 if name == 'residua' else 1} "
                       f"pt 7 ps 0.6 title '{LABELS[name]}'" for column, name in enumerate(codecs, start=2))
    output = str(Path(folder) / "compare.png").replace("'", "''")
    script = (f"$points << END\n{points}\nEND\n"
              f"set terminal pngcairo size {max(800, 22 * len(rows) + 200)},600\n"
              f"set output '{output}'\n"
              "set datafile separator tab\nset ylabel 'bits per sub-pixel'\nset yrange [0:*]\nset grid ytics\n"
              "set key top left horizontal\nset xtics rotate by 90 right noenhanced font ',8'\n"
              f"set title 'Lossless sizes of real files, {len(rows)} pictures'\nplot {curves}\n")
    run(["gnuplot"], stdin=script.encode())
    return True
