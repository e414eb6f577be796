"""Which columns (or fields) a sheet should have, and where the file has them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from projects.workbook import amounts
from projects.workbook.cells import EMPTY, Parser, RawCell, written
from projects.workbook.days import EARLIEST, LATEST
from projects.workbook.faults import Fault, Notice, Problem
from projects.workbook.synonyms import COUNTED_IN, YEAR_TARGET, Heading, heading, words_for


@dataclass(frozen=True)
class Column:
    """A column found by its header or another word for it (synonyms.py).

    `default` stands in for an unknown cell and for a column that the file lacks; without it these
    give what the parser makes of an empty cell.
    """

    header: str
    name: str
    parse: Parser
    required: bool = False
    default: Any = None

    def match(self, found: Heading) -> Match | None:
        """How the column is meant by a header in the file, if it is."""
        own = heading(self.header)
        is_synonym = found.word != own.word
        if is_synonym and found.word not in words_for(self.header):
            return None
        parse = self.parse_in(found.unit, own.unit)
        return Match(self.name, self.header, parse, self.blank, self.required, None, is_synonym, own.unit)

    def parse_in(self, unit: str, own: str) -> Parser | None:
        """What reads numbers in the unit that the header names; None for a unit that is not ours."""
        if unit in ("", own) or (not own and unit in COUNTED_IN):
            return self.parse
        if unit == "%" and self.parse in IN_PERCENT:
            return IN_PERCENT[self.parse]
        return None

    @property
    def blank(self) -> Any:
        """What a row has where nothing is known."""
        return self.parse(EMPTY) if self.default is None else self.default


@dataclass(frozen=True)
class YearColumns:
    """One column per year, found by a pattern with the year in it; a row's value is a dict by year."""

    name: str
    parse: Parser
    pattern: str = YEAR_TARGET
    required = False

    def match(self, found: Heading) -> Match | None:
        match = re.fullmatch(self.pattern, found.word, re.ASCII)
        if not match or not EARLIEST.year <= int(match[1]) <= LATEST.year:
            return None
        is_known = found.unit in ("", "%") or found.unit in COUNTED_IN
        parse = self.parse if is_known else None
        return Match(self.name, found.word, parse, self.parse(EMPTY), False, int(match[1]))

    @property
    def blank(self) -> dict[int, Any]:
        return {}


AnyColumn = Column | YearColumns
# What reads 95.43 in a column headed （%）.
IN_PERCENT: Mapping[Parser, Parser] = {
    amounts.measure: amounts.measure,
    amounts.percent: amounts.percent,
    amounts.ratio: amounts.ratio_of_percent,
}


@dataclass(frozen=True, slots=True)
class Match:
    """What a header in the file means; `parse` None where its unit is not the `unit` of the column."""

    name: str
    header: str
    parse: Parser | None
    default: Any
    required: bool
    year: int | None = None
    is_synonym: bool = False
    unit: str = ""

    def slot(self, index: int, cell: str, text: str) -> Slot:
        assert self.parse
        unknown = self.parse(EMPTY)
        return Slot(
            index,
            cell,
            text,
            self.name,
            self.year,
            self.header,
            self.parse,
            unknown,
            self.default,
            self.required,
            self.is_synonym,
        )


@dataclass(frozen=True, slots=True)
class Slot:
    """A known column (or field) where the file has it: its header stands in `cell`, written as `text`."""

    index: int
    cell: str
    text: str
    name: str
    year: int | None
    header: str
    parse: Parser
    unknown: Any
    default: Any
    required: bool
    is_synonym: bool

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
    # The row it stands in, from 0.
    row: int = 0
    slots: dict[str, Slot] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    def take(self, found: RawCell, index: int, cell: str) -> None:
        """Note what stands as a header in `cell`; `index` is that of its column (field: of its row)."""
        head = heading(written(found))
        match = best_match(self.columns, head)
        if match is None:
            self.notice(f"不认识的{self.noun}“{found.shown}”（{cell}），已忽略")
        elif match.parse is None:
            self.notice(f"{self.noun}“{found.shown}”（{cell}）括号中的内容与“{match.header}”不符，已忽略")
        else:
            if match.unit and not head.unit:
                self.notice(f"{self.noun}“{found.shown}”（{cell}）没有写单位，按“{match.unit}”读取")
            self.place(match.slot(index, cell, found.shown))

    def place(self, slot: Slot) -> None:
        """Of two that mean the same, the one with our own header is read; of two like it neither."""
        key = place_key(slot.name, slot.year)
        first = self.slots.setdefault(key, slot)
        if first is slot:
            return
        if first.is_synonym == slot.is_synonym:
            told = f"“{first.text}”是同一{self.noun}（{slot.header}），" if first.text != slot.text else ""
            message = f"{self.noun}与 {first.cell} {told}重复"
            self.faults.append(Fault(self.title, slot.cell, slot.text, message, f"只出现一次的{self.noun}"))
            return
        read, left = (slot, first) if first.is_synonym else (first, slot)
        self.slots[key] = read
        self.notice(
            f"“{left.text}”（{left.cell}）与“{read.text}”（{read.cell}）是同一{self.noun}，读取后者，前者已忽略"
        )

    def notice(self, message: str) -> None:
        self.notices.append(Notice(self.title, message))

    def report_missing(self) -> None:
        lacking = self.lacking
        taken = f"（按第 {self.row + 1} 行为表头）" if self.row else ""
        for column in self.columns:
            if isinstance(column, Column) and column.name in lacking:
                message = f"缺少必填{self.noun}“{column.header}”{taken}"
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


def best_match(columns: Iterable[AnyColumn], found: Heading) -> Match | None:
    """The column that a header means: one with this very header before one with another word for it."""
    matches = [match for column in columns if (match := column.match(found))]
    return min(matches, key=lambda match: (match.parse is None, match.is_synonym), default=None)


def place_key(name: str, year: int | None) -> str:
    return name if year is None else f"{name}:{year}"
