"""经费 of the exchange workbook: additive rows without a key; the sheet replaces what was imported."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any

from funding.models import Amount, BudgetLine, Expenditure, FundingSource, Receipt
from projects.sheets import TASK, TASK_REFERENCE
from projects.workbook import amounts, cells, days
from projects.workbook.book import Book, Key, Values, Writing
from projects.workbook.columns import Row, Table
from projects.workbook.faults import Notice
from projects.workbook.headers import Column
from projects.workbook.sheet import BATCH, RECORD, Changes, Sheet

MODELS: dict[str, type[Amount]] = {"budget": BudgetLine, "received": Receipt, "spent": Expenditure}
SHARED = ("years", "source", "task", "category", "dated_on", "document_no", "summary")
# 年度, 资金来源 and 任务编号: what a reader takes for the same row with other amounts.
SAME = 3


class Unknown(Enum):
    """An amount that exists but is not known (—, XXX …), as against an empty cell: no such amount here."""

    UNKNOWN = "—"


def amount(cell: cells.RawCell) -> Decimal | Unknown | None:
    if cell.is_empty:
        return None
    value = amounts.quantity(cell)
    return Unknown.UNKNOWN if value is None else value


# What a line that sums up the others is called.
SUMS = ("合计", "总计", "小计", "共计")


def values_of(form: Key) -> Values:
    return dict(zip((*SHARED, *MODELS), form, strict=True))


def told_apart(
    rows: Iterable[Row], standing: Counter[Key], form: Callable[[Values], Key]
) -> tuple[list[Row], list[Row]]:
    """The rows whose form stands, each taking one away, and the others."""
    found: list[Row] = []
    others: list[Row] = []
    for row in rows:
        key = form(row.values)
        (found if standing[key] > 0 else others).append(row)
        standing[key] -= 1
    return found, others


@dataclass(frozen=True, kw_only=True)
class FundingSheet(Sheet):
    """Rows are compared as a whole, as often as they occur."""

    def prepare(self, table: Table) -> None:
        """A row that gives no amount at all says that its amounts are unknown."""
        given = [name for name in MODELS if name in table.present] or list(MODELS)
        for row in table.telling(*given):
            if all(row.values[name] is None for name in given):
                row.values.update(dict.fromkeys(given, Unknown.UNKNOWN))

    def notices(self, table: Table, changes: Changes, book: Book) -> Iterator[Notice]:
        if gone := len(changes.removed):
            yield Notice(self.title, f"整表替换：以前导入的 {gone} 行不在文件中，不再保留")
        for row in table.telling("source"):
            if row.values["source"] in SUMS:
                named = f"资金来源写作“{row.values['source']}”，按一个来源计入"
                yield table.notice(row, "source", f"{named}；如果是合计行，请删去，以免重复计算")

    def ids(self, book: Book) -> dict[Key, int]:
        return {}

    def form_of(self, values: Values) -> Key:
        return tuple(values.get(name) or None for name in SHARED) + tuple(values.get(name) for name in MODELS)

    def standing(self, book: Book) -> tuple[list[Key], list[Key]]:
        """(imported, entered in the app) in row form: the amounts of one imported row share a position."""
        rows: dict[tuple[Any, ...], Values] = defaultdict(dict)
        for name, model in MODELS.items():
            records = model._default_manager.filter(project=book.project).order_by("pk")
            for pk, is_imported, position, first, last, value, *shared in records.values_list(
                *("pk", "is_imported", "position", "first_year", "last_year", "amount"),
                *("source__name", "task__code", *SHARED[3:]),
            ):
                shared_values = dict(zip(SHARED, ((first, last), *shared), strict=True))
                of = (False, position) if is_imported else (True, name, pk)
                rows[of] |= shared_values | {name: Unknown.UNKNOWN if value is None else value}
        forms = [(of[0], self.form_of(values)) for of, values in sorted(rows.items())]
        return [form for is_own, form in forms if not is_own], [form for is_own, form in forms if is_own]

    def exported(self, book: Book) -> list[Values]:
        imported, entered = self.standing(book)
        return [values_of(form) for form in (*imported, *entered)]

    def compare(self, table: Table, book: Book) -> Changes:
        """There is no key: a row that is not found as it is replaces one of its year, source and task.

        A row equal to one that was entered in the app is that one: an export brings both back.
        """
        imported, entered = map(Counter, self.standing(book))
        unchanged, others = told_apart(table.rows, imported, self.form_of)
        standing, others = told_apart(others, entered, self.form_of)
        for row in standing:
            row.values["is_entered"] = True
        gone = Counter(form[:SAME] for form in imported.elements())
        replaced: dict[Key, list[Key]] = defaultdict(list)
        for form in imported.elements():
            replaced[form[:SAME]].append(form)
        changed, new = told_apart(others, gone, lambda values: self.form_of(values)[:SAME])
        for row in changed:
            row.values[RECORD] = values_of(replaced[self.form_of(row.values)[:SAME]].pop())
        return Changes(tuple(new), tuple(changed), (*unchanged, *standing), removed=tuple(gone.elements()))

    def write(self, table: Table, changes: Changes, writing: Writing) -> None:
        if changes.is_nothing:
            return
        for model in MODELS.values():
            model._default_manager.filter(project=writing.project, is_imported=True).delete()
        sources = self.sources(table, writing)
        for name, model in MODELS.items():
            model._default_manager.bulk_create(
                [
                    model(**self.fields(row, position, name, sources, writing))
                    for position, row in enumerate(table.rows, 1)
                    if row.values.get(name) is not None and not row.values.get("is_entered")
                ],
                batch_size=BATCH,
            )

    def sources(self, table: Table, writing: Writing) -> dict[str, int]:
        """The ids of the sources, new ones created in the order of the file."""
        names = dict.fromkeys(row.values.get("source") or "" for row in table.rows)
        known = FundingSource.objects.filter(project=writing.project)
        have = set(known.values_list("name", flat=True))
        FundingSource.objects.bulk_create(
            FundingSource(project=writing.project, name=name, position=len(have) + number)
            for number, name in enumerate(names, 1)
            if name and name not in have
        )
        return dict(known.values_list("name", "pk"))

    def fields(
        self, row: Row, position: int, name: str, sources: dict[str, int], writing: Writing
    ) -> dict[str, Any]:
        values = row.values
        first, last = values["years"]
        value = values[name]
        return {
            "project": writing.project,
            "first_year": first,
            "last_year": last,
            "source_id": sources.get(values.get("source") or ""),
            "task_id": self.resolve("task", values.get("task"), writing),
            "amount": None if value is Unknown.UNKNOWN else value,
            "dated_on": values.get("dated_on"),
            "category": values.get("category") or "",
            "document_no": values.get("document_no") or "",
            "summary": values.get("summary") or "",
            "is_imported": True,
            "position": position,
        }


FUNDING = FundingSheet(
    title="经费",
    columns=(
        Column("年度", "years", days.years, required=True),
        Column("资金来源", "source", cells.line),
        Column("任务编号", "task", cells.code),
        Column("预算（万元）", "budget", amount),
        Column("到位（万元）", "received", amount),
        Column("支出（万元）", "spent", amount),
        Column("支出类别", "category", cells.line),
        Column("日期", "dated_on", days.day),
        Column("文号", "document_no", cells.text),
        Column("摘要", "summary", cells.text),
    ),
    key=(),
    model=BudgetLine,
    links={"task": TASK},
    references=(TASK_REFERENCE,),
)

SHEETS: Sequence[Sheet] = (FUNDING,)
