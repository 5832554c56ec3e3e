"""The sections of OLM's models: format-olm.md, 5."""

import math
import struct
from dataclasses import dataclass

from mixture import Distribution
from network import I16, Q8, Graph
from reader import Reader, check


@dataclass
class Expert:
    inputs: int
    along: float
    down: float
    ridge: float


def _float(reader, low, high):
    (value,) = struct.unpack("<f", bytes(reader.bytes(4)))
    check(math.isfinite(value) and low <= value <= high, "an expert's number out of range")
    return value


class PlaneModel:
    """inputs: (plane, dy, dx). graph, tables: of the head."""

    def __init__(self, reader, number):
        count = reader.varint()
        check(1 <= count <= 40, "experts with too many inputs")
        self.inputs, self.priors = [], []
        for _ in range(count):
            plane, dy, dx = reader.u8(), reader.number(1, True), reader.number(1, True)
            check(plane <= number and -3 <= dy <= 2 and -4 <= dx <= 4, "experts with an input out of range")
            check(plane > 0 or dy < 0 or (dy == 0 and dx < 0), "experts that see what is not known yet")
            self.inputs.append((plane, dy, dx))
            self.priors.append(_float(reader, -4, 4))
        experts = reader.varint()
        check(1 <= experts <= 6, "too many experts")
        self.experts = []
        for _ in range(experts):
            inputs = reader.varint()
            check(inputs <= count, "an expert with more inputs than its plane")
            along, down = _float(reader, 0, 0.998001), _float(reader, 0, 0.998001)
            self.experts.append(Expert(inputs, along, down, _float(reader, 2.0**-10, 2.0**20)))

    def read_head(self, data, number):
        reader = Reader(data)
        size = reader.varint()
        place = reader.place
        part = Reader(data, place, place + size)
        reader.bytes(size)
        self.graph = Graph(part)
        part.done("a head's graph")
        self.tables = Distribution(reader)
        reader.done("a head")
        solvers = len(self.experts)
        inputs = 3 * solvers + 38 + 13 * number
        check(self.graph.inputs == [(inputs + -inputs % 4, Q8, 0)], "a head of a wrong number of inputs")
        check(len(self.graph.outputs) == 1, "a head of more than one output")
        ((self.graph.only, last),) = self.graph.outputs.items()
        check(self.graph.kinds[last] == I16, "a head's output of a wrong kind")
        check(self.graph.channels[last] == 3 * self.tables.k, "a head's output of a wrong size")
        check(self.tables.channels == 1, "a head of more than one channel")


class OlmModel:
    def __init__(self, model):
        reader = Reader(model.section(8))
        check(reader.u8() == 1, "experts of an unknown version")
        self.solve_every = reader.u8()
        check(self.solve_every in (1, 2, 4, 8), "experts that solve at impossible steps")
        self.planes = [PlaneModel(reader, number) for number in range(3)]
        reader.done("the experts")
        heads = model.sections.get(9, [])
        check(len(heads) == 3, "a model without three heads")
        for number, (plane, data) in enumerate(zip(self.planes, heads)):
            plane.read_head(data, number)
