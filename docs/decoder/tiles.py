"""OLM: from a file's streams to its planes, and the picture. format-olm.md, 1; format-dct.md where they are blocks."""

import numpy as np

import blocks
import olm
from olm_model import OlmModel
from planes import JPEG, Transform
from rans import Stream
from reader import Reader, check


class Streams:
    """The streams of a tile's planes: one for all, or one for each."""

    def __init__(self, data, sizes):
        """sizes: how many samples each plane has."""
        check(len(data) > 0, "a tile without bytes")
        if data[0] != 7 or len(sizes) == 1:
            stream = Stream(data)
            check(stream.lanes > 1 or sum(sizes) <= 1 << 18, "a large tile of one lane")
            self.of = [stream] * len(sizes)
            return
        reader = Reader(data)
        reader.u8()
        lengths = [reader.varint() for _ in sizes[1:]]
        self.of = [Stream(reader.bytes(length)) for length in lengths]
        self.of.append(Stream(reader.bytes(reader.left())))
        large = sum(sizes) > len(sizes) << 18
        check(not large or all(stream.lanes > 1 for stream in self.of), "a large tile of one lane")

    def finish(self):
        for stream in {id(stream): stream for stream in self.of}.values():
            stream.finish()


def _smaller(luma, transform, height, width):
    """Luma as chroma sees it: format-olm.md, 1.1."""
    down, across = (2 if halved else 1 for halved in transform.grid.halved)
    oy, ox = transform.grid.offset
    out = olm.Decoded(height, width)
    n = down * across
    rows = [np.clip(down * np.arange(height) - oy + i, 0, luma.height - 1) for i in range(down)]
    columns = [np.clip(across * np.arange(width) - ox + i, 0, luma.width - 1) for i in range(across)]
    samples = np.zeros((height, width), np.int64)
    errors = np.zeros((height, width), np.float32)
    inner = luma.errors[olm.TOP :, olm.SIDE :]
    for r in rows:
        for c in columns:
            samples += luma.ranks[np.ix_(r, c)]
            errors = errors + inner[np.ix_(r, c)]
    samples = (samples + n // 2) // n
    for y in range(height):
        for x in range(width):
            out.set(y, x, np.float32(samples[y, x]))
    out.errors[olm.TOP : olm.TOP + height, olm.SIDE : olm.SIDE + width] = errors / np.float32(n)
    out.ranks = samples
    out.complete()
    return out


def _chroma_part(transform, p, y, x, h, w):
    """The part of chroma that belongs to a tile whose luma is there."""
    height, width = transform.plane_size(p)
    down, across = (2 if halved else 1 for halved in transform.grid.halved)
    bottom = height if y + h == transform.height else (y + h) // down
    right = width if x + w == transform.width else (x + w) // across
    return y // down, x // across, bottom, right


def sample_tile(data, model, transform, alphabets, rect, out):
    """Decodes a tile of samples into the planes `out`."""
    x, y, w, h = rect
    count = transform.count
    jpeg = transform.colours == JPEG
    if not transform.grid.kind:
        streams = Streams(data, [w * h] * count)
        seen = []
        for p in range(count):
            kind = olm.Kind(64 if transform.colours else 0, jpeg)
            plane = olm.Plane(model.planes[p], model.solve_every, seen[::-1], kind, h, w, alphabets[p])
            seen.append(plane.decode(streams.of[p]))
            out[p][y : y + h, x : x + w] = seen[-1].ranks
        streams.finish()
        return
    top, left, bottom, right = _chroma_part(transform, 1, y, x, h, w)
    height, width = bottom - top, right - left
    streams = Streams(data, [w * h] + [width * height] * 2)
    kind = olm.Kind(64, jpeg)
    luma = olm.Plane(model.planes[0], model.solve_every, [], kind, h, w, alphabets[0]).decode(streams.of[0])
    out[0][y : y + h, x : x + w] = luma.ranks
    seen = [_smaller(luma, transform, height, width)]
    for p in (1, 2):
        kind = olm.Kind(112, jpeg)
        plane = olm.Plane(model.planes[p], model.solve_every, seen[::-1], kind, height, width, alphabets[p])
        seen.append(plane.decode(streams.of[p]))
        out[p][top:bottom, left:right] = seen[-1].ranks
    streams.finish()


def colours(tiles, streams, model, transform, alphabets):
    """The grey or RGB picture of 8 bits."""
    if transform.blocks:
        return blocks.picture(tiles, streams, transform)
    planes = [np.zeros(transform.plane_size(p), np.int64) for p in range(transform.count)]
    for rect, stream in zip(tiles, streams):
        sample_tile(stream, model, transform, alphabets, rect, planes)
    return transform.picture(planes)


def decode(head, models):
    model = OlmModel(models.find(head.model_hash, "olm"))
    reader = Reader(head.parts["planes"])
    if head.kind == 3:
        import deep  # which needs this module

        return deep.decode(head, model, reader)
    transform = Transform(reader, head.width, head.height, head.coded_channels)
    reader.done("`planes`")
    alphabets = [(-a, b) for a, b in head.alphabets]
    return colours(head.tiles(), head.streams[0], model, transform, alphabets)
