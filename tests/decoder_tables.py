"""The numbers of docs/decoder/tables.txt as the sources that the format documents name have them.

tests/decoder_test.py compares the two; `tests/decoder_tables.py --write` writes the file anew.
"""

import math
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "docs/decoder/tables.txt"
PRIOR = ("left", "above", "own", "dc", "around_size", "own_size", "luma_size", "previous_size")


def _source(name):
    return re.sub(r"//[^\n]*", "", (ROOT / name).read_text())


def _array(text, name):
    """The nested lists of an initialiser; names of constants count as 1."""
    place = re.search(rf"\b{name}(\[[^=;]*)?\s*=\s*\{{", text).end()
    out = []
    open_lists = [out]
    for token in re.finditer(r"[{}]|-?\b(?:0x[0-9a-fA-F]+|\d+)\b|\bk\w+", text[place:]):
        word = token.group()
        if word == "{":
            open_lists[-1].append([])
            open_lists.append(open_lists[-1][-1])
        elif word == "}":
            open_lists.pop()
            if not open_lists:
                return out
        else:
            open_lists[-1].append(1 if word[0] == "k" else int(word, 0))


def _flat(values):
    for value in values:
        if isinstance(value, list):
            yield from _flat(value)
        else:
            yield value


def _unwrapped(values):
    """Without the lists around that C++ wants."""
    while len(values) == 1:
        values = values[0]
    return values


def _window(values):
    """5 x 5 weights; an empty list stands for zeros."""
    values = values or [[]]
    while len(values) == 1 and values[0] and isinstance(values[0][0], list):
        values = values[0]
    rows = values if len(values) == 5 else [[]] * 5
    return [weight for row in rows for weight in (row or [0] * 5)]


SHAPES = {
    "src/dct/priors.h": (
        "dct",
        {"Coefficient": (8, 31), "Sign": (1, 17), "Bit": (1, 13), "Count": (3, 17), "Dc": (3, 17)},
    ),
    "src/jpeg/coefficients/start_weights.h": (
        "jpeg",
        {"Fast": (2, 8, 8), "Default": (2, 8, 16), "Dense": (2, 8, 48)}
        | {name: (2, 16) for name in ("Sign", "Digit", "Count")}
        | {"Fast" + name: (2, 8) for name in ("Sign", "Digit", "Count")}
        | {"Dc": (2, 3, 16)},
    ),
    "src/jpeg/coefficients/light_start.cc": (
        "light",
        {"Expected": (2, 320, 15), "Place": (2, 6, 16, 15), "CountAround": (2, 64, 15), "CountExpected": (2, 64, 15)}
        | {"Busy": (2, 32, 15), "Missed": (2, 32, 15), "Sign": (2, 32)},
    ),
    "src/jpeg/arithmetic.cc": ("arithmetic", {"Estimates": (114, 4)}),
}


def tables():
    """Name, shape and numbers of each."""
    for path, (prefix, shapes) in SHAPES.items():
        text = _source(path)
        for name, shape in shapes.items():
            yield f"{prefix}.{name}", shape, list(_flat(_array(text, "k" + name)))
    classes = _array(_source("src/jpeg/coefficients/weighted_sums.cc"), "kWeightedSums")
    for number, name in enumerate(PRIOR):
        inputs = len(classes[0][number])
        yield "jpeg." + name, (2, inputs, 64), [weight for one in classes for weight in _flat(one[number])]
    yield "jpeg.zone", (64,), _array(_source("src/jpeg/coefficients/model.h"), "kZone")
    text = _source("src/planes/jpeg_smoothing.cc")
    for name, count in (("FromDcOnly", 10), ("BesideOthers", 6)):
        windows = _unwrapped(_array(text, "k" + name))
        yield "smoothing." + name, (count, 5, 5), [weight for one in windows for weight in _window(one)]
    yield from _huffman()
    page = (ROOT / "docs/format-adaptation.md").read_text()
    page = page[page.index("h_0 … h_128 =") : page.index("For a logistic, g")]
    yield "adaptation.h", (129,), [int(word) for word in re.findall(r"\b\d+\b", page.split("=", 1)[1])]


def _huffman():
    """Tables K.3 to K.6 of ISO/IEC 10918-1."""
    lists = re.findall(r"\{([\s0-9a-fx,]{20,})\}", _source("src/jpeg/huffman.cc"))
    lists = [[int(word, 0) for word in one.split(",")] for one in lists]
    counts = [one for one in lists if len(one) == 16]
    values = [one for one in lists if len(one) == 162]
    dc = sorted((one for one in counts if sum(one) == 12), key=lambda one: one[1])
    ac = [one for one in counts if sum(one) == 162]
    yield "huffman.Counts", (4, 16), dc[0] + ac[0] + dc[1] + ac[1]
    yield "huffman.AcLuma", (162,), values[0]
    yield "huffman.AcChroma", (162,), values[1]


def text():
    lines = []
    for name, shape, values in tables():
        numbers = [str(value) for value in values]
        assert math.prod(shape) == len(numbers), f"{name} has {len(numbers)} numbers, which is not {shape}"
        lines.append(" ".join([name, *map(str, shape)]))
        line = ""
        for number in numbers:
            if len(line) + len(number) + 1 > 118:
                lines.append(line)
                line = ""
            line += (" " if line else "") + number
        lines.append(line)
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        FILE.write_text(text())
    elif text() != FILE.read_text():
        sys.exit(f"{FILE} is not what the sources say")
