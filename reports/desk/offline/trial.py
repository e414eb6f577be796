"""What a workbook would do, row by row: rehearsed through the door that writes, and taken back at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from projects.needed import lacking
from projects.workbook.faults import Fault
from reports.desk.desk import Desk
from reports.desk.filing import NOT_THERE, Filed, Typed, file_one, found
from reports.desk.offline.reading import Line
from reports.desk.offline.sheets import mark_of, settled
from reports.desk.row import Row
from reports.desk.rows import rows_of

CHANGE, REFUSED, OVERTAKEN = "change", "refused", "overtaken"
NOT_YOURS = "这一行不是您的：{}"
NO_LONGER = "它已不在“我的任务”里，可能已审核通过或已调出任务书，请在系统里查看。"
NEW_ROW = "这一行没有行标识，不是下载时的行；不能在表里新增行"
TWICE = "这一行在文件里出现了两次，只看第一次"
ZERO_ENDS = "本批次报过“无进展”（零报告）；写入后零报告不再算数，以填报的内容为准。"


@dataclass(frozen=True, slots=True)
class Value:
    """One value that was changed: old as it stands now, new as it was typed."""

    name: str
    label: str
    cell: str
    old: str
    new: str
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """A row that would change, is refused, or was changed by somebody else meanwhile.

    `seen`: the version that writing it overwrites. `not_ready`: why it could be saved, but not handed in.
    `notice`: what writing it brings with it. `bare`: what evidence it lacks, which does not keep it back.
    """

    outcome: str
    sheet: str
    at: int
    key: str
    code: str
    text: str
    values: tuple[Value, ...] = ()
    refusal: str = ""
    seen: str = ""
    who: str = ""
    when: str = ""
    not_ready: str = ""
    cell: str = ""
    notice: str = ""
    bare: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def typed(self) -> dict[str, str]:
        return {value.name: value.new for value in self.values}


def from_json(told: Mapping[str, Any]) -> Item:
    values = tuple(Value(**(each | {"errors": tuple(each["errors"])})) for each in told["values"])
    return Item(**{**told, "values": values})


@dataclass(slots=True)
class Trial:
    """The rehearsal of all rows; `now` is when they would be written."""

    desk: Desk
    now: datetime
    unchanged: int = 0
    _own: dict[str, Row] = field(default_factory=dict)
    _met: set[str] = field(default_factory=set)

    def run(self, lines: Iterable[Line]) -> Iterator[Item]:
        self._own = {row.key: row for row in rows_of(self.desk)}
        for line in lines:
            item = self._judged(line)
            if item is None:
                self.unchanged += 1
            else:
                yield item

    def _judged(self, line: Line) -> Item | None:
        if not line.key:
            return self._item(REFUSED, line, refusal=NEW_ROW)
        if line.key in self._met:
            return self._item(REFUSED, line, refusal=TWICE)
        self._met.add(line.key)
        row = self._own.get(line.key)
        if row is None:
            return self._item(REFUSED, line, refusal=NOT_YOURS.format(whose(self.desk, line.key)))
        changed = changed_in(line, row)
        if not changed and not line.faults:
            return None
        values = self._values(line, row, changed)
        if line.faults:
            return self._item(REFUSED, line, row, values=values)
        return self._rehearsed(line, row, values, changed)

    def _rehearsed(self, line: Line, row: Row, values: tuple[Value, ...], changed: Mapping[str, str]) -> Item:
        is_late = line.seen != row.seen
        filed = rehearse(self.desk, Typed(line.key, row.seen, changed), "draft", self.now)
        if not filed.ok:
            return self._item(REFUSED, line, row, values=faulty(values, filed), refusal=said(filed, values))
        ready = rehearse(self.desk, Typed(line.key, row.seen, changed), "submit", self.now)
        not_ready = "" if ready.ok else said(ready) or "".join(sentences(ready))
        told = {
            "seen": row.seen,
            "not_ready": not_ready,
            "notice": ZERO_ENDS if row.is_zero_reported else "",
            "bare": lacking(row.evidence.get("needed", 0), row.evidence.get("count", 0)),
        }
        if not is_late:
            return self._item(CHANGE, line, row, values=values, **told)
        # Told what the other wrote by the same door.
        theirs = rehearse(self.desk, Typed(line.key, line.seen, changed), "draft", self.now).theirs
        who, when = (theirs.who, theirs.when) if theirs else ("", "")
        return self._item(OVERTAKEN, line, row, values=values, who=who, when=when, **told)

    @staticmethod
    def _values(line: Line, row: Row, changed: Mapping[str, str]) -> tuple[Value, ...]:
        return tuple(
            Value(
                column.name,
                column.label,
                line.cells[column.name],
                row.values.get(column.name, ""),
                line.faults[column.name].value if column.name in line.faults else changed[column.name],
                (str_of(line.faults[column.name]),) if column.name in line.faults else (),
            )
            for column in line.columns
            if column.name in changed or column.name in line.faults
        )

    @staticmethod
    def _item(outcome: str, line: Line, row: Row | None = None, **more: Any) -> Item:
        code, text = (row.code, row.text) if row else (line.code, line.text)
        return Item(outcome, line.sheet, line.at, line.key, code, text, cell=line.cells.get("", ""), **more)


def changed_in(line: Line, row: Row) -> dict[str, str]:
    """What the person changed since the download, as far as it is not so already.

    Where the marks of the download are lost, whatever differs from what stands now was changed.
    """
    base = dict(zip((column.name for column in line.columns), line.base, strict=False))
    found: dict[str, str] = {}
    for column in line.columns:
        typed = line.typed.get(column.name)
        if typed is None or base.get(column.name) == mark_of(typed, column.type):
            continue
        if settled(typed, column.type) != settled(row.values.get(column.name, ""), column.type):
            found[column.name] = typed
    return found


def whose(desk: Desk, key: str) -> str:
    """Why a row is not one of the desk's."""
    kind, target = found(desk, key)
    if kind is None or target is None:
        return NOT_THERE.format(key[:40])
    return str(desk.guard.permission(target) or NO_LONGER)


def rehearse(desk: Desk, typed: Typed, step: str, now: datetime) -> Filed:
    """Write the row as it would be written, and take it back."""
    with transaction.atomic():
        filed = file_one(desk, typed, step, now)
        transaction.set_rollback(True)
    return filed


def faulty(values: Iterable[Value], filed: Filed) -> tuple[Value, ...]:
    return tuple(
        Value(each.name, each.label, each.cell, each.old, each.new, tuple(filed.errors.get(each.name, ())))
        for each in values
    )


def said(filed: Filed, values: Iterable[Value] = ()) -> str:
    """What speaks of the row as a whole: a refusal, or faults of values that were not typed here."""
    named = {value.name for value in values}
    others = [sentence for name, some in filed.errors.items() if name not in named for sentence in some]
    return filed.refusal or ("".join(others) if named else "")


def sentences(filed: Filed) -> list[str]:
    return [sentence for some in filed.errors.values() for sentence in some]


def str_of(fault: Fault) -> str:
    return f"{fault.message}；应为：{fault.expected}" if fault.expected else fault.message


def faults_of(items: Iterable[Item]) -> Iterator[Fault]:
    """What is marked in the person's own file."""
    for item in items:
        if item.outcome == CHANGE:
            continue
        if item.outcome == OVERTAKEN:
            for value in item.values:
                message = f"期间 {item.who or '他人'} 已改为“{value.old or '（空）'}”"
                yield Fault(item.sheet, value.cell, value.new, message, "在系统里选择用哪一个")
            continue
        if item.refusal:
            yield Fault(item.sheet, item.cell, item.code, item.refusal.rstrip("。"))
        for value in item.values:
            for error in value.errors:
                yield Fault(item.sheet, value.cell, value.new, error.rstrip("。"))
