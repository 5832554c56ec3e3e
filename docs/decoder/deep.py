"""Pictures of any kind: format-deep.md, 1 and 2. What each channel is, and which planes see which."""

from dataclasses import dataclass, field

import numpy as np

import olm
from decisions import Slots
from planes import Transform
from rans import Stream
from reader import check
from tiles import Streams, colours
from wide import WidePlane

CODED, SAME = 0, 1


@dataclass
class Entry:
    """A coded channel. values: of its ranks. sees: numbers of entries, the nearest first, and their distances."""

    channel: int
    values: list
    k: int = 0
    sees: list = field(default_factory=list)
    distances: list = field(default_factory=list)


def _values(reader, bits):
    form, first, count = reader.u8(), reader.varint(), reader.varint()
    check(form <= 1 and count >= 1 and first + count <= 1 << bits, "a channel's values of an unknown form")
    if form == 0:
        return list(range(first, first + count))
    stream, same_slots, length_slots, digit_slots = Stream(reader.bytes(reader.varint())), Slots(), Slots(), Slots()
    values, last, same = [first], 1, 0
    while len(values) < count:
        hit = same_slots.bit(stream, same % 8)
        same = 2 * same + hit
        if not hit:
            n, b = 1, last.bit_length()
            while n < 17 and length_slots.bit(stream, 18 * b + n):
                n += 1
            last = 1
            for i in range(n - 2, -1, -1):
                last = 2 * last + digit_slots.bit(stream, 40 * n + (last if last < 16 else 16 + i))
        values.append(values[-1] + last)
        check(values[-1] < 1 << bits, "a channel's value out of range")
    stream.finish()
    return values


def _entries(reader, channels, bits, distances):
    entries = []
    for number in range(len(channels)):
        entry = Entry(reader.u8(), _values(reader, bits))
        check(entry.channel in channels and len(entry.values) >= 2, "a plane of a channel that has none")
        if len(entry.values) > 256:
            entry.k = reader.varint()
            check(entry.k <= 8, "a plane with an exponent out of range")
        sees = reader.u8()
        count = sees & 3
        both = [sees >> 2 & 7, sees >> 5]
        entry.sees = both[:count]
        check(count <= 2 and not any(both[count:]), "a plane that sees more than two")
        check(all(other < number for other in entry.sees), "a plane that sees a later one")
        if distances:
            for _ in range(count):
                n = reader.varint()
                check(n <= 131070, "a plane's distance out of range")
                entry.distances.append(n // 2 if n % 2 == 0 else -(n + 1) // 2)
        entries.append(entry)
    check(len({entry.channel for entry in entries}) == len(entries), "a channel with two planes")
    return entries


def _tile(data, model, entries, height, width, how):
    streams = Streams(data, [height * width] * len(entries))
    planes = []
    for entry, stream in zip(entries, streams.of):
        seen = [planes[number] for number in entry.sees]
        number, values = len(seen), len(entry.values)
        if values > 256:
            plane = WidePlane(model.planes[number], model.solve_every, seen, height, width, values, entry.k)
            if how == 2:
                plane.guess(entry.distances)
        else:
            alphabet = -128, values - 129
            plane = olm.Plane(
                model.planes[number], model.solve_every, seen, olm.Kind(), height, width, alphabet, values, entry.k
            )
        planes.append(plane.decode(stream))
    streams.finish()
    return planes


def decode(head, model, reader):
    picture = np.zeros((head.height, head.width, head.channels), np.int64)
    kinds = []
    for c in range(head.channels):
        kind = reader.u8()
        if kind == SAME:
            value = reader.varint()
            check(value < 1 << head.bits, "a channel's value out of range")
            picture[:, :, c] = value
        else:
            check(kind == CODED or kind - 2 < c, "a channel like one that is not before it")
        kinds.append(kind)
    coded = [c for c, kind in enumerate(kinds) if kind == CODED]
    if coded:
        check(head.streams, "a picture without tiles")
        how = reader.u8()
        check(how <= 2, "planes of an unknown form")
        _coded(head, model, reader, how, coded, picture)
    else:
        check(not head.streams, "tiles of a picture that needs none")
    reader.done("`planes`")
    for c, kind in enumerate(kinds):
        if kind >= 2:
            picture[:, :, c] = picture[:, :, kind - 2]
    return picture


def _coded(head, model, reader, how, coded, picture):
    if how == 1:
        check(head.bits == 8 and len(coded) in (1, 3), "a plane transform of a picture that has none")
        transform = Transform(reader, head.width, head.height, len(coded))
        alphabets = [(reader.u8(), reader.u8()) for _ in coded]
        check(all(a <= 128 and b <= 127 for a, b in alphabets), "an impossible alphabet")
        alphabets = [(-a, b) for a, b in alphabets]
        picture[:, :, coded] = colours(head.tiles(), head.streams[0], model, transform, alphabets)
        return
    entries = _entries(reader, coded, head.bits, how == 2)
    for (x, y, w, h), data in zip(head.tiles(), head.streams[0]):
        planes = _tile(data, model, entries, h, w, how)
        for entry, plane in zip(entries, planes):
            picture[y : y + h, x : x + w, entry.channel] = np.array(entry.values)[plane.ranks]
