"""What a run leaves: the page, Markdown with its figures, JSON and CSV. Each file appears whole or not at all."""

import csv
import io
import json
import os

from . import html, markdown


def write(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(path.name + ".new")
    with open(new, "wb") as file:
        file.write(data if isinstance(data, bytes) else data.encode())
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


FIELDS = ["bytes", "encode_seconds", "decode_seconds", "encode_peak", "decode_peak", "q", "psnr", "model_name", "model"]


def rows_of(results):
    """One for each file: plain values, times in seconds, memory in bytes."""
    rows = []
    for picture in results.pictures:
        for one in results.configurations:
            value = results.value(picture, one.name)
            row = {"set": picture.set, "picture": picture.name, "sha256": picture.hash, "width": picture.width,
                   "height": picture.height, "channels": picture.channels, "configuration": one.name, "label": one.label,
                   "options": one.option_text, "bpsp": round(picture.bpsp(value["bytes"]), 6)}
            row.update({field: value[field] for field in FIELDS if value.get(field) is not None})
            if "parts" in value:
                row["parts"] = value["parts"]
            rows.append(row)
    return rows


def csv_text(rows):
    parts = list(dict.fromkeys(part for row in rows for part in row.get("parts", {})))
    names = ["set", "picture", "sha256", "width", "height", "channels", "configuration", "label", "options", "bpsp", *FIELDS]
    output = io.StringIO()
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow(names + [f"{part}, bytes" for part in parts])
    for row in rows:
        writer.writerow([row.get(name, "") for name in names] + [row.get("parts", {}).get(part, "") for part in parts])
    return output.getvalue()


def plain(block):
    """A block as JSON has it."""
    kind = type(block).__name__.lower()
    if kind == "table":
        return {"kind": kind, "title": block.title, "columns": block.columns, "rows": [list(map(str, row)) for row in block.rows]}
    if kind == "chart":
        return {"kind": kind, "title": block.title, "says": block.says, "vega_lite": block.spec}
    if kind == "gallery":
        return {"kind": kind, "title": block.title, "images": [caption for caption, _ in block.images]}
    return {"kind": kind, **vars(block)}


def write_all(report, results, folder):
    """The names of the four."""
    rows = rows_of(results)
    text, figures = markdown.document(report)
    for name, data in figures.items():
        write(folder / name, data)
    sections = [{"name": section.name, "title": section.title, "reading": section.reading,
                 "blocks": [plain(block) for block in section.blocks]} for section in report.sections]
    write(folder / "report.csv", csv_text(rows))
    write(folder / "report.json", json.dumps({"title": report.title, "files": rows, "sections": sections}, indent=1,
                                             ensure_ascii=False) + "\n")
    write(folder / "report.md", text)
    write(folder / "index.html", html.page(report))
    return ["index.html", "report.md", "report.json", "report.csv"]
