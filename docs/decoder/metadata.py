"""The boxes behind the body's fields: format.md, 2.6."""

import bytestring
from reader import Reader, check

ICC, EXIF, XMP, OTHER = 0x81, 0x82, 0x83, 0x84
NAMES = {ICC: "icc", EXIF: "exif", XMP: "xmp"}
MOST_BOXES, MOST_PACKED = 65535, 1 << 20


class Boxes:
    """What the boxes of a file say. metadata: (name, bytes) in their order."""

    def __init__(self):
        self.tau = None
        self.adaptation = False
        self.metadata = []
        self._seen = set()
        self._packed = 0

    def read(self, reader, codec_tags):
        """Until the reader's end. codec_tags: those of tau and adaptation that this codec may have."""
        while reader.left():
            tag, size = reader.u8(), reader.varint()
            contents = reader.bytes(size)
            if tag in (1, 2):
                check(tag in codec_tags, f"box {tag:02x} in a file that has none")
            if tag in (1, 2, 3) or tag in NAMES or tag == OTHER:
                check(size > 0, f"box {tag:02x} is empty")
            if tag == 3:
                self._unpack(contents)
            elif tag == 1 or tag == 2:
                self._once(tag)
                if tag == 1:
                    self.tau = contents
                else:
                    check(contents == b"\1", "an adaptation box of unknown contents")
                    self.adaptation = True
            elif tag in NAMES or tag == OTHER:
                self._metadata(tag, contents)
            else:
                check(tag & 0x80, f"a box of the unknown tag {tag:02x}")

    def _once(self, tag):
        check(tag not in self._seen, f"box {tag:02x} comes twice")
        self._seen.add(tag)

    def _metadata(self, tag, contents):
        check(len(self.metadata) < MOST_BOXES, "too many boxes of metadata")
        if tag in NAMES:
            self._once(tag)
            self.metadata.append((NAMES[tag], bytes(contents)))
            return
        reader = Reader(contents)
        name = reader.bytes(reader.u8())
        check(len(name) > 0 and all(0x21 <= c <= 0x7E for c in name), "metadata with a name that is none")
        self.metadata.append((name.decode("ascii"), bytes(reader.bytes(reader.left()))))

    def _unpack(self, contents):
        reader = Reader(contents)
        beginning, size = reader.u8(), reader.varint()
        check(beginning <= 1, "packed boxes with an unknown beginning")
        check(size > 0, "packed boxes of nothing")
        self._packed += size
        check(self._packed <= MOST_PACKED, "too many bytes of packed boxes")
        before = bytestring.common_metadata() if beginning else b""
        boxes = Reader(bytestring.decode(reader.bytes(reader.left()), size, before))
        while boxes.left():
            tag, size = boxes.u8(), boxes.varint()
            check(tag in NAMES or tag == OTHER, f"box {tag:02x} among packed ones")
            check(size > 0, f"box {tag:02x} is empty")
            self._metadata(tag, boxes.bytes(size))
