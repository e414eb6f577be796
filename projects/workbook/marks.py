"""What calamine does not tell about the cells of an .xlsx file.

It drops number formats (0.9543 and 95.43% look alike), gives error values and formulas without a
stored result as empty cells, and allocates the rectangle up to the farthest cell, whatever its size.
One pass of expat over the sheet answers all of this.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from string import ascii_uppercase, digits
from typing import IO
from xml.parsers import expat
from zipfile import ZipFile

from projects.workbook.guard import parse
from projects.workbook.raw import MOST_COLUMNS, Position
from projects.workbook.references import cell_name, position

Attributes = dict[str, str]
StartHandler = Callable[[str, Attributes], None]

WORKBOOK = "xl/workbook.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"
STYLES = "xl/styles.xml"
TEXTS = "xl/sharedstrings.xml"
# What readers hold besides the sheets.
LOADED = (WORKBOOK, RELATIONS, STYLES, TEXTS)

BUILT_IN_PERCENTS = frozenset(["9", "10"])
# Quoted, escaped, padding and bracketed pieces of a number format; a % in them is only text.
LITERALS = re.compile(r'"[^"]*"?|[\\_*].|\[[^\]]*\]')


@dataclass(slots=True)
class Marks:
    """Positions, (row, column) from 0, of the cells that need more than their value."""

    percents: set[Position] = field(default_factory=set)
    errors: dict[Position, str] = field(default_factory=dict)
    uncached: set[Position] = field(default_factory=set)
    # Rows and columns, from 0, that are not shown.
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    # The last row and the last column that hold anything, counted from 1.
    height: int = 0
    width: int = 0
    # How many formulas and values there are, how many of these are texts that cells share, how many merges.
    contents: int = 0
    shared: int = 0
    merges: int = 0


class TooMany(Exception):
    """A sheet has more in it than is read."""


class Package:
    """The parts of an .xlsx file that are read besides the values. Damaged ones raise."""

    def __init__(self, source: IO[bytes]) -> None:
        self.archive = ZipFile(source)
        self.parts = {name.replace("\\", "/").lower(): name for name in self.archive.namelist()}
        self.percent_styles = self._percent_styles()
        self.paths = self._paths()

    def marks(self, title: str, most: int) -> Marks:
        scan = SheetScan(self.percent_styles, most)
        self._parse(self.paths[title], scan.start, scan.parser)
        return scan.result()

    @cached_property
    def text_lengths(self) -> list[int]:
        """How long each text is that cells share."""
        scan = TextScan()
        if TEXTS in self.parts:
            self._parse(TEXTS, scan.start, scan.parser)
        return scan.lengths

    def text_length(self, title: str) -> int:
        """How much text the cells of a sheet get when each has a copy of its own."""
        lengths = self.text_lengths
        found: list[int] = []

        def tell(reference: str, kind: str, written: str) -> None:
            if kind == "s" and is_index(written, lengths):
                found.append(lengths[int(written)])

        self._values(title, tell)
        return sum(found)

    def unreadable(self, title: str) -> dict[str, str]:
        """The cells whose value is not what the cell says it is, and what stands there."""
        found: dict[str, str] = {}

        def tell(reference: str, kind: str, written: str) -> None:
            fits = is_index(written, self.text_lengths) if kind == "s" else kind != "n" or is_number(written)
            if not fits and reference:
                found[reference] = written

        self._values(title, tell)
        return found

    def _values(self, title: str, tell: Callable[[str, str, str], None]) -> None:
        scan = ValueScan(tell)
        self._parse(self.paths[title], scan.start, scan.parser)

    def _paths(self) -> dict[str, str]:
        """Where each sheet is, by title."""
        targets: dict[str, str] = {}
        keys: dict[str, str] = {}

        def start(name: str, found: Attributes) -> None:
            if local(name) == "Relationship":
                targets[found["Id"]] = full_path(found["Target"])
            elif local(name) == "sheet":
                keys[found["name"]] = next(found[key] for key in found if local(key) == "id")

        self._parse(RELATIONS, start)
        self._parse(WORKBOOK, start)
        return {title: targets[key] for title, key in keys.items()}

    def _percent_styles(self) -> frozenset[str]:
        if STYLES not in self.parts:
            return frozenset()
        scan = StylesScan()
        self._parse(STYLES, scan.start)
        return scan.percent_styles()

    def _parse(self, path: str, start: StartHandler, parser: expat.XMLParserType | None = None) -> None:
        parser = parser or expat.ParserCreate()
        parser.StartElementHandler = start
        with self.archive.open(self.parts[path.lower()]) as part:
            parse(parser, part, path)


@lru_cache(maxsize=1000)
def local(name: str) -> str:
    """The name without its namespace prefix."""
    return name.rpartition(":")[2]


def full_path(target: str) -> str:
    target = target.replace("\\", "/")
    return target[1:] if target.startswith("/") else f"xl/{target}"


class StylesScan:
    """Finds the cell styles whose number format shows a percentage."""

    def __init__(self) -> None:
        self.section = ""
        self.percents = set(BUILT_IN_PERCENTS)
        self.formats: list[str] = []

    def start(self, name: str, found: Attributes) -> None:
        tag = local(name)
        if tag in ("numFmts", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs"):
            self.section = tag
        elif tag == "numFmt" and self.section == "numFmts" and shows_percent(found["formatCode"]):
            self.percents.add(found["numFmtId"])
        elif tag == "xf" and self.section == "cellXfs":
            self.formats.append(found.get("numFmtId", "0"))

    def percent_styles(self) -> frozenset[str]:
        """Style numbers, as cells name them."""
        return frozenset(str(style) for style, used in enumerate(self.formats) if used in self.percents)


def shows_percent(format_code: str) -> bool:
    """Whether positive numbers are shown times 100, with a % sign."""
    return "%" in LITERALS.sub("", format_code).partition(";")[0]


def is_number(written: str) -> bool:
    try:
        float(written or 0)
    except ValueError:
        return False
    return True


def is_index(written: str, of: Sequence[object]) -> bool:
    return written.isdecimal() and len(written) < 10 and int(written) < len(of)


class TextScan:
    """Measures the texts that cells share."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.CharacterDataHandler = self._text
        self.lengths: list[int] = []

    def start(self, name: str, found: Attributes) -> None:
        if local(name) == "si":
            self.lengths.append(0)

    def _text(self, text: str) -> None:
        if self.lengths:
            self.lengths[-1] += len(text)


class ValueScan:
    """Tells of each value of a sheet where it stands, its kind and how it is written."""

    def __init__(self, tell: Callable[[str, str, str], None]) -> None:
        self.parser = expat.ParserCreate()
        self.parser.EndElementHandler = self._end
        self.tell = tell
        self.reference = self.kind = ""
        self.written: list[str] = []

    def start(self, name: str, found: Attributes) -> None:
        tag = local(name)
        if tag == "c":
            self.reference, self.kind = found.get("r", ""), found.get("t", "n")
        elif tag == "v":
            self.written = []
            self.parser.CharacterDataHandler = self.written.append

    def _end(self, name: str) -> None:
        if local(name) == "v":
            self.parser.CharacterDataHandler = None
            self.tell(self.reference, self.kind, "".join(self.written).strip())


class SheetScan:
    """Goes through the cells of a sheet. TooMany where it has more than `most` formulas and values."""

    def __init__(self, percent_styles: frozenset[str], most: int) -> None:
        self.parser = expat.ParserCreate()
        self.parser.EndElementHandler = self.end
        self.percent_styles = percent_styles
        self.most = most
        self.marks = Marks()
        self.columns: set[str] = set()
        self.rows: set[str] = set()
        self.row = 0
        self.reference = ""
        self.cell: Attributes | None = None
        # What a cell with a formula or an error value shows.
        self.shown: list[str] | None = None

    def start(self, name: str, found: Attributes) -> None:
        tag = local(name)
        if tag == "c":
            self.reference = found.setdefault("r", "") or self._next_reference()
            self.cell = found
        elif self.cell is not None:
            # Whatever else is in a cell, a reader of values passes over it.
            if tag in ("v", "f", "is"):
                self._content(self.cell, tag)
        elif tag == "row":
            self._row(found)
        elif tag == "mergeCell":
            self.marks.merges += 1
        elif tag == "col" and is_true(found, "hidden"):
            last = min(int(found["max"]), MOST_COLUMNS)
            self.marks.hidden_columns.update(range(int(found["min"]) - 1, last))

    def end(self, name: str) -> None:
        if self.cell is not None and local(name) == "c":
            if self.shown is not None:
                self._close(self.cell, self.shown)
            self.cell = None

    def result(self) -> Marks:
        if self.rows:
            last_column = max(self.columns, key=lambda letters: (len(letters), letters))
            row, column = position(f"{last_column}{max(map(int, self.rows))}")
            self.marks.height, self.marks.width = row + 1, column + 1
        return self.marks

    def _row(self, found: Attributes) -> None:
        self.row = int(found.get("r") or self.row + 1)
        self.reference = ""
        if is_true(found, "hidden"):
            self.marks.hidden_rows.add(self.row - 1)

    def _content(self, cell: Attributes, tag: str) -> None:
        self.columns.add(self.reference.rstrip(digits))
        self.rows.add(self.reference.lstrip(ascii_uppercase))
        kind = cell.get("t", "n")
        self.marks.contents += 1
        self.marks.shared += kind == "s"
        if self.marks.contents > self.most:
            raise TooMany
        if kind == "n" and cell.get("s", "0") in self.percent_styles:
            self.marks.percents.add(position(self.reference))
        if tag == "f" or kind == "e":
            self.shown = []
        if tag == "v" and self.shown is not None:
            self.parser.CharacterDataHandler = self.shown.append

    def _close(self, cell: Attributes, shown: list[str]) -> None:
        """The end of a cell that has a formula or an error value."""
        found = "".join(shown).strip()
        kind = cell.get("t", "n")
        if kind == "e":
            self.marks.errors[position(self.reference)] = found
        elif not found and kind != "str":
            self.marks.uncached.add(position(self.reference))
        self.shown = None
        self.parser.CharacterDataHandler = None

    def _next_reference(self) -> str:
        """Cells may go without a reference: they follow each other."""
        column = position(self.reference)[1] + 1 if self.reference else 0
        return cell_name(self.row, column)


def is_true(found: Attributes, name: str) -> bool:
    return found.get(name) in ("1", "true")
