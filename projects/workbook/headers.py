"""Which columns (or fields) a sheet should have, and where the file has them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from projects.workbook.cells import EMPTY, Parser, RawCell, written
from projects.workbook.days import EARLIEST, LATEST
from projects.workbook.faults import Fault, Notice, Problem


@dataclass(frozen=True)
class Column:
    """A column found by its header or a synonym of it.

    `default` stands in for an unknown cell and for a column that the file lacks; without it these
    give what the parser makes of an empty cell.
    """

    header: str
    name: str
    parse: Parser
    required: bool = False
    default: Any = None
    synonyms: tuple[str, ...] = ()

    def slot(self, header: str, index: int, cell: str) -> Slot | None:
        """The place of this column if `header` is its header."""
        if header not in map(folded, (self.header, *self.synonyms)):
            return None
        unknown = self.parse(EMPTY)
        return Slot(index, cell, self.name, None, self.header, self.parse, unknown, self.blank, self.required)

    @property
    def blank(self) -> Any:
        """What a row has where nothing is known."""
        return self.parse(EMPTY) if self.default is None else self.default


@dataclass(frozen=True)
class YearColumns:
    """One column per year, found by a pattern with the year in it; a row's value is a dict by year."""

    name: str
    parse: Parser
    pattern: str = r"(\d{4})年目标"
    required = False

    def slot(self, header: str, index: int, cell: str) -> Slot | None:
        match = re.fullmatch(self.pattern, header, re.ASCII)
        if not match or not EARLIEST.year <= int(match[1]) <= LATEST.year:
            return None
        unknown = self.parse(EMPTY)
        return Slot(index, cell, self.name, int(match[1]), header, self.parse, unknown, unknown, False)

    @property
    def blank(self) -> dict[int, Any]:
        return {}


AnyColumn = Column | YearColumns


@dataclass(frozen=True, slots=True)
class Slot:
    """A known column (or field) where the file has it; `cell` is where its header stands."""

    index: int
    cell: str
    name: str
    year: int | None
    header: str
    parse: Parser
    unknown: Any
    default: Any
    required: bool

    def read(self, cell: RawCell) -> Any:
        value = self.unknown if cell.is_empty else self.parse(cell)
        if value is not None and value != self.unknown:
            return value
        if self.required:
            raise Problem("必填，不能为空", f"“{self.header}”的内容")
        return self.default


@dataclass(frozen=True)
class Header:
    """The known columns (`noun` 列) or fields (字段) of a sheet, and what is wrong with them."""

    title: str
    noun: str
    columns: Sequence[AnyColumn]
    slots: dict[str, Slot] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    def take(self, found: RawCell, index: int, cell: str) -> None:
        """Note what stands as a header in `cell`; `index` is that of its column (field: of its row)."""
        text = folded(written(found))
        slot = next(filter(None, (column.slot(text, index, cell) for column in self.columns)), None)
        if slot is None:
            self.notice(f"不认识的{self.noun}“{found.shown}”（{cell}），已忽略")
            return
        first = self.slots.setdefault(place_key(slot.name, slot.year), slot)
        if first is not slot:
            message = f"{self.noun}与 {first.cell} 重复"
            self.faults.append(Fault(self.title, cell, found.shown, message, f"只出现一次的{self.noun}"))

    def notice(self, message: str) -> None:
        self.notices.append(Notice(self.title, message))

    def report_missing(self) -> None:
        lacking = self.lacking
        for column in self.columns:
            if isinstance(column, Column) and column.name in lacking:
                message = f"缺少必填{self.noun}“{column.header}”"
                self.faults.append(
                    Fault(self.title, "", "", message, f"有“{column.header}”{self.noun}的工作表")
                )

    @property
    def present(self) -> frozenset[str]:
        return frozenset(slot.name for slot in self.slots.values())

    @property
    def lacking(self) -> frozenset[str]:
        """The required ones that are not there."""
        return frozenset(c.name for c in self.columns if c.required) - self.present

    @property
    def places(self) -> dict[str, int]:
        return {key: slot.index for key, slot in self.slots.items()}

    def blanks(self) -> Callable[[], dict[str, Any]]:
        """Makes the values of a row before its cells are read."""
        lacking = self.lacking
        blanks = {column.name: column.blank for column in self.columns if column.name not in lacking}
        yearly = [column.name for column in self.columns if isinstance(column, YearColumns)]
        return lambda: blanks | {name: {} for name in yearly}


def folded(header: str) -> str:
    """For comparing: NFKC, without spaces and without the * that marks required columns."""
    return "".join(unicodedata.normalize("NFKC", header).split()).rstrip("*")


def place_key(name: str, year: int | None) -> str:
    return name if year is None else f"{name}:{year}"
