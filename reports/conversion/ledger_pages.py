"""Spending of a ledger beside the imported rows there are, as a workbook that holds both."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from io import BytesIO
from typing import Any

from funding.sheets import FUNDING, values_of
from projects.models import Project
from projects.numbers import plain
from projects.workbook.book import Book, Key, Values
from projects.workbook.headers import Column
from projects.workbook.writing import Marked, Page, write_workbook
from reports.conversion.check_page import check_page, fitting
from reports.conversion.ledger import Spent
from reports.conversion.pages import project_page
from reports.conversion.remarks import KNOWN, Remark
from reports.export import cell, heading
from reports.parsing import BY_TITLE, CHECK_LIST, GUIDE

RULES = (
    "由财务明细账生成的工作簿",
    "“经费”在导入时整表替换以前导入的经费，所以这张表里先是以前导入的各行（预算、到位、支出），后面是这次新增的支出，"
    "新增的行“支出（万元）”涂成黄色。请不要删去以前的行，除非确实要去掉它们。",
    "同一凭证（日期、凭证号、摘要、金额都相同）已经在系统中的，没有再写一次；在系统中录入的经费不在表里，导入时保留。",
    "生成后如果又导入过别的经费，请重新生成，再导入。",
    f"工作表“{CHECK_LIST}”逐行列出明细账的内容和读入的结果，导入时不读这张表。",
)


@dataclass
class Standing:
    """What the records hold, as a ledger would name it."""

    imported: list[Values]
    known: Counter[Key] = field(default_factory=Counter)
    # Amounts by day and voucher.
    vouchers: dict[Key, list[Decimal]] = field(default_factory=lambda: defaultdict(list))

    def take(self, row: Spent) -> bool:
        """Whether the row is known; each record stands for one row."""
        if self.known[row.identity] <= 0:
            return False
        self.known[row.identity] -= 1
        self.vouchers[row.day, row.voucher].remove(row.amount)
        return True


def standing(project: Project) -> Standing:
    imported, entered = FUNDING.standing(Book({}, BY_TITLE, project.institution, project))
    found = Standing([values_of(form) for form in imported])
    for values in (*found.imported, *map(values_of, entered)):
        if isinstance(values["spent"], Decimal):
            day, voucher = values["dated_on"], values["document_no"] or ""
            found.known[day, voucher, values["summary"] or "", values["spent"]] += 1
            found.vouchers[day, voucher].append(values["spent"])
    return found


def only_new(rows: Iterable[Spent], known: Standing) -> list[Spent]:
    """The rows that the records do not have. Another amount of a known voucher may be a correction."""
    new = []
    for row in rows:
        if known.take(row):
            row.remark.state = KNOWN
        else:
            new.append(row)
    for row in new:
        others = known.vouchers.get((row.day, row.voucher)) if row.voucher else None
        if others:
            told = "、".join(map(plain, others))
            row.remark.note(f"系统中同一凭证还有 {told} 万元，这份账里没有；如果是更正，请删去旧的一行")
    return new


def ledger_workbook(
    new: Sequence[Spent], known: Standing, remarks: Sequence[Remark], project: Project, told: Sequence[str]
) -> bytes:
    columns = [column for column in FUNDING.columns if isinstance(column, Column)]
    rows = [[cell(column, values) for column in columns] for values in known.imported]
    for row in new:
        row.remark.made.append(f"经费 第 {len(rows) + 2} 行")
        rows.append([new_cell(row, column.name) for column in columns])
    money = Page(FUNDING.title, [heading(FUNDING, column, None, ()) for column in columns], rows)
    file = BytesIO()
    write_workbook(file, [project_page(project), money, check_page(remarks)], (GUIDE, (*RULES, *told)))
    return file.getvalue()


def new_cell(row: Spent, name: str) -> Any:
    values = {
        "years": Marked("") if row.year is None else str(row.year),
        "source": row.source,
        "task": row.task,
        "spent": Marked(row.amount),
        "category": row.category,
        "dated_on": row.day,
        "document_no": row.voucher,
        "summary": fitting(row.summary),
    }
    return values.get(name)


def total(rows: Iterable[Spent]) -> str:
    return plain(sum((row.amount for row in rows), Decimal(0)))
