"""What stands below a table and is no row of it: notes, who filled it in, totals.

A row is such a note only where nothing below it reads as data, and only if it is one of these:

- all that it tells are remarks: cells that begin with 注：, 说明：, 备注：, 填表人：, 审核人： or the like;
- its first cell is who filled the table in (填表人： and then, in cells of their own, a name or a day);
- its first cell is a remark in the first column of the table, and the others hold no numbers;
- its first cell is 合计, 总计 and the like, and all else are numbers outside the required columns;
- it has one cell, a sentence in the first column, where the column is one of codes or years.

Below such a row, single cells of text belong to it, unless they are codes. A row with all its required cells
is data, whatever its words are. So is a row that tells more than the above: it is read, and gets its faults.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from projects.workbook import cells, days
from projects.workbook.cells import RawCell, clean, half_width
from projects.workbook.faults import Problem
from projects.workbook.headers import Slot

LEAD = r"[※★*●◆▲(\[【]*"
BEHIND = r"(?:\([^)]*\))?(?:[:、)\]】]|\d{1,2}[:.、)])"
REMARK = re.compile(
    rf"{LEAD}(?:(?:[备附]?注|(?:填[表写报]|编制|数据|指标|特别|其他)?说明|(?:数据|资料)?来源|单位|日期)(?:$|{BEHIND})|(?<=[※★]))"
)
SIGNED = re.compile(
    rf"{LEAD}(?:(?:填[表报]|制表|编制|经办|审[核批]|复核|批准|联系)人?|联系电话|(?:填[表报]|报送)(?:单位|部门)"
    r"|(?:填[表报]|制表)(?:日期|时间)|(?:单位|部门|学校|学院|项目|分管|主要)?(?:负责人|校?领导|盖章|公章|签[字章名]))"
    r"(?:\([^)]*\))?:"
)
TOTAL = re.compile(r"(?:本页|本表|以上)?(?:合计|总计|共计|小计|累计|平均)(?:\([^)]*\))?:?")
SENTENCE = re.compile(r"[,;:!?。]|^[(]?[0-9一二三四五六七八九十]{1,2}[)、.](?!\d)|^[①-⑳]|.{21}")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
KEYS = (cells.code, days.year, days.years)


def notes_from(rows: Sequence[Sequence[RawCell]], first: int, slots: Sequence[Slot]) -> int:
    """The row from which on all are notes; `first` is the first one below the header."""
    start = len(rows)
    below = Below(slots)
    for row in range(len(rows) - 1, first - 1, -1):
        if below.is_note(rows[row]):
            start = row
        elif not below.may_follow(rows[row]):
            break
    return start


class Below:
    """Tells the rows that may stand below a table with these columns."""

    def __init__(self, slots: Sequence[Slot]) -> None:
        self.required = {slot.index: slot for slot in slots if slot.required}
        self.first = min(slots, key=lambda slot: slot.index, default=None)

    def is_note(self, row: Sequence[RawCell]) -> bool:
        told = [(index, cell) for index, cell in enumerate(row) if not cell.is_empty]
        if not told or self.first is None:
            return False
        others = told[1:]
        if all(is_remark(cell) for _, cell in told):
            return True
        if self.is_data(row):
            return False
        index, text = told[0][0], words(told[0][1])
        is_first = index <= self.first.index
        if REMARK.match(text) and is_first:
            return not any(is_number(cell) for _, cell in others)
        if TOTAL.fullmatch(text):
            return all(index not in self.required and is_number(cell) for index, cell in others)
        is_sentence = is_first and self.first.parse in KEYS and not others and reads_as_sentence(text)
        return bool(SIGNED.match(text)) or is_sentence

    def may_follow(self, row: Sequence[RawCell]) -> bool:
        """Whether the row goes on with a note above it. An empty one does not matter."""
        told = [(index, cell) for index, cell in enumerate(row) if not cell.is_empty]
        if not told:
            return True
        (index, cell), *others = told
        if others or not isinstance(cell.value, str | date):
            return False
        text = words(cell)
        if isinstance(cell.value, date) or reads_as_sentence(text):
            return True
        return bool(CHINESE.search(text)) and not (set(self.required) == {index} and self.reads(index, cell))

    def is_data(self, row: Sequence[RawCell]) -> bool:
        """Whether all required cells can be read; one alone does not make a row."""
        known = [index for index in self.required if index < len(row) and not row[index].is_empty]
        return len(known) == len(self.required) > 1 and all(self.reads(index, row[index]) for index in known)

    def reads(self, index: int, cell: RawCell) -> bool:
        try:
            self.required[index].read(cell)
        except Problem:
            return False
        return True


def words(cell: RawCell) -> str:
    """Text for comparing: half-width, without spaces."""
    return "".join(half_width(clean(cell.value)).split()) if isinstance(cell.value, str) else ""


def is_remark(cell: RawCell) -> bool:
    text = words(cell)
    return bool(REMARK.match(text) or SIGNED.match(text))


def reads_as_sentence(text: str) -> bool:
    return bool(SENTENCE.search(text) and CHINESE.search(text))


def is_number(cell: RawCell) -> bool:
    """A number, or a formula that may have been one."""
    return isinstance(cell.value, int | Decimal) or cell.is_uncached or cell.value in cells.UNKNOWN


def told_by(rows: Iterable[Sequence[RawCell]], longest: int = 200) -> str:
    """What rows say, for a message."""
    lines = ("　".join(cell.shown for cell in row if not cell.is_empty) for row in rows)
    text = "；".join(f"“{line}”" for line in lines if line)
    return text if len(text) <= longest else text[: longest - 1] + "…"
