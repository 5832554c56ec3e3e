#!/usr/bin/env python3
"""Man pages and completions say what the tool's own --help says: reference_test.py TOOL FOLDER

Shells are asked as a user asks them, where they are here.
"""

import gzip
import re
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

TOOL, FOLDER = sys.argv[1], Path(sys.argv[2])


def output_of(command, text=None):
    result = subprocess.run(command, input=text, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, (command, result.stderr)
    return result.stdout


def help_of(path):
    """Options, their choices by option, and commands, of what `residua PATH --help` prints."""
    options, choices, commands, part = set(), {}, [], ""
    for line in output_of([TOOL, *path, "--help"]).splitlines():
        if line.endswith(":") and not line.startswith(" "):
            part = line
        elif not line.startswith("  ") or line.startswith("   "):
            part = "" if not line else part
            if not line.strip():
                continue
        elif part == "Options:":
            names = line.split()[0].split(",")
            options.update(names)
            given = re.search(r":\{([^}]*)\}", line)
            if given:
                choices.update({name: given.group(1).split(",") for name in names})
        elif part == "Subcommands:":
            commands.append(line.split()[0])
    return options, choices, commands


def all_commands(path=()):
    yield path, *help_of(path)
    for below in help_of(path)[2]:
        yield from all_commands((*path, below))


COMMANDS = list(all_commands())


def bash_offers(*words):
    script = """source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _residua; printf '%s\\n' "${COMPREPLY[@]}" """
    return set(output_of(["bash", "-c", script, "bash", FOLDER / "bash/residua", "residua", *words]).split())


class Bash(unittest.TestCase):
    def test_it_offers_what_help_lists(self):
        for path, options, choices, commands in COMMANDS:
            self.assertEqual(bash_offers(*path, "-"), options, path)
            if commands:
                self.assertEqual(bash_offers(*path, ""), set(commands), path)
            for name, values in choices.items():
                self.assertEqual(bash_offers(*path, name, ""), set(values), (path, name))
                if name.startswith("--"):
                    self.assertEqual(bash_offers(*path, name, "=", ""), set(values), (path, name))

    def test_files_are_left_to_the_shell(self):
        self.assertEqual(bash_offers("encode", "a"), set())
        self.assertEqual(bash_offers("encode", "--report", ""), set())
        self.assertEqual(bash_offers("encode", "decode", "--eff"), {"--effort"})  # a file that is called decode


@unittest.skipUnless(shutil.which("fish"), "fish is not here")
class Fish(unittest.TestCase):
    def offers(self, *words):
        # Of an option with a short and a long name, fish offers the long one after --.
        line = " ".join(["residua", *words])
        lines = output_of(["fish", "--no-config", "-c", f"source {FOLDER}/fish/residua.fish; complete -C '{line}'"]).splitlines()
        return {text.split("\t")[0] for text in lines}

    def test_it_offers_what_help_lists(self):
        for path, options, choices, commands in COMMANDS:
            self.assertEqual(self.offers(*path, "--"), {name for name in options if name.startswith("--")}, path)
            if commands:
                self.assertEqual(self.offers(*path, ""), set(commands), path)
            for name, values in choices.items():
                self.assertEqual(self.offers(*path, name, ""), set(values), (path, name))


@unittest.skipUnless(shutil.which("zsh"), "zsh is not here")
class Zsh(unittest.TestCase):
    def arguments(self, *words):
        # _arguments is given what it is to offer: these are the words.
        script = """_arguments() { print -rl -- "$@" }; compdef() { : }; source "$1"; shift
                    words=("$@"); CURRENT=$#; _residua"""
        return output_of(["zsh", "-f", "-c", script, "zsh", FOLDER / "zsh/_residua", "residua", *words]).splitlines()

    def test_it_offers_what_help_lists(self):
        for path, options, choices, commands in COMMANDS:
            found, values, below = set(), {}, set()
            for line in self.arguments(*path, ""):
                option = re.match(r"(?:\([^)]*\))?(-[-\w]*)\[", line)
                if option:
                    found.add(option.group(1))
                    given = re.search(r"\]:[^:]*:\(([^)]*)\)$", line)
                    if given:
                        values[option.group(1)] = given.group(1).split()
                elif line.startswith("1:command:"):
                    below = set(re.findall(r'([\w-]+)\\:"', line))
            self.assertEqual(found, options, path)
            self.assertEqual(values, choices, path)
            self.assertEqual(below, set(commands), path)


class ManPages(unittest.TestCase):
    def page(self, name):
        for path in (FOLDER / f"man1/{name}.1.gz", FOLDER / f"man1/{name}.1"):
            if path.exists():
                return (gzip.open(path, "rt") if path.suffix == ".gz" else path.open()).read()
        self.fail(f"there is no page {name}")

    def test_each_command_has_a_page_with_its_options(self):
        for path, options, _, _ in COMMANDS:
            text = self.page("-".join(("residua", *path[:1])))
            bold = set(re.findall(r"\\fB(-[^\\ ]*(?:\\-[^\\ ]*)*)\\fR", text.replace("\\-", "-")))
            self.assertLessEqual(options, bold, path)
            if len(path) == 1 and not help_of(path)[2]:
                self.assertEqual(options, bold, path)

    @unittest.skipUnless(shutil.which("groff"), "groff is not here")
    def test_roff_has_nothing_to_say(self):
        for path, _, _, _ in COMMANDS:
            if len(path) < 2:
                result = subprocess.run(["groff", "-k", "-K", "utf8", "-man", "-ww", "-z", "-Tutf8"], text=True, capture_output=True,
                                        input=self.page("-".join(("residua", *path))))
                self.assertEqual((result.returncode, result.stderr), (0, ""), path)

    def test_pages_are_of_this_version(self):
        version = output_of([TOOL, "--version"]).split()[1]
        self.assertIn(f'"Residua {version}"', self.page("residua"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
