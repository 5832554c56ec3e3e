"""The pixels of a JPEG's coefficients: format-jpeg-pixels.md, 2 to 4."""

import numpy as np

from jpeg_smoothing import smoothed
from planes import Grid, jpeg_colours, upsampled


def _wrap(x):
    return (x + 32768) % 65536 - 32768


def _transform(c, shift):
    """c: eight arrays; gives the eight values."""
    low, high = 4433 * c[2] - 10704 * c[6], 10703 * c[2] + 4433 * c[6]
    total, difference = _wrap(c[0] + c[4]) << 13, _wrap(c[0] - c[4]) << 13
    e = total + high, difference + low, difference - low, total - high
    p, r = _wrap(c[7] + c[3]), _wrap(c[5] + c[1])
    a, b = 9633 * r - 6436 * p, 9633 * p + 6437 * r
    o = (
        -7373 * c[7] + 4926 * c[1] + b,
        -20995 * c[5] + 4177 * c[3] + a,
        -4176 * c[5] - 20995 * c[3] + b,
        -4927 * c[7] - 7373 * c[1] + a,
    )
    half = 1 << (shift - 1)
    values = [None] * 8
    for k in range(4):
        values[k] = np.clip((e[k] + o[k] + half) >> shift, -32768, 32767)
        values[7 - k] = np.clip((e[k] - o[k] + half) >> shift, -32768, 32767)
    return values


def samples(blocks, steps):
    """blocks: (rows, columns, 64). Gives (8 * rows, 8 * columns)."""
    rows, columns, _ = blocks.shape
    weighed = _wrap(blocks * np.array(steps, np.int64)).reshape(rows, columns, 8, 8)
    flat = (blocks[:, :, 8:] == 0).all(2)
    first = np.stack(_transform([weighed[:, :, v] for v in range(8)], 11), 2)
    first = np.where(flat[:, :, None, None], _wrap(4 * weighed[:, :, :1]), first)
    second = np.stack(_transform([first[:, :, :, u] for u in range(8)], 18), 3)
    return np.clip(second + 128, 0, 255).transpose(0, 2, 1, 3).reshape(8 * rows, 8 * columns)


def _enlarged(frame, component, plane):
    """As many samples as the picture has pixels."""
    across, down = frame.most_across, frame.most_down
    height = -(-frame.height * component.down // down)
    width = -(-frame.width * component.across // across)
    plane = plane[:height, :width]
    ratio = down / component.down, across / component.across
    kind = {(2, 2): 1, (1, 2): 2, (2, 1): 3}.get(ratio)
    if kind and (kind == 3 or width > 2):
        return upsampled(Grid(kind), plane, frame.height, frame.width)
    y = np.arange(frame.height) * component.down // down
    x = np.arange(frame.width) * component.across // across
    return plane[np.ix_(y, x)]


def picture(jpeg, components):
    """(height, width, channels)."""
    frame = jpeg.frame
    blocks = []
    for number, component in enumerate(components):
        rows, columns = frame.own_blocks(number)
        blocks.append(component.c[:rows, :columns])
    blocks = smoothed(jpeg, blocks)
    planes = []
    for c, part in zip(frame.components, blocks):
        planes.append(_enlarged(frame, c, samples(part, c.steps or [0] * 64)))
    if len(planes) == 1:
        return planes[0][:, :, None]
    as_they_are = np.stack(planes, 2)
    if len(planes) == 3:
        names = bytes(c.name for c in frame.components)
        rgb = jpeg.adobe == 0 if jpeg.adobe is not None else names == b"RGB"
        return as_they_are if rgb and not jpeg.jfif else jpeg_colours(*planes)
    if not jpeg.adobe:
        return as_they_are
    return np.concatenate([255 - jpeg_colours(*planes[:3]), planes[3][:, :, None]], 2)
