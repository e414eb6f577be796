"""What calamine does not tell about the cells of an .xlsx file.

It drops number formats (0.9543 and 95.43% look alike), gives error values and formulas without a
stored result as empty cells, and allocates the rectangle up to the farthest cell, whatever its size.
One pass of expat over the sheet answers all of this.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from string import ascii_uppercase, digits
from typing import IO
from xml.parsers import expat
from zipfile import ZipFile

from projects.workbook.references import cell_name, position

Position = tuple[int, int]
Attributes = dict[str, str]
StartHandler = Callable[[str, Attributes], None]

WORKBOOK = "xl/workbook.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"
STYLES = "xl/styles.xml"

BUILT_IN_PERCENTS = frozenset(["9", "10"])
# Quoted, escaped, padding and bracketed pieces of a number format; a % in them is only text.
LITERALS = re.compile(r'"[^"]*"?|[\\_*].|\[[^\]]*\]')


@dataclass(slots=True)
class Marks:
    """Positions, (row, column) from 0, of the cells that need more than their value."""

    percents: set[Position] = field(default_factory=set)
    errors: dict[Position, str] = field(default_factory=dict)
    uncached: set[Position] = field(default_factory=set)
    # The last row and the last column that hold anything, counted from 1.
    height: int = 0
    width: int = 0


class Package:
    """The parts of an .xlsx file that are read besides the values. Damaged ones raise."""

    def __init__(self, source: IO[bytes]) -> None:
        self.archive = ZipFile(source)
        self.parts = {name.replace("\\", "/").lower(): name for name in self.archive.namelist()}
        self.percent_styles = self._percent_styles()
        self.paths = self._paths()

    def marks(self, title: str) -> Marks:
        scan = SheetScan(self.percent_styles)
        self._parse(self.paths[title], scan.start, scan.parser)
        return scan.result()

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
        parser.StartDoctypeDeclHandler = refuse_doctype
        with self.archive.open(self.parts[path.lower()]) as part:
            parser.ParseFile(part)


@lru_cache(maxsize=1000)
def local(name: str) -> str:
    """The name without its namespace prefix."""
    return name.rpartition(":")[2]


def full_path(target: str) -> str:
    target = target.replace("\\", "/")
    return target[1:] if target.startswith("/") else f"xl/{target}"


def refuse_doctype(*_: object) -> None:
    raise ValueError("a workbook has no document type declaration")


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


class SheetScan:
    """Goes through the cells of a sheet."""

    def __init__(self, percent_styles: frozenset[str]) -> None:
        self.parser = expat.ParserCreate()
        self.percent_styles = percent_styles
        self.marks = Marks()
        self.columns: set[str] = set()
        self.rows: set[str] = set()
        self.row = 0
        self.reference = ""
        self.cell: Attributes | None = None
        # What a cell with a formula or an error value shows, until the next cell starts.
        self.shown: list[str] | None = None

    def start(self, name: str, found: Attributes) -> None:
        tag = local(name)
        if tag == "c":
            if self.shown is not None:
                self._close()
            self.reference = found.setdefault("r", "") or self._next_reference()
            self.cell = found
        elif self.cell is not None and tag in ("v", "f", "is"):
            self._content(self.cell, tag)
        else:
            self._close()
            self.cell = None
            if tag == "row":
                self.row = int(found.get("r") or self.row + 1)
                self.reference = ""

    def result(self) -> Marks:
        self._close()
        if self.rows:
            last_column = max(self.columns, key=lambda letters: (len(letters), letters))
            row, column = position(f"{last_column}{max(map(int, self.rows))}")
            self.marks.height, self.marks.width = row + 1, column + 1
        return self.marks

    def _content(self, cell: Attributes, tag: str) -> None:
        self.columns.add(self.reference.rstrip(digits))
        self.rows.add(self.reference.lstrip(ascii_uppercase))
        kind = cell.get("t", "n")
        if kind == "n" and cell.get("s", "0") in self.percent_styles:
            self.marks.percents.add(position(self.reference))
        if tag == "f" or kind == "e":
            self.shown = []
        if tag == "v" and self.shown is not None:
            self.parser.CharacterDataHandler = self.shown.append

    def _close(self) -> None:
        """The end of a cell that has a formula or an error value."""
        if self.shown is None or self.cell is None:
            return
        found = "".join(self.shown).strip()
        kind = self.cell.get("t", "n")
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
