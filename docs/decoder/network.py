"""Networks: format-network.md. Tensors are arrays of int64, (height, width, channels), of values and not of bytes."""

import numpy as np

from reader import check

Q8, U8, I16 = 0, 1, 2
RANGES = {Q8: (-128, 127), U8: (0, 255), I16: (-32768, 32767)}
NONE, RELU, LEAKY = 0, 1, 2


def array(reader, count, kind):
    return np.frombuffer(bytes(reader.bytes(count * np.dtype(kind).itemsize)), kind).astype(np.int64)


class Requantisation:
    def __init__(self, reader, channels):
        self.kind, self.activation = reader.u8(), reader.u8()
        check(self.kind <= 2 and self.activation <= 2, "a network's layer of an unknown kind")
        self.m = array(reader, channels, "<i4")
        self.below = array(reader, channels, "<i4") if self.activation == LEAKY else self.m
        self.s = array(reader, channels, "u1")
        check((self.m >= 0).all() and (self.below >= 0).all(), "a network's factor below 0")
        check((self.s >= 32).all() and (self.s <= 62).all(), "a network's shift out of range")

    def __call__(self, v):
        m = np.where(v < 0, self.below, self.m) if self.activation == LEAKY else self.m
        out = (v * m + (np.int64(1) << (self.s - 1))) >> self.s
        if self.activation == RELU:
            out = np.maximum(out, 0)
        return np.clip(out, *RANGES[self.kind])


def _product(a, b):
    """Sums of products below 2^31 in magnitude: exact in binary64, whatever the order."""
    return np.rint(a.astype(np.float64) @ b.astype(np.float64)).astype(np.int64)


class Graph:
    """inputs: (channels, kind, downscale) of each; outputs: numbers of layers by name."""

    def __init__(self, reader):
        self.layers, self.channels, self.kinds, self.inputs = [], [], [], []
        count = reader.varint()
        check(1 <= count <= 4096, "a network of too many layers")
        gdn = False
        for _ in range(count):
            opcode = reader.u8()
            check(opcode < len(self.READ), "a network with an unknown layer")
            gdn |= opcode == 6
            run, channels, kind = self.READ[opcode](self, reader)
            check(1 <= channels <= 1024, "a network with too many channels")
            self.layers.append(run)
            self.channels.append(channels)
            self.kinds.append(kind)
        self.outputs = {}
        outputs = reader.varint()
        check(1 <= outputs <= 64, "a network of too many outputs")
        for _ in range(outputs):
            name = bytes(reader.bytes(reader.varint())).decode("latin-1")
            check(1 <= len(name) <= 64 and name not in self.outputs, "a network's output has a wrong name")
            self.outputs[name] = self._layer(reader)
        self.align = reader.varint()
        check(self.align in (1, 2, 4, 8, 16, 32, 64), "a network with a wrong align")
        self.roots = np.concatenate([np.zeros(16, np.int64), array(reader, 49, "<u2")]) if gdn else None

    def _layer(self, reader):
        number = reader.varint()
        check(number < len(self.layers), "a network's layer that reads a later one")
        return number

    def run(self, inputs):
        """inputs: the tensors of the input layers, in their order. Gives the outputs by name."""
        feed = iter(inputs)
        values = []
        for layer in self.layers:
            values.append(next(feed) if layer is None else layer(values))
        return {name: values[number] for name, number in self.outputs.items()}

    def _read_input(self, reader):
        channels, kind, downscale = reader.varint(), reader.u8(), reader.u8()
        check(kind in (Q8, U8) and downscale <= 6, "a network with a wrong input")
        self.inputs.append((channels, kind, downscale))
        return None, channels, kind

    def _read_convolution(self, reader):
        a = self._layer(reader)
        k, t, d, p = (reader.u8() for _ in range(4))
        check(1 <= k <= 7 and t in (1, 2) and 1 <= d <= 4 and p <= d * (k - 1), "a convolution of a wrong shape")
        channels, of = reader.varint(), self.channels[a]
        check(1 <= channels <= 1024, "a network with too many channels")
        w = array(reader, channels * k * k * of, "i1").reshape(channels, k, k, of)
        bias = array(reader, channels, "<i4")
        requantise = Requantisation(reader, channels)

        def run(values):
            x = np.pad(values[a], ((p, p), (p, p), (0, 0)))
            height = (x.shape[0] - d * (k - 1) - 1) // t + 1
            width = (x.shape[1] - d * (k - 1) - 1) // t + 1
            total = np.zeros((height, width, channels), np.int64) + bias
            for ky in range(k):
                for kx in range(k):
                    part = x[ky * d : ky * d + (height - 1) * t + 1 : t, kx * d : kx * d + (width - 1) * t + 1 : t]
                    total += _product(part, w[:, ky, kx].T)
            return requantise(total)

        return run, channels, requantise.kind

    def _read_transposed(self, reader):
        a, channels = self._layer(reader), reader.varint()
        check(1 <= channels <= 1024, "a network with too many channels")
        w = array(reader, channels * 16 * self.channels[a], "i1").reshape(channels, 4, 4, self.channels[a])
        bias = array(reader, channels, "<i4")
        requantise = Requantisation(reader, channels)

        def run(values):
            x = values[a]
            height, width = x.shape[:2]
            total = np.zeros((2 * height + 2, 2 * width + 2, channels), np.int64) + bias
            for ky in range(4):
                for kx in range(4):
                    total[ky : ky + 2 * height : 2, kx : kx + 2 * width : 2] += _product(x, w[:, ky, kx].T)
            return requantise(total[1:-1, 1:-1])

        return run, channels, requantise.kind

    def _read_shuffle(self, reader):
        a = self._layer(reader)
        channels = self.channels[a]
        check(channels % 4 == 0, "a pixel shuffle of channels that are no multiple of 4")

        def run(values):
            height, width = values[a].shape[:2]
            parts = values[a].reshape(height, width, channels // 4, 2, 2)
            return parts.transpose(0, 3, 1, 4, 2).reshape(2 * height, 2 * width, channels // 4)

        return run, channels // 4, self.kinds[a]

    def _read_add(self, reader):
        a, b = self._layer(reader), self._layer(reader)
        m_a, m_b = reader.number(2, True), reader.number(2, True)
        s, kind = reader.u8(), reader.u8()
        check(1 <= s <= 30 and kind <= 2 and self.channels[a] == self.channels[b], "a network with a wrong addition")
        check(abs(m_a) <= 16384 and abs(m_b) <= 16384, "a network's factor out of range")

        def run(values):
            return np.clip((values[a] * m_a + values[b] * m_b + (1 << (s - 1))) >> s, *RANGES[kind])

        return run, self.channels[a], kind

    def _read_concat(self, reader):
        a, b = self._layer(reader), self._layer(reader)
        check(self.kinds[a] == self.kinds[b], "a network that joins different kinds")
        return (
            lambda values: np.concatenate([values[a], values[b]], 2),
            self.channels[a] + self.channels[b],
            self.kinds[a],
        )

    def _read_gdn(self, reader):
        a = self._layer(reader)
        channels = self.channels[a]
        gamma = array(reader, channels * channels, "i1").reshape(channels, channels)
        beta = array(reader, channels, "<i4")
        check((gamma >= 0).all() and (beta >= 1).all(), "a network with a wrong GDN")
        requantise = Requantisation(reader, channels)

        def run(values):
            x = values[a]
            q = np.minimum(255, (x * x + 32) >> 6)
            n = beta + _product(q, gamma.T)
            e = (np.frexp(n.astype(np.float64))[1].astype(np.int64) - 1) & ~1
            f = n << (30 - e)
            at = self.roots[f >> 26]
            r = at - (((at - self.roots[(f >> 26) + 1]) * ((f >> 18) % 256)) >> 8)
            return requantise((x * r * 128) >> (e // 2))

        return run, channels, requantise.kind

    def _read_requantise(self, reader):
        a = self._layer(reader)
        requantise = Requantisation(reader, self.channels[a])
        return lambda values: requantise(values[a]), self.channels[a], requantise.kind

    READ = [
        _read_input,
        _read_convolution,
        _read_transposed,
        _read_shuffle,
        _read_add,
        _read_concat,
        _read_gdn,
        _read_requantise,
    ]
