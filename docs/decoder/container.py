"""The picture file: format.md, 2 and 3."""

from dataclasses import dataclass, field

from metadata import Boxes
from reader import Reader, check
from xxh3 import xxh3_32

MAGIC = b"\x89RSD"
RC, L3C, OLM, JPEG, SCC = 1, 2, 3, 4, 5
CODECS = {RC: "rc", L3C: "l3c", OLM: "olm", JPEG: "jpeg", SCC: "scc"}
CHANNELS = {1: 1, 2: 3, 3: 4}  # of a colour, without alpha
MOST_TILES = 65536


@dataclass
class Head:
    """What the head of a file of version 1 says, and the parts behind it."""

    kind: int = 0
    colour: int = 2
    alpha: bool = False
    bits: int = 8
    width: int = 0
    height: int = 0
    codec: int = 0
    model_hash: int = 0
    pixel_checksum: int = 0
    extra: dict = field(default_factory=dict)
    alphabets: list = field(default_factory=list)
    tile_width: int = 0
    tile_height: int = 0
    boxes: Boxes = field(default_factory=Boxes)
    parts: dict = field(default_factory=dict)
    streams: list = field(default_factory=list)  # by stage, of all its tiles

    @property
    def channels(self):
        """Of the decoded picture."""
        return CHANNELS[self.colour] + self.alpha

    @property
    def coded_channels(self):
        return {0: 1, 1: 3, 2: 1}.get(self.kind, self.channels)

    def tiles(self):
        """Rectangles (x, y, width, height) of the picture's pixels, in the order of the index."""
        w, h = 16 * self.tile_width, 16 * self.tile_height
        for y in range(0, self.height, h):
            for x in range(0, self.width, w):
                yield x, y, min(w, self.width - x), min(h, self.height - y)


def _colour(reader):
    byte, bits = reader.u8(), reader.u8()
    check(byte & 127 in CHANNELS, "an unknown colour")
    check(1 <= bits <= 16, "samples of a number of bits that is not 1 to 16")
    return byte & 127, byte >= 128, bits


def _size(reader, any_kind):
    width, height = reader.varint(), reader.varint()
    most = 2147483647 if any_kind else 65535
    check(1 <= width <= most and 1 <= height <= most, "a picture of an impossible size")
    return width, height


def _checked(reader, checksum, size, what):
    data = reader.bytes(size)
    check(xxh3_32(data) == checksum, f"the checksum of {what} is wrong: the file is damaged")
    return data


def open_body(data):
    """(version, reader of the body, reader of what follows the head)."""
    reader = Reader(data)
    check(reader.bytes(min(4, reader.left())) == MAGIC, "not a Residua file: it does not begin with 89 52 53 44")
    version = reader.u8()
    check(version in (1, 2), f"a file of version {version}, which this decoder does not know")
    size = reader.varint()
    body = Reader(data, reader.place, reader.place + size)
    reader.bytes(size)
    end = reader.place
    check(reader.u32() == xxh3_32(data[:end]), "the checksum of the head is wrong: the file is damaged")
    return version, body, reader


def read(data):
    """The head of a file of version 1, all checksums compared."""
    version, body, rest = open_body(data)
    check(version == 1, "a strip that is a file of strips")
    head = Head()
    head.kind = body.u8()
    check(head.kind <= 4, "a picture of an unknown kind")
    if head.kind == 3:
        head.colour, head.alpha, head.bits = _colour(body)
    elif head.kind == 0:
        head.colour = 1
    if head.kind != 4:
        head.width, head.height = _size(body, head.kind == 3)
    head.codec = body.u8()
    check(head.codec in CODECS, "a file of an unknown codec")
    if head.kind == 4:
        check(head.codec == JPEG, "a file without a picture that is no kept JPEG")
    elif head.codec == JPEG:
        check(head.kind == 3, "a codec that this kind of picture does not have")
    elif head.kind == 3:
        check(head.codec in (OLM, SCC), "a codec that this kind of picture does not have")
    if head.codec != JPEG:
        head.model_hash = body.u64()
    if head.kind != 4:
        head.pixel_checksum = body.u64()
    _codec_fields(head, body)
    stages = _index(head, body)
    head.boxes.read(body, {RC: (1, 2), L3C: (2,)}.get(head.codec, ()))
    for name in ("bpg", "planes", "kept"):
        if name in head.extra:
            size, checksum = head.extra[name]
            head.parts[name] = _checked(rest, checksum, size, f"`{name}`")
    for number, stage in enumerate(stages):
        head.streams.append(
            [
                _checked(rest, checksum, size, f"stream {i} of stage {number}")
                for i, (size, checksum) in enumerate(stage)
            ]
        )
    rest.done("the file")
    return head


def _codec_fields(head, body):
    extra = head.extra
    if head.codec == RC:
        extra["lossy"] = body.u8()
        check(extra["lossy"] >> 6 <= 1, "a lossy layer of an unknown depth")
        extra["bpg"] = body.varint(), body.u32()
    elif head.codec == L3C:
        extra["scales"] = body.u8()
        check(1 <= extra["scales"] <= 4, "an impossible number of scales")
    elif head.codec == OLM:
        extra["planes"] = body.varint(), body.u32()
    elif head.codec == JPEG:
        extra["kept_size"], extra["kept_checksum"] = body.varint(), body.u64()
        extra["effort"] = body.varint()
        check(extra["effort"] <= 7, "an unknown effort")
        extra["kept"] = body.varint(), body.u32()
    else:
        extra["effort"] = body.varint()
        check(extra["effort"] <= 4, "an unknown effort")


def _index(head, body):
    """For each stage, for each stream (size, checksum)."""
    if head.codec == JPEG:
        stages = []
        for _ in range(2):
            count = body.varint()
            check(count <= body.left(), "an index of more streams than it can hold")
            stages.append([(body.varint(), body.u32()) for _ in range(count)])
        return stages
    if head.kind != 3:
        head.alphabets = [(body.u8(), body.u8()) for _ in range(head.coded_channels)]
        if head.codec in (L3C, OLM):
            check(all(a <= 128 and b <= 127 for a, b in head.alphabets), "an impossible alphabet")
    else:
        has_tiles = body.u8()
        check(has_tiles <= 1, "an index that is neither there nor not")
        if not has_tiles:
            return []
    head.tile_width, head.tile_height = body.varint(), body.varint()
    check(1 <= head.tile_width <= 4096 and 1 <= head.tile_height <= 4096, "tiles of an impossible size")
    across = -(-head.width // (16 * head.tile_width))
    tiles = across * -(-head.height // (16 * head.tile_height))
    stages = 1 + (head.extra["scales"] if head.codec == L3C else 0)
    check(tiles * stages <= MOST_TILES, "too many tiles")
    return [[(body.varint(), body.u32()) for _ in range(tiles)] for _ in range(stages)]


@dataclass
class Strips:
    """A file of version 2."""

    colour: int
    alpha: bool
    bits: int
    width: int
    height: int
    boxes: Boxes
    files: list


def read_strips(data):
    _, body, rest = open_body(data)
    channels = body.u8()
    check(channels in (0, 1, 3), "a file of strips with an impossible number of channels")
    colour, alpha, bits = _colour(body) if channels == 0 else ({1: 1, 3: 2}[channels], False, 8)
    width, height = _size(body, channels == 0)
    strip = body.varint()
    check(0 < strip < height and (strip % 16 == 0 or width > 65535), "strips of an impossible height")
    boxes = Boxes()
    boxes.read(body, ())
    files = []
    for number in range(-(-height // strip)):
        check(rest.varint() == number, f"strip {number} is not where it should be")
        file = rest.bytes(rest.varint())
        files.append((file, min(strip, height - number * strip)))
    rest.done("the file")
    return Strips(colour, alpha, bits, width, height, boxes, files)
