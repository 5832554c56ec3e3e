"""The report as Markdown, with its charts as SVG and its small pictures as PNG beside it."""

import base64
import re

import vl_convert

from .charts import alone
from .content import Bold, Chart, Facts, Gallery, Table, Text
from .themes import THEMES


def escape(text):
    """Text that no Markdown or HTML in it can change, on one line."""
    text = re.sub(r"\s+", " ", str(text))
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_\[\]|~#!$])", r"\\\1", text)


def cell(text, link=None):
    inner = escape(text)
    if link:
        inner = f"[{inner}](<{link}>)"
    return f"**{inner}**" if isinstance(text, Bold) else inner


def table(block):
    lines = ["| " + " | ".join(map(escape, block.columns)) + " |",
             "|" + "|".join("---" if block.is_text(column) else "---:" for column in range(len(block.columns))) + "|"]
    for index, row in enumerate(block.rows):
        lines.append("| " + " | ".join(cell(text, block.links.get(index) if column == 0 else None)
                                       for column, text in enumerate(row)) + " |")
    return f"### {escape(block.title)}\n\n" + "\n".join(lines)


def svg(spec):
    """On white, so that it can be read wherever the Markdown is shown."""
    return vl_convert.vegalite_to_svg(alone(spec), config={**THEMES["light"], "background": "#ffffff"})


def document(report):
    """(text, {name of a file beside it: bytes})"""
    files = {}

    def render(block):
        if isinstance(block, Table):
            return table(block)
        if isinstance(block, Text):
            return escape(block.text)
        if isinstance(block, Facts):
            return "\n".join(f"- {escape(name)}: {escape(value)}" for name, value in block.facts)
        if isinstance(block, Gallery):
            heads, images = [], []
            for index, (caption, data) in enumerate(block.images):
                file = f"figures/{block.name}-{index}.png"
                files[file] = base64.b64decode(data)
                heads.append(escape(caption))
                images.append(f"![{escape(caption)}]({file})")
            return (f"### {escape(block.title)}\n\n| " + " | ".join(heads) + " |\n|" + "---|" * len(heads) + "\n| "
                    + " | ".join(images) + " |")
        assert isinstance(block, Chart)
        file = f"figures/{block.name}.svg"
        files[file] = svg(block.spec).encode()
        return f"### {escape(block.title)}\n\n![{escape(block.says)}]({file})"

    parts = [f"# {escape(report.title)}", escape(report.lead)]
    for section in report.sections:
        parts += [f"## {escape(section.title)}", escape(section.reading)] + [render(block) for block in section.blocks]
    return "\n\n".join(parts) + "\n", files
