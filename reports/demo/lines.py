"""Lines: task points that repeat over the years, one row of `lines.csv` each.

A line has a cell per year: empty where the year has no such point, else the planned number, and after a
stroke what was achieved where that is more. The n-th of its objects belongs to the n-th year.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from projects.models import point_code

Row = dict[str, str]

YEAR_END = "12-31"
# The internal deadline of an office lies a month before that of the task book.
INTERNAL = timedelta(days=30)
# Days between the completion and the deadline, in turn; eleven, so that no line has the same each time.
AHEAD = (11, 95, 8, 40, 170, 25, 62, 5, 130, 33, 20)


@dataclass(frozen=True, slots=True)
class Promise:
    """One point: a line in one year, and how it was kept.

    `is_regular`: done as planned or better by the cut-off, and so without an entry of its own in
    `entries.csv`. `done_on` is None where it is not done yet.
    """

    line: Mapping[str, str]
    number: int
    year: int
    seq: str
    planned: str
    achieved: str
    about: str
    person: str
    due_on: date
    done_on: date | None
    is_regular: bool

    @property
    def key(self) -> tuple[str, str, str]:
        return (self.line["任务编号"], str(self.year), self.seq)

    @property
    def code(self) -> str:
        return point_code(self.line["任务编号"], self.year, self.seq)

    @property
    def text(self) -> str:
        return self.line["任务点"].format(x=self.about, n=self.planned)

    @property
    def document(self) -> str:
        """What proves it, e.g. 印发文件."""
        return self.line["佐证材料"]

    def keyed(self, **values: str) -> Row:
        return dict(zip(("任务编号", "年度", "序号"), self.key, strict=True)) | values

    def point_row(self) -> Row:
        return self.keyed(
            任务点=self.text,
            计划数量=self.planned,
            单位=self.line["单位"],
            责任部门=self.line["责任部门"],
            协同部门=self.line["协同部门"],
            责任人=self.person,
            截止日期=self.due_on.isoformat(),
            内控完成日期=(self.due_on - INTERNAL).isoformat(),
            佐证要求=self.document,
        )

    def entry_row(self) -> Row:
        done = self.line["完成情况"].format(x=self.about, n=self.achieved)
        values = {"完成日期": str(self.done_on), "完成数量": self.achieved, "完成比例": ""}
        unsaid = dict.fromkeys(("未完成原因", "原因类别", "预计完成日期", "下一步措施"), "")
        return self.keyed(**values, 实际完成情况=done, **unsaid)


def promises(
    lines: Sequence[Row], exceptions: Sequence[Row], persons: Mapping[str, str], cutoff: date
) -> Iterator[Promise]:
    """Every point of every line, numbered within its task and year."""
    special: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in exceptions:
        special[row["任务编号"], row["年度"], row["序号"]].append(row)
    seqs: Counter[tuple[str, str]] = Counter()
    for number, line in enumerate(lines):
        years = [name for name in line if name.isdecimal()]
        for place, year in enumerate(years):
            planned, _, achieved = line[year].partition("/")
            if not planned:
                continue
            seqs[line["任务编号"], year] += 1
            seq = str(seqs[line["任务编号"], year])
            order = number * len(years) + place
            due_on = date.fromisoformat(f"{year}-{line['截止'] or YEAR_END}")
            own = special.get((line["任务编号"], year, seq))
            done_on = due_on - timedelta(days=AHEAD[order % len(AHEAD)]) if due_on <= cutoff else None
            yield Promise(
                line=line,
                number=order,
                year=int(year),
                seq=seq,
                planned=planned,
                achieved=achieved or planned,
                about=about(line, place),
                person=persons.get(line["责任部门"], ""),
                due_on=due_on,
                done_on=done_on if own is None else reached_on(own, Decimal(planned)),
                is_regular=own is None and done_on is not None,
            )


def reached_on(entries: Iterable[Row], planned: Decimal) -> date | None:
    """The day of the entry that reaches what was planned; None without one."""
    days = (row["完成日期"] for row in entries if row["完成数量"] and Decimal(row["完成数量"]) >= planned)
    return next(map(date.fromisoformat, days), None)


def about(line: Mapping[str, str], place: int) -> str:
    """The object of a year; a line with one object has it in every year."""
    objects = line["对象"].split("；")
    return objects[0] if len(objects) == 1 else objects[place] if place < len(objects) else ""
