"""RC: from the lossy layer to the picture. format-rc.md."""

import numpy as np

from bpg import lossy
from mixture import Distribution
from network import Graph
from reader import Reader, check
from stages import Stage

BINOMIAL = (1, 4, 6, 4, 1)


def _detail(f):
    height, width, _ = f.shape
    rows = np.clip(np.arange(-2, height + 2), 0, height - 1)
    columns = np.clip(np.arange(-2, width + 2), 0, width - 1)
    wide = f[np.ix_(rows, columns)]
    mean = np.zeros_like(f)
    for j, b in enumerate(BINOMIAL):
        for i, a in enumerate(BINOMIAL):
            mean += a * b * wide[j : j + height, i : i + width]
    return np.clip((256 * f - mean + 1024) >> 11, -128, 127)


def _reflected(size, align):
    """Which column stands at each place."""
    places = list(range(size))
    for i in range(-size % align):
        place = size - 2 - i
        while not 0 <= place < size:
            place = -place if place < 0 else 2 * size - 2 - place
            if size == 1:
                place = 0
        places.append(place)
    return places


def decode(head, models):
    model = models.find(head.model_hash, "rc")
    reader = Reader(model.section(2))
    graph = Graph(reader)
    reader.done("a model's network")
    reader = Reader(model.section(3))
    tables = Distribution(reader)
    reader.done("a model's distribution")
    conditioning = model.section(4)[0] if 4 in model.sections else 0
    check(conditioning <= 1 and tables.channels == 3, "a model of an unknown conditioning")
    channels = head.coded_channels
    f = lossy(head.parts["bpg"], head.width, head.height, channels)
    x = (f + 32) >> 6
    seen = np.repeat(x, 3, 2) if channels == 1 else x
    inputs = seen - 128
    if conditioning:
        detail = _detail(np.repeat(f, 3, 2) if channels == 1 else f)
        inputs = np.concatenate([inputs, detail], 2)
    inputs = inputs[np.ix_(_reflected(head.height, graph.align), _reflected(head.width, graph.align))]
    outputs = graph.run([inputs])
    tau = head.boxes.tau
    if tau is not None:
        check(len(tau) == channels * tables.k, "a box tau of a wrong size")
        tau = np.frombuffer(bytes(tau), np.int8).tolist()
    origins = f - 64 * x if conditioning else None
    alphabets = [(-a, b) for a, b in head.alphabets]
    stage = Stage(outputs, tables, alphabets, origins, tau, head.boxes.adaptation)
    residual = np.zeros_like(x)
    for rect, data in zip(head.tiles(), head.streams[0]):
        stage.decode(data, rect, residual)
    samples = x + residual
    check(0 <= samples.min() and samples.max() <= 255, "a sample outside 0 ... 255: the file is damaged")
    return samples
