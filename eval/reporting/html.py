"""The report as one page that needs nothing from outside."""

import html
import json
from pathlib import Path

import vl_convert

from .content import Bold, Chart, Facts, Gallery, Table, Text, Verbatim
from .themes import THEMES

HERE = Path(__file__).parent
# The page itself forbids what it must not do: fetch anything.
POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'"


def escape(text):
    return html.escape(str(text), quote=True)


def script_json(value):
    """JSON that can stand inside of a script element: no end tag, no comment, and no line that JavaScript breaks."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def cell(text, words, link=None):
    inner = escape(text)
    if link:
        inner = f'<a href="{escape(link)}">{inner}</a>'
    if isinstance(text, Bold):
        inner = f"<strong>{inner}</strong>"
    return f"<td>{inner}</td>" if words else f'<td class="n">{inner}</td>'


def table(block):
    heads = "".join(f'<th scope="col"{"" if block.is_text(index) else " class=n"}>{escape(title)}</th>'
                    for index, title in enumerate(block.columns))
    rows = []
    for index, row in enumerate(block.rows):
        cells = "".join(cell(text, block.is_text(column), block.links.get(index) if column == 0 else None)
                        for column, text in enumerate(row))
        rows.append(f"<tr>{cells}</tr>")
    body = (f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(block.title)}"><table><thead><tr>{heads}</tr>'
            f'</thead><tbody>\n{"".join(line + chr(10) for line in rows)}</tbody></table></div>')
    if block.folded:
        return f"<details><summary>{escape(block.title)}</summary>\n{body}</details>"
    return f"<h3>{escape(block.title)}</h3>\n{body}"


def gallery(block):
    figures = "".join(f'<figure><img alt="{escape(f"{block.title}: {caption}")}" src="data:image/png;base64,{data}">'
                      f"<figcaption>{escape(caption)}</figcaption></figure>\n" for caption, data in block.images)
    return f'<h3>{escape(block.title)}</h3>\n<div class="gallery{" large" if block.large else ""}">{figures}</div>'


def render(block, specs):
    if isinstance(block, Table):
        return table(block)
    if isinstance(block, Gallery):
        return gallery(block)
    if isinstance(block, Text):
        return f"<p>{escape(block.text)}</p>"
    if isinstance(block, Verbatim):
        return f"<pre>{escape(block.text)}</pre>"
    if isinstance(block, Facts):
        return "<dl>" + "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in block.facts) + "</dl>"
    assert isinstance(block, Chart)
    specs[block.name] = block.spec
    return (f"<h3>{escape(block.title)}</h3>\n"
            f'<div class="chart" id="chart-{block.name}" role="img" aria-label="{escape(block.says)}"></div>\n'
            f'<p class="says">{escape(block.says)}</p>')


def page(report, home=None):
    """The text of the page. home: the address of the report, on the page of a single picture."""
    specs, sections = {}, []
    for section in report.sections:
        body = "\n".join(render(block, specs) for block in section.blocks)
        sections.append(f'<section id="{section.name}">\n<h2>{escape(section.title)}</h2>\n'
                        f'<p class="reading">{escape(section.reading)}</p>\n{body}\n</section>')
    contents = "".join(f'<li><a href="#{section.name}">{escape(section.title)}</a></li>' for section in report.sections)
    back = f'<p><a href="{escape(home)}">← the whole report</a></p>' if home else ""
    bundle = vl_convert.javascript_bundle().replace("</script", "<\\/script") if specs else ""
    fields = {
        "title": escape(report.title), "lead": escape(report.lead), "policy": escape(POLICY), "back": back,
        "style": (HERE / "page.css").read_text(), "contents": contents, "sections": "\n".join(sections),
        "bundle": bundle, "script": (HERE / "page.js").read_text(),
        "specs": script_json(specs), "themes": script_json(THEMES), "thumbnails": script_json(report.thumbnails),
    }
    # One pass over the template, so that nothing which looks like a field inside of a value is replaced.
    pieces = (HERE / "page.html").read_text().split("@@")
    return "".join(fields[piece] if index % 2 else piece for index, piece in enumerate(pieces))
