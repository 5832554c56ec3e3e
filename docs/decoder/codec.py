"""A file's bytes become a picture: format.md, 1. Which module decodes which codec."""

import numpy as np

import container
import jpeg_pixels
import l3c
import rc
import scc
import tiles
from jpeg_file import KeptFile
from picture import Picture
from reader import check, check_size

# What a small file may ask for, unless the caller says more: this decoder is slow, and its memory is Python's.
MOST_PIXELS = 1 << 26


def _scc(head, models):
    models.find(head.model_hash, "scc")
    samples = np.empty((head.height, head.width, head.coded_channels), np.uint16)
    check(head.streams, "a picture without tiles")
    for (x, y, w, h), stream in zip(head.tiles(), head.streams[0]):
        planes = scc.tile(stream, w, h, head.coded_channels, head.bits, head.extra["effort"])
        samples[y : y + h, x : x + w] = np.array(planes, np.uint16).transpose(1, 2, 0)
    return samples


DECODERS = {container.SCC: _scc, container.OLM: tiles.decode, container.L3C: l3c.decode, container.RC: rc.decode}


def _one(data, models, most):
    head = container.read(data)
    check_size(head.width, head.height, most)
    if head.codec == container.JPEG:
        return _kept(head, most)
    samples = DECODERS[head.codec](head, models)
    picture = Picture(samples, head.colour, head.alpha, head.bits, head.boxes.metadata)
    check(picture.checksum() == head.pixel_checksum, "the checksum of the pixels is wrong: the file is damaged")
    if head.kind == 2:
        picture.samples = picture.samples.repeat(3, axis=2)
    return picture


def _kept(head, most):
    kept = KeptFile(head, most)
    picture = Picture(None, head.colour, head.alpha, head.bits, head.boxes.metadata, kept.data)
    if head.kind == 4:
        return picture
    check(kept.main is not None, "a picture without the JPEG that it should be in")
    picture.samples = jpeg_pixels.picture(*kept.main)
    check(
        picture.samples.shape == (head.height, head.width, head.channels), "a JPEG of another size than its file says"
    )
    check(picture.checksum() == head.pixel_checksum, "the checksum of the pixels is wrong: the file is damaged")
    return picture


def decode(data, models, most=MOST_PIXELS):
    """The picture of a file of either version."""
    data = bytes(data)
    version, _, _ = container.open_body(data)
    if version == 1:
        return _one(data, models, most)
    strips = container.read_strips(data)
    check_size(strips.width, strips.height, most)
    parts = []
    for file, height in strips.files:
        part = _one(file, models, most)
        right = part.samples.shape[:2] == (height, strips.width)
        kind = (part.colour, part.alpha, part.bits) == (strips.colour, strips.alpha, strips.bits)
        check(right and kind, "a strip that is not of its picture's size or kind")
        check(not part.metadata, "a strip with metadata of its own")
        parts.append(part.samples)
    return Picture(np.concatenate(parts), strips.colour, strips.alpha, strips.bits, strips.boxes.metadata)
