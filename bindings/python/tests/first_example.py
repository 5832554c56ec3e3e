"""Runs the first example of the README, in an environment that has the package and no more."""

import pathlib
import re

README = pathlib.Path(__file__).parents[1] / "README.md"

example = re.search(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
assert example
exec(compile(example[1], str(README), "exec"), {})
