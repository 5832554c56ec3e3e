#!/usr/bin/env python3
"""Compares the C interface with what a release promised (docs/abi.md).

    check.py --headers include --compiler cc --library libresidua.a FROZEN      exit 1 and a line per difference
    check.py --headers 0.1 --compiler cc --same --client client.c FROZEN        the same for a release's own headers,
                                                                                which have nothing else either, and
                                                                                for a program that calls all functions
    check.py --headers include --compiler cc --write FROZEN                     writes FROZEN, at a release
    check.py --self-test --headers include --compiler cc FROZEN                 changes a copy of the headers in
                                                                                each forbidden way, and in allowed ones

FROZEN has one line for each function (its prototype), field (offset, size and type), structure (size), enumerator and
number macro. What it has must be there unchanged; more may have come. A structure that begins with struct_size may
have grown, all others may not.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HEADERS = ["residua.h", "research.h"]
STRUCTURE = re.compile(r"typedef struct (\w+) \{(.*?)\n\} \1;", re.S)
ENUMERATION = re.compile(r"typedef enum (\w+) \{(.*?)\n\} \1;", re.S)
FUNCTION = re.compile(r"^RESIDUA_API\s+([^;]*?);", re.S | re.M)
MACRO = re.compile(r"^#define (RESIDUA_\w+) \(?-?\d+\)?$", re.M)
# What changes with each version.
MOVING = re.compile(r"^RESIDUA_VERSION_|^RESIDUA_MAX_SIDE$")


def fields_of(body):
    """The names and types of a structure's fields, in order."""
    fields = []
    for declaration in body.split(";"):
        declaration = " ".join(declaration.split())
        if not declaration:
            continue
        callback = re.match(r".*?\(\*(\w+)\)\s*\(", declaration)
        if callback:
            fields.append((callback.group(1), declaration))
            continue
        first, *others = declaration.split(",")
        kind, first = first.rsplit(maxsplit=1)
        for part in [first, *others]:
            fields.append((re.sub(r"\[.*\]", "", part).strip(" *"), kind))
    return fields


class Interface:
    def __init__(self, folder):
        text = "\n".join((Path(folder) / "residua" / name).read_text() for name in HEADERS)
        text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
        self.macros = [name for name in MACRO.findall(text) if not MOVING.match(name)]
        self.structures = {name: fields_of(body) for name, body in STRUCTURE.findall(text)}
        self.enumerators = [re.match(r"\w+", part.strip()).group() for _, body in ENUMERATION.findall(text)
                            for part in body.split(",") if part.strip()]
        # Names of parameters mean nothing, types do; the text of a prototype stands for both.
        self.prototypes = sorted(" ".join(text.split()) for text in FUNCTION.findall(text))


def function_name(prototype):
    return re.search(r"(residua_\w+)\(", prototype).group(1)


def describe(folder, compiler):
    """All lines of the interface in that folder."""
    interface = Interface(folder)
    program = ["#include <residua/research.h>", "#include <stdio.h>", "int main(void) {"]
    for name, fields in interface.structures.items():
        kind = "grows" if fields[0][0] == "struct_size" else "fixed"
        program.append(f'printf("size {name} %zu {kind}\\n", sizeof({name}));')
        for field, type_text in fields:
            program.append(f'printf("field {name}.{field} %zu %zu {type_text}\\n", offsetof({name}, {field}), '
                           f"sizeof((({name}*)0)->{field}));")
    for name in interface.macros + interface.enumerators:
        program.append(f'printf("value {name} %d\\n", (int){name});')
    program.append("return 0; }")
    with tempfile.TemporaryDirectory() as work:
        source, binary = Path(work) / "layout.c", Path(work) / "layout"
        source.write_text("\n".join(program))
        subprocess.run([*compiler.split(), "-std=c99", f"-I{folder}", str(source), "-o", str(binary)], check=True)
        layout = subprocess.run([str(binary)], check=True, capture_output=True, text=True).stdout
    return layout.splitlines() + [f"function {prototype}" for prototype in interface.prototypes]


def differences(frozen, today):
    """What the interface of today breaks of the frozen one, a line each."""
    found = []
    lines = set(today)
    sizes = {line.split()[1]: int(line.split()[2]) for line in today if line.startswith("size ")}
    for line in frozen:
        words = line.split()
        if words[0] == "size" and words[3] == "grows":
            if sizes.get(words[1], 0) < int(words[2]):
                found.append(f"{words[1]} has shrunk or is gone: it had {words[2]} bytes")
        elif line not in lines:
            found.append(f"is gone or has changed: {line}")
    return found


def exported(library):
    """The functions of the interface that the library has."""
    dynamic = ["-D"] if ".so" in Path(library).name else []
    output = subprocess.run(["nm", *dynamic, "-g", "--defined-only", library], check=True, capture_output=True,
                            text=True).stdout
    # Some systems begin the names with an underscore.
    return {found.group(1) for line in output.splitlines() if (found := re.search(r" T _?(residua_\w+)", line))}


def check(arguments, frozen):
    today = describe(arguments.headers, arguments.compiler)
    found = differences(frozen, today)
    if arguments.same:
        found += [f"is not in {arguments.frozen}: {line}" for line in today if line not in frozen]
    promised = {function_name(line) for line in frozen if line.startswith("function ")}
    if arguments.client:
        calls = set(re.findall(r"\b(residua_\w+)\(", Path(arguments.client).read_text()))
        found += [f"{arguments.client} does not call {name}" for name in sorted(promised - calls)]
    if arguments.library:
        symbols = exported(arguments.library)
        declared = {function_name(line) for line in today if line.startswith("function ")}
        found += [f"the library lacks {name}" for name in sorted((promised | declared) - symbols)]
        found += [f"the library exports {name}, which no header declares" for name in sorted(symbols - declared)]
    return found


# What is replaced by what in the headers, and whether that may be.
CHANGES = [
    ("    int32_t effort;\n\n    int32_t proof;", "    int32_t proof;\n\n    int32_t effort;", False),
    ("    uint64_t memory_limit;\n", "", False),
    ("    size_t size;   /* bytes */\n", "    size_t size; /* bytes */\n    int more;\n", False),
    ("    int (*progress)(void* user, double fraction);", "    int (*progress)(void* user, float fraction);", False),
    ("    RESIDUA_TRUNCATED = 4,", "    RESIDUA_TRUNCATED = 14,", False),
    ("#define RESIDUA_Q_FIXED (-1)", "#define RESIDUA_Q_FIXED (-2)", False),
    ("residua_file_close(residua_file* file);", "residua_file_close(residua_file* file, int sync);", False),
    ("RESIDUA_API int residua_can_encode(void);", "", False),
    ("    uint32_t strip_height;\n", "    uint64_t strip_height;\n", False),
    ("    const struct residua_research_options* research;\n",
     "    const struct residua_research_options* research;\n    uint64_t added;\n", True),
    ("    RESIDUA_INTERNAL = 10 ", "    RESIDUA_INTERNAL = 10, RESIDUA_BUSY = 11 ", True),
    ("RESIDUA_API int residua_can_encode(void);",
     "RESIDUA_API int residua_can_encode(void);\nRESIDUA_API int residua_can_dream(void);", True),
]


def self_test(arguments, frozen):
    """Returns one line per failure."""
    failures = []
    for old, new, allowed in CHANGES:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "residua").mkdir()
            replaced = 0
            for name in HEADERS:
                text = (Path(arguments.headers) / "residua" / name).read_text()
                replaced += text.count(old)
                (Path(folder) / "residua" / name).write_text(text.replace(old, new))
            found = differences(frozen, describe(folder, arguments.compiler))
            if replaced != 1:
                failures.append(f"not once in the headers: {old!r}")
            elif bool(found) == allowed:
                failures.append(f"{'refused' if found else 'not seen'}: {old!r} became {new!r} {found}")
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("frozen")
    parser.add_argument("--headers", required=True)
    parser.add_argument("--compiler", default="cc")
    parser.add_argument("--library")
    parser.add_argument("--same", action="store_true")
    parser.add_argument("--client")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--self-test", action="store_true")
    arguments = parser.parse_args()
    if arguments.write:
        Path(arguments.frozen).write_text("\n".join(describe(arguments.headers, arguments.compiler)) + "\n")
        return 0
    frozen = Path(arguments.frozen).read_text().splitlines()
    found = self_test(arguments, frozen) if arguments.self_test else check(arguments, frozen)
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
