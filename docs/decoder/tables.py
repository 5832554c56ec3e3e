"""The numbers of tables.txt, which the documents name in sources: a line with a name and a shape, then its numbers."""

from pathlib import Path

import numpy as np


def _read():
    tables, name, shape, numbers = {}, None, None, []
    for line in (Path(__file__).resolve().parent / "tables.txt").read_text().splitlines() + ["end 0"]:
        if line[0].isalpha():
            if name:
                tables[name] = np.array(numbers, np.int64).reshape(shape)
            name, *shape = line.split()
            shape, numbers = [int(size) for size in shape], []
        else:
            numbers += map(int, line.split())
    return tables


TABLES = _read()
