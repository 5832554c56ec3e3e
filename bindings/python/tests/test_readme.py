"""The README's examples run, each in the state that the one before left."""

import pathlib
import re

README = pathlib.Path(__file__).parents[1] / "README.md"


def test_examples(tmp_path, monkeypatch):
    text = README.read_text()
    examples = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert examples
    assert len(examples[0].strip().splitlines()) == 10
    assert len(text.splitlines()) <= 150
    monkeypatch.chdir(tmp_path)
    state = {}
    for example in examples:
        exec(compile(example, str(README), "exec"), state)
