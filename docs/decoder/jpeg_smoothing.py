"""Progressive JPEGs that are not complete: what their missing coefficients are. format-jpeg-pixels.md, 1."""

import numpy as np

from jpeg_bands import ZIGZAG
from tables import TABLES

FROM_DC, BESIDE = TABLES["smoothing.FromDcOnly"], TABLES["smoothing.BesideOthers"]


def _bits(jpeg):
    """(bits, before) of each component's first ten coefficients."""
    count = len(jpeg.frame.components)
    bits = np.full((count, 64), -1, np.int64)
    before = np.full((count, 64), -1, np.int64)
    for number, scan in enumerate(jpeg.scans):
        for c, _, _ in scan.parts:
            start = min(scan.first, 1)
            before[c, start:] = bits[c, start:] if number else 0
        for c, _, _ in scan.parts:
            bits[c, scan.first : scan.last + 1] = scan.low
    if len(jpeg.scans) == 1:
        before[:] = -1
    return bits[:, :10], before[:, :10]


def _good_row(jpeg):
    frame, scan = jpeg.frame, jpeg.scans[-1]
    mcus = scan.recipe.mcus
    if mcus is None:
        return frame.mcus_down - 1
    if len(scan.parts) > 1:
        return min(mcus // frame.mcus_across, frame.mcus_down - 1)
    number = scan.parts[0][0]
    rows, columns = frame.own_blocks(number)
    return min(mcus // columns, rows - 1) // frame.components[number].down


def smoothed(jpeg, blocks):
    """blocks: of each component (rows, columns, 64)."""
    frame = jpeg.frame
    if not frame.progressive or frame.arithmetic:
        return blocks
    bits, before = _bits(jpeg)
    steps = [c.steps or [0] * 64 for c in frame.components]
    if (bits[:, 0] == -1).any() or any(step[ZIGZAG[k]] == 0 for step in steps for k in range(10)):
        return blocks
    if (bits[:, 1:] == 0).all():
        return blocks
    good = _good_row(jpeg)
    out = []
    for number, (part, component) in enumerate(zip(blocks, frame.components)):
        new = part.copy()
        rows, columns, _ = part.shape
        for y in range(rows):
            mcu = y // component.down
            known = bits[number] if mcu <= good else before[number]
            window_rows = _window_rows(y, rows, component.down, frame.mcus_down)
            for x in range(columns):
                window = part[:, :, 0][np.ix_(window_rows, _window_columns(x, columns))]
                _estimate(new[y, x], window, known, steps[number])
        out.append(new)
    return out


def _window_rows(y, rows, down, mcus):
    m, v = divmod(y, down)
    last = mcus - 1
    n = min(down, rows - m * down)
    above = y - 1 if v > 0 or m > 0 else y
    far_above = y - 2 if v > 1 or m > 1 else above
    below = y + 1 if v < n - 1 or m < last else y
    far_below = y + 2 if v < n - 2 or m + 1 < last else below
    return [min(max(row, 0), rows - 1) for row in (far_above, above, y, below, far_below)]


def _window_columns(x, columns):
    around = [min(max(x + i, 0), columns - 1) for i in range(-2, 3)]
    if columns == 2:
        around[4] = 0
        if x == 1:
            around[3] = 0
    return around


def _estimate(block, window, bits, steps):
    from_dc = (bits[1:] == -1).all()
    weights = FROM_DC if from_dc else BESIDE
    for k in range(0 if from_dc else 1, len(weights)):
        p = ZIGZAG[k]
        if k and (bits[k] == 0 or block[p] != 0):
            continue
        s, q = int((weights[k] * window).sum()) * steps[0], steps[p]
        size = (128 * q + abs(s)) // (256 * q)
        if k and bits[k] > 0:
            size = min(size, (1 << int(bits[k])) - 1)
        value = size if s >= 0 else -size
        block[p] = (value + 32768) % 65536 - 32768
