"""Model files: format.md, 4."""

import re
from pathlib import Path

from reader import Missing, Reader, check
from xxh3 import xxh3_64

MAGIC = b"RSDM"
SECTIONS = {1: None, 2: "rc", 3: "rc", 4: "rc", 5: "l3c", 6: "l3c", 7: "l3c", 8: "olm", 9: "olm", 129: "rc"}
SEVERAL = (6, 9)


class Model:
    """description: its keys. sections: by tag, the list of their bytes."""

    def __init__(self, data):
        reader = Reader(data)
        check(reader.bytes(min(4, reader.left())) == MAGIC, "not a model: it does not begin with RSDM")
        check(reader.u8() == 1, "a model of an unknown version")
        self.sections = {}
        while reader.left():
            tag, size = reader.u8(), reader.varint()
            contents = reader.bytes(size)
            if tag not in SECTIONS:
                check(tag & 0x80, f"a model with a section of the unknown tag {tag}")
                continue
            check(tag not in self.sections or tag in SEVERAL, f"section {tag} of a model comes twice")
            self.sections.setdefault(tag, []).append(contents)
        check(1 in self.sections, "a model without a description")
        self.description = self._describe(bytes(self.sections[1][0]))
        self.codec = self.description["codec"]
        for tag in self.sections:
            check(SECTIONS[tag] in (None, self.codec), f"a model of {self.codec} with section {tag}")

    @staticmethod
    def _describe(data):
        check(len(data) <= 65536, "a model's description is too long")
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            check(False, "a model's description is not UTF-8")
        check(text.endswith("\n"), "a model's description does not end its last line")
        keys = {}
        for line in text[:-1].split("\n"):
            key, equals, value = line.partition("=")
            check(
                equals and re.fullmatch("[a-z0-9_]+", key) and key not in keys, "a model's description has a wrong key"
            )
            check(not any(ord(c) < 32 or ord(c) == 127 for c in value), "a model's description has control characters")
            keys[key] = value
        for key in ("name", "codec"):
            check(re.fullmatch(r"[a-z0-9._-]{1,63}", keys.get(key, "")), f"a model's description has no right `{key}`")
        return keys

    def section(self, tag):
        check(tag in self.sections, f"a model without section {tag}")
        return self.sections[tag][0]


class Models:
    """All model files of some folders, by their hash."""

    def __init__(self, folders):
        self.folders = [Path(folder) for folder in folders]
        self.files = None
        self.read = {}

    def find(self, number, codec):
        if self.files is None:
            self.files = {}
            for folder in self.folders:
                for path in sorted(folder.glob("*.rsm")):
                    self.files.setdefault(xxh3_64(path.read_bytes()), path)
        if number not in self.read:
            if number not in self.files:
                where = ", ".join(str(folder) for folder in self.folders) or "no folder"
                raise Missing(
                    f"the file needs the model {number:016x} of codec {codec}, which is not in {where}: say --models DIR"
                )
            self.read[number] = Model(self.files[number].read_bytes())
        model = self.read[number]
        check(model.codec == codec, f"the file is of codec {codec}, its model of {model.codec}")
        return model
