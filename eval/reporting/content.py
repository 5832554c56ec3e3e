"""What a report consists of, whatever it is written as."""


class Bold(str):
    """The best of its kind in a table."""


class Table:
    """columns: titles, the first `words` and the last `notes` of them text, the others numbers. rows: lists of str or Bold.
    folded: a page shows it on request. links: {number of a row: where its first cell leads to}."""

    def __init__(self, title, columns, rows, words=1, notes=0, folded=False, links=None):
        self.title, self.columns, self.rows, self.words, self.notes = title, columns, rows, words, notes
        self.folded, self.links = folded, links or {}

    def is_text(self, column):
        return column < self.words or column >= len(self.columns) - self.notes


class Chart:
    """spec: Vega-Lite without colours of the page (themes.py has those). says: what is to be seen, for who cannot see it."""

    def __init__(self, name, title, spec, says):
        self.name, self.title, self.spec, self.says = name, title, spec, says


class Gallery:
    """Small pictures side by side, or large ones. images: [(caption, PNG in base64)]."""

    def __init__(self, name, title, images, large=False):
        self.name, self.title, self.images, self.large = name, title, images, large


class Text:
    def __init__(self, text):
        self.text = text


class Verbatim:
    """Lines of a program's output."""

    def __init__(self, text):
        self.text = text


class Facts:
    """[(name, value)]"""

    def __init__(self, facts):
        self.facts = facts


class Section:
    """reading: a sentence how to read it. An empty list of blocks is not allowed: say why there is nothing instead."""

    def __init__(self, name, title, reading, blocks):
        self.name, self.title, self.reading, self.blocks = name, title, reading, blocks


class Report:
    def __init__(self, title, lead, sections, thumbnails):
        self.title, self.lead, self.sections, self.thumbnails = title, lead, sections, thumbnails


MINUS = "\N{MINUS SIGN}"


def percent(value, digits=1):
    """With its sign, as in the papers: +7.2 %; less is better."""
    text = f"{abs(value):.{digits}f} %"
    if float(text[:-2]) == 0:
        return text
    return ("+" if value > 0 else MINUS) + text


def number(value):
    """A count with its digits in groups of three, as a person reads it."""
    return f"{value:,}"


def significant(value):
    """Three digits that matter."""
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:.0f}"


def signed(value):
    """A whole number with a minus that is as wide as a plus."""
    return str(value).replace("-", MINUS)
