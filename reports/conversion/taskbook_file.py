"""Word task books as a kind of file that is converted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reports.conversion import meanings
from reports.conversion.converter import Groups, Kind, Made, Task, Value, samples_of
from reports.conversion.layout import Layout, layouts
from reports.conversion.remarks import LEFT, LOOK
from reports.conversion.taskbook import read_taskbook
from reports.conversion.taskbook_pages import taskbook_workbook
from reports.conversion.word import read_word


@dataclass(frozen=True)
class Source:
    opening: tuple[str, ...]
    layouts: list[Layout]


class TaskBookFile:
    groups: Groups = meanings.GROUPS
    has_units: bool = False

    def read(self, path: Path) -> Source:
        word = read_word(path)
        return Source(word.opening, layouts(word.tables))

    def kinds(self, source: Source) -> list[Kind]:
        """Tables without a header that could be one are not asked about."""
        same: dict[str, list[Layout]] = {}
        for layout in source.layouts:
            if layout.headings:
                same.setdefault(layout.kind, []).append(layout)
        return [kind_of(group) for group in same.values()]

    def fault(self, columns: Sequence[str]) -> str:
        return meanings.fault(columns)

    def values(self, source: Source, task: Task) -> list[Value]:
        return []

    def make(self, source: Source, task: Task) -> Made:
        book = read_taskbook(source.layouts, task.columns_of)
        states = [remark.state for remark in book.remarks]
        told = (
            f"{len(source.layouts)} 个表格",
            f"任务 {len(book.tree.tasks)} 个",
            f"任务点 {len(book.points)} 个",
            f"绩效指标 {len(book.indicators.rows)} 个",
            f"{states.count(LOOK)} 行请核对",
            f"{states.count(LEFT)} 行未读入",
        )
        content = taskbook_workbook(book, source.opening, task.project, task.institution)
        return Made(content, told, book.remarks)


def kind_of(group: Sequence[Layout]) -> Kind:
    first = group[0]
    numbers = "、".join(str(layout.table.number) for layout in group)
    columns = zip(*first.table.rows[first.body :], strict=True) if first.table.rows[first.body :] else ()
    samples = samples_of([[cell.text for cell in column] for column in columns])
    return Kind(
        first.headings,
        f"第 {numbers} 个表格",
        samples or ("",) * len(first.headings),
        tuple(meanings.guess(first.headings)),
    )
