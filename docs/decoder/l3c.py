"""L3C: from scale to scale. format-l3c.md."""

import numpy as np

from mixture import Distribution
from network import Graph
from reader import Reader, check
from stages import Stage, uniform

LEARNED, PYRAMID = 0, 1


class _Model:
    """scales: (graph, tables), coarse to fine."""

    def __init__(self, model):
        reader = Reader(model.section(5))
        self.kind, self.count, self.channels = reader.u8(), reader.u8(), reader.u8()
        self.levels, self.anchored = reader.varint(), reader.u8()
        right = self.kind <= 1 and 1 <= self.count <= 4 and 1 <= self.channels <= 8
        check(right and 2 <= self.levels <= 256 and self.anchored <= 1, "a model of scales of an unknown form")
        check(self.kind == LEARNED or (self.channels == 3 and self.levels == 256), "a pyramid of other channels")
        self.steps = None
        if self.kind == LEARNED and self.anchored:
            self.steps = [reader.varint() for _ in range(3)]
            check(all(1 <= step <= 16384 for step in self.steps), "a model's step out of range")
        reader.done("a model's latent section")
        self.scales = []
        sections = model.sections.get(6, [])
        check(len(sections) == self.count, "a model of another number of scales")
        for data in sections:
            reader = Reader(data)
            size = reader.varint()
            if size == 0:
                check(self.scales, "a scale like one that is not before it")
                reader.done("a scale")
                self.scales.append(self.scales[-1])
                continue
            part = Reader(reader.bytes(size))
            graph = Graph(part)
            part.done("a scale's graph")
            self.scales.append((graph, Distribution(reader)))
            reader.done("a scale")

    def origins(self, z, s, height, width):
        """Of the planes that z^(s) leads to."""
        coded = max(3, z.shape[2])
        v = np.zeros((z.shape[0], z.shape[1], 3), np.int64)
        v[:, :, : min(3, z.shape[2])] = z[:, :, :3]
        learned = s == 1 and self.kind == LEARNED
        steps = np.array(self.steps if learned else [64] * 3, np.int64)

        def along(size, whole):
            at = np.arange(size)
            side = np.where(at % 2 == 0, 1, -1)
            for i, weight in ((-1, side), (0, np.full(size, 8)), (1, -side)):
                yield np.clip(at // 2 + i, 0, whole - 1), weight

        total = np.zeros((height, width, 3), np.int64)
        for rows, wy in along(height, z.shape[0]):
            for columns, wx in along(width, z.shape[1]):
                total += v[np.ix_(rows, columns)] * wy[:, None, None] * wx[None, :, None]
        a = (steps * total + 32) >> 6
        if learned:
            a = np.stack([a[:, :, 0] + a[:, :, 1], a[:, :, 0], a[:, :, 0] + a[:, :, 2]], 2)
        out = np.zeros((height, width, coded), np.int64)
        out[:, :, :3] = a
        return out


def decode(head, models):
    model = _Model(models.find(head.model_hash, "l3c"))
    count = head.extra["scales"]
    check(count == model.count, "a file of another number of scales than its model")
    unit = 1 << count
    height, width = -(-head.height // unit) * unit, -(-head.width // unit) * unit
    low = -(model.levels // 2)
    adaptive = head.boxes.adaptation

    def tiles(s):
        if s == 0:
            yield from head.tiles()
            return
        for x, y, w, h in head.tiles():
            right = width if x + w == head.width else x + w
            bottom = height if y + h == head.height else y + h
            yield x >> s, y >> s, (right - x) >> s, (bottom - y) >> s

    z = np.zeros((height >> count, width >> count, model.channels), np.int64)
    for rect, data in zip(tiles(count), head.streams[0]):
        uniform(data, rect, z, low, model.levels)
    features = None
    for number, (graph, tables) in enumerate(model.scales):
        s = count - number
        inputs = [z] if len(graph.inputs) == 1 else [z, features]
        check(all(one is not None for one in inputs), "a scale that reads features which are not there")
        outputs = graph.run(inputs)
        features = outputs.get("features")
        if s > 1:
            shape = height >> (s - 1), width >> (s - 1), model.channels
            alphabets = [(low, low + model.levels - 1)] * model.channels
        else:
            shape = head.height, head.width, head.coded_channels
            alphabets = [(-a, b) for a, b in head.alphabets]
        origins = model.origins(z, s, height >> (s - 1), width >> (s - 1)) if model.anchored else None
        stage = Stage(outputs, tables, alphabets, origins, None, adaptive)
        following = np.zeros(shape, np.int64)
        for rect, data in zip(tiles(s - 1), head.streams[number + 1]):
            stage.decode(data, rect, following)
        z = following
    return z + 128
