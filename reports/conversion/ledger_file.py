"""Ledgers of the finance office as a kind of file that is converted."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

from projects.models import Project
from projects.numbers import plain
from projects.workbook.cells import written
from projects.workbook.faults import refused
from projects.workbook.reading import read_sheets
from reports.conversion import ledger_meanings
from reports.conversion.converter import Groups, Kind, Made, Task, Value, samples_of
from reports.conversion.ledger import (
    Ledger,
    Reading,
    Spent,
    ledger_of,
    read_ledger,
    unit_of,
    without_reversed,
)
from reports.conversion.ledger_pages import ledger_workbook, only_new, standing, total
from reports.conversion.remarks import ELSEWHERE, LEFT, LOOK, Remark, left

MOST_ROWS = 50_000
# More can hardly be matched by hand.
MOST_VALUES = 500


class LedgerFile:
    groups: Groups = ledger_meanings.GROUPS
    has_units: bool = True

    def read(self, path: Path) -> list[Ledger]:
        sheets = [sheet for sheet in read_sheets(path).values() if not sheet.is_blank]
        for sheet in sheets:
            if sheet.faults:
                raise refused(f"工作表“{sheet.title}”：{sheet.faults[0].message}", sheet.faults[0].expected)
        if sum(len(sheet.rows) for sheet in sheets) > MOST_ROWS:
            raise refused(f"明细账超过 {MOST_ROWS:,} 行", "按年度或项目分成几个文件")
        ledgers = [ledger_of(sheet) for sheet in sheets]
        if not any(ledger.headings for ledger in ledgers):
            expected = "一行表头里有日期、摘要、金额（或借方）等列的明细账"
            raise refused("没有找到明细账的表头", expected)
        return ledgers

    def kinds(self, source: list[Ledger]) -> list[Kind]:
        same: dict[tuple[str, ...], list[Ledger]] = defaultdict(list)
        for ledger in source:
            if ledger.headings:
                same[ledger.headings].append(ledger)
        return [kind_of(group) for group in same.values()]

    def fault(self, columns: Sequence[str]) -> str:
        return ledger_meanings.fault(columns)

    def values(self, source: list[Ledger], task: Task) -> list[Value]:
        """The projects that the ledgers name, the largest sums first."""
        project_of(task)
        rows: Counter[str] = Counter()
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for reading in self.readings(source, task, with_matches=False):
            for row in reading.spent:
                rows[row.project] += 1
                sums[row.project] += row.amount
        largest = sorted(rows, key=lambda text: -sums[text])
        return [Value(text, rows[text], plain(sums[text])) for text in largest[:MOST_VALUES]]

    def make(self, source: list[Ledger], task: Task) -> Made:
        project = project_of(task)
        readings = list(self.readings(source, task, with_matches=True))
        found = [row for reading in readings for row in reading.spent]
        remarks = [remark for reading in readings for remark in reading.remarks]
        known = standing(project)
        kept = without_reversed(found)
        new = only_new(kept, known)
        told = (*sums_told(found, kept, new), *rows_told(remarks))
        return Made(ledger_workbook(new, known, remarks, project, told), told, remarks)

    def readings(self, source: list[Ledger], task: Task, *, with_matches: bool) -> Iterator[Reading]:
        for ledger in source:
            columns = task.columns_of(ledger.headings)
            if any(columns):
                unit = task.unit_of(ledger.headings)
                yield read_ledger(ledger, columns, unit, task.matches if with_matches else {})
            else:
                yield left_out(ledger)


def project_of(task: Task) -> Project:
    """The project that pays: it may be gone since the file was handed in."""
    if task.project is None:
        raise refused("建设项目已被删除", "重新上传，并选择支出记到哪个项目")
    return task.project


def kind_of(group: Sequence[Ledger]) -> Kind:
    first = group[0]
    guess = ledger_meanings.MEANINGS.guess(first.headings)
    body = first.sheet.rows[first.header + 1 :]
    columns = [[written(row[at]) for row in body if at < len(row)] for at, _ in enumerate(first.headings)]
    where = f"工作表“{'”“'.join(ledger.sheet.title for ledger in group)}”"
    return Kind(first.headings, where, samples_of(columns), tuple(guess), unit_of(first, guess))


def left_out(ledger: Ledger) -> Reading:
    """A sheet that is no ledger, or was left out on purpose."""
    remarks = []
    for number, row in enumerate(ledger.sheet.rows, 1):
        content = " | ".join(text for each in row if (text := written(each)))
        if content:
            remarks.append(Remark(ledger.sheet.title, number, "", content))
            left(remarks[-1], "这张工作表没有读入")
    return Reading(remarks=remarks)


def sums_told(found: Sequence[Spent], kept: Sequence[Spent], new: Sequence[Spent]) -> tuple[str, ...]:
    """What was read, what of it is new, what the records had: the sums add up."""
    old = sum((row.amount for row in kept), Decimal(0)) - sum((row.amount for row in new), Decimal(0))
    told = [
        f"账上 {len(found)} 笔，合计 {total(found)} 万元",
        f"新增 {len(new)} 笔，{total(new)} 万元",
    ]
    if len(new) < len(kept):
        told.append(f"已在系统中 {len(kept) - len(new)} 笔，{plain(old)} 万元")
    if len(kept) < len(found):
        rest = sum((row.amount for row in found), Decimal(0)) - sum((row.amount for row in kept), Decimal(0))
        told.append(f"冲销或冲减 {len(found) - len(kept)} 笔，{plain(rest)} 万元")
    return tuple(told)


def rows_told(remarks: Sequence[Remark]) -> tuple[str, ...]:
    states = Counter(remark.state for remark in remarks)
    names = {LOOK: "行请核对", LEFT: "行未读入", ELSEWHERE: "行不属于本项目"}
    return tuple(f"{states[state]} {name}" for state, name in names.items() if states[state])
