"""From the rows of a ledger to spending: exact amounts in 万元, with a remark for every row."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from projects.numbers import plain
from projects.workbook import amounts, cells, days
from projects.workbook.cells import EMPTY, RawCell, half_width, written
from projects.workbook.faults import Problem
from projects.workbook.raw import RawSheet
from reports.conversion import ledger_meanings
from reports.conversion.columns import NOT_READ
from reports.conversion.converter import Match
from reports.conversion.remarks import ELSEWHERE, HEADER, LOOK, TOTAL, Remark, left

HEADER_WITHIN = 20
LEAST_KNOWN = 3
YUAN_PLACES = -4
TOTALS = re.compile(
    r"(合计|小计|总计|累计|本[日月期季年](合计|累计|发生额?)|(期初|年初|月初|上年|上期)(余额|结转|结余)"
    r"|承前页|过次页|转下页|结转下[年期页]|期末余额)[:：]?"
)
# 20230105 as finance programs export it.
SOLID_DAY = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)", re.ASCII)
IN_BRACKETS = re.compile(r"\((.+)\)")


@dataclass(frozen=True)
class Ledger:
    """A sheet with its headings, which stand in row `header`. Without them nothing is understood."""

    sheet: RawSheet
    headings: tuple[str, ...] = ()
    header: int = 0


@dataclass(frozen=True)
class Spent:
    """One row of spending; `amount` in 万元, negative where it takes spending back."""

    remark: Remark = field(repr=False, compare=False)
    project: str
    amount: Decimal
    day: date | None
    year: int | None
    voucher: str
    summary: str
    category: str
    source: str
    task: str

    @property
    def identity(self) -> tuple[date | None, str, str, Decimal]:
        """What tells it again in another export, whatever it was matched with."""
        return self.day, self.voucher, self.summary, self.amount


@dataclass
class Reading:
    spent: list[Spent] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)


def ledger_of(sheet: RawSheet) -> Ledger:
    """The row with the most known headings, amounts among them, is the header."""
    counts = [ledger_meanings.known(headings_in(row)) for row in sheet.rows[:HEADER_WITHIN]]
    if not counts or max(counts) < LEAST_KNOWN:
        return Ledger(sheet)
    header = counts.index(max(counts))
    return Ledger(sheet, tuple(headings_in(sheet.rows[header])), header)


def headings_in(row: Sequence[RawCell]) -> list[str]:
    texts = [" ".join(written(cell).split()) for cell in row]
    while texts and not texts[-1]:
        texts.pop()
    return texts


def unit_of(ledger: Ledger, columns: Sequence[str]) -> str:
    """万元 where the heading of the amounts or a line above it says so."""
    above = [written(cell) for row in ledger.sheet.rows[: ledger.header] for cell in row]
    pairs = zip(ledger.headings, columns, strict=True)
    told = [heading for heading, name in pairs if name in ledger_meanings.OF_AMOUNTS]
    return "万元" if any("万元" in text for text in (*above, *told)) else "元"


def read_ledger(ledger: Ledger, columns: Sequence[str], unit: str, matches: Mapping[str, Match]) -> Reading:
    reading = Reading()
    places = {name: at for at, name in enumerate(columns) if name != NOT_READ}
    merged = {
        (row, column)
        for (first, column), (last, _) in ledger.sheet.merges
        for row in range(first + 1, min(last, len(ledger.sheet.rows) - 1) + 1)
    }
    sums = Sums()
    for number, cells_of in enumerate(ledger.sheet.rows):
        if all(cell.is_empty for cell in cells_of):
            continue
        row = LedgerRow(cells_of, number, places, unit, merged)
        remark = Remark(ledger.sheet.title, number + 1, "", row.content)
        reading.remarks.append(remark)
        if number <= ledger.header or headings_in(cells_of) == list(ledger.headings):
            remark.state = HEADER
        elif row.is_total:
            sums.check(row, remark)
        else:
            match = matches.get(row.text("project"), Match())
            amount = row.known_amount(remark)
            sums.add(amount)
            if match.left_out:
                remark.state, remark.notes = ELSEWHERE, []
            elif amount:
                reading.spent.append(row.spent(amount, match, remark))
    return reading


class Sums:
    """Sums of the rows so far, which the totals of the ledger should equal."""

    def __init__(self) -> None:
        self.part = self.whole = Decimal(0)

    def add(self, amount: Decimal) -> None:
        self.part += amount
        self.whole += amount

    def check(self, row: LedgerRow, remark: Remark) -> None:
        remark.state = TOTAL
        try:
            told = row.amount()
        except Problem:
            told = None
        if told is not None and "余额" not in remark.content and told not in (self.part, self.whole):
            remark.state = LOOK
            sums = f"{plain(self.part)} 万元（从头累计 {plain(self.whole)} 万元）"
            remark.notes.append(f"账上合计 {plain(told)} 万元，读入的各行相加是 {sums}")
        self.part = Decimal(0)


class LedgerRow:
    """The cells of one row by what their columns mean."""

    def __init__(
        self,
        row: Sequence[RawCell],
        number: int,
        places: Mapping[str, int],
        unit: str,
        merged: set[tuple[int, int]],
    ) -> None:
        self.row, self.number, self.places, self.unit, self.merged = row, number, places, unit, merged

    @property
    def content(self) -> str:
        return " | ".join(text for cell in self.row if (text := written(cell)))

    @property
    def is_total(self) -> bool:
        """Whether a row sums others: its only words, or its 摘要, say so."""
        texts = ("".join(written(cell).split()) for cell in self.row if isinstance(cell.value, str))
        first = next(filter(None, texts), "")
        return any(TOTALS.fullmatch(text) for text in (first, "".join(self.text("summary").split())))

    def cell(self, name: str) -> RawCell:
        at = self.places.get(name)
        return self.row[at] if at is not None and at < len(self.row) else EMPTY

    def text(self, name: str) -> str:
        text = written(self.cell(name))
        return "" if text in cells.UNKNOWN else text

    def line(self, name: str) -> str:
        return " ".join(self.text(name).split())

    def known_amount(self, remark: Remark) -> Decimal:
        """The amount of the row; 0, with the reason in the remark, where there is none."""
        try:
            amount = self.amount()
        except Problem as problem:
            left(remark, f"金额{problem.message}")
            return Decimal(0)
        if not amount:
            left(remark, "没有金额" if amount is None else "金额为 0")
        return amount or Decimal(0)

    def spent(self, amount: Decimal, match: Match, remark: Remark) -> Spent:
        day, year = self.when(remark)
        return Spent(
            remark,
            self.text("project"),
            amount,
            day,
            year,
            self.line("voucher"),
            self.text("summary"),
            self.line("category"),
            match.source or self.text("source"),
            match.task or half_width(self.line("task")),
        )

    def amount(self) -> Decimal | None:
        """In 万元: what was paid, less what was taken back."""
        parts = [self.number_in("amount"), self.number_in("debit"), self.number_in("credit")]
        if parts == [None, None, None]:
            return None
        value = sum(filter(None, parts[:2]), Decimal(0)) - (parts[2] or Decimal(0))
        return amounts.storable(value.scaleb(YUAN_PLACES) if self.unit != "万元" else value)

    def number_in(self, name: str) -> Decimal | None:
        """The number of a cell, also as ￥1,234.50 or (500.00); of a merged one only in its first row."""
        if (self.number, self.places.get(name, -1)) in self.merged:
            return None
        cell = self.cell(name)
        if not isinstance(cell.value, str):
            return amounts.signed(cell)
        text = half_width(cell.value).strip().lstrip("￥¥").removesuffix("元").strip()
        if negative := IN_BRACKETS.fullmatch(text):
            text = f"-{negative[1]}"
        return amounts.signed(RawCell(text))

    def when(self, remark: Remark) -> tuple[date | None, int | None]:
        try:
            day = self.day()
            year = day.year if day else days.year(self.cell("year"))
        except Problem as problem:
            remark.note(f"日期“{self.text('date') or self.text('year')}”{problem.message}，“年度”请补填")
            return None, None
        if year is None:
            remark.note("没有日期，“年度”请补填")
        return day, year

    def day(self) -> date | None:
        value = self.cell("date").value
        if isinstance(value, datetime):
            value = value.date()
        text = self.text("date")
        if solid := SOLID_DAY.fullmatch(text):
            value = "-".join(solid.groups())
        elif isinstance(value, str):
            value = re.sub(r"\s+\d{1,2}:\d\d(:\d\d)?$", "", text)
        parts = [self.text(name) for name in ("year", "month", "day")]
        if not text and all(parts):
            value = "-".join(re.sub(r"\D", "", part) for part in parts)
        return days.day(RawCell(value))


def without_reversed(found: Iterable[Spent]) -> list[Spent]:
    """Spending without what was taken back: a negative row goes away with the nearest equal one above."""
    kept: dict[int, Spent] = {}
    equal: dict[tuple[Decimal, str, str], list[int]] = defaultdict(list)
    for at, row in enumerate(found):
        same = equal[abs(row.amount), row.task, row.source]
        if row.amount > 0:
            kept[at] = row
            same.append(at)
        elif same:
            pair = kept.pop(same.pop())
            for one, other in ((pair, row), (row, pair)):
                left(one.remark, f"与第 {other.remark.row} 行互相冲销，两行都没有写入")
        else:
            left(row.remark, "冲减金额：系统不记负数的支出，请在相应的支出中扣减")
    return list(kept.values())
