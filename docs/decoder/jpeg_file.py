"""Kept JPEG files: format-jpeg.md."""

import bytestring
import jpeg_coefficients
import jpeg_light
import jpeg_scans
from jpeg_bands import AC_MOST, DC_MOST, Component, bands
from jpeg_structure import Structure
from reader import Missing, Reader, check, check_size
from xxh3 import xxh3_64


def _components(jpeg):
    frame = jpeg.frame
    out = []
    for c in frame.components:
        steps = c.steps or [0] * 64
        out.append(Component(frame.mcus_down * c.down, frame.mcus_across * c.across, c.across, c.down, steps))
    return out


def _decode(components, dcs, acs, effort):
    if effort == 3:
        jpeg_light.decode(components, dcs, acs)
        return
    jpeg_coefficients.decode_dcs(components, dcs)
    jpeg_coefficients.decode_acs(components, acs, effort)


class KeptFile:
    """data: the file. main: (headers, components) of the JPEG that it begins with, or None."""

    def __init__(self, head, most):
        """most: pixels of a JPEG, and a sixteenth of the bytes of the file."""
        extra = head.extra
        effort, size = extra["effort"], extra["kept_size"]
        reader = Reader(head.parts["kept"])
        structure_size, foreign_size, stream_size = reader.varint(), reader.varint(), reader.varint()
        if size > 16 * most:
            raise Missing(f"a kept file of {size} bytes is beyond the limit: say --pixels {size // 16 + 1}")
        check(foreign_size <= size, "a kept file of another size")
        beginning = bytestring.common_bytes()
        if effort >= 4:
            beginning = bytestring.common_metadata() + beginning
        text = bytestring.decode(reader.bytes(stream_size), structure_size + foreign_size, beginning)
        structure = Structure(text[:structure_size], text[structure_size:], size)
        self.main = None
        components_of = {}
        for jpeg in structure.jpegs:
            check_size(jpeg.frame.width, jpeg.frame.height, most)
            components = components_of[id(jpeg)] = _components(jpeg)
            if jpeg.place == 0 and self.main is None:
                self.main = jpeg, components
                dcs, acs = head.streams
            else:
                dcs = [reader.bytes(reader.varint()) for _ in bands(components, DC_MOST)]
                acs = [reader.bytes(reader.varint()) for _ in bands(components, AC_MOST)]
            _decode(components, dcs, acs, effort % 4)
        reader.done("`kept`")
        check(self.main is not None or not any(head.streams), "streams of a JPEG that is not there")
        data = structure.data
        for begin, jpeg, scan in structure.scans:
            data[begin : begin + scan.recipe.size] = jpeg_scans.write(jpeg, scan, components_of[id(jpeg)])
        self.data = bytes(data)
        check(xxh3_64(self.data) == extra["kept_checksum"], "the checksum of the kept file is wrong: it is damaged")
