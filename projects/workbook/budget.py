"""How much of a workbook is read: every cell becomes objects in memory, and a file can ask for billions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from projects.workbook.faults import Fault, Refused
from projects.workbook.guard import Unpacked
from projects.workbook.marks import LOADED, Marks, Package, TooMany
from projects.workbook.raw import LARGEST_AREA, Merge, refuse_too_large

# Of all sheets that are read together. A college fills some ten thousand rows in five years.
MOST_CONTENTS = 1_000_000
MOST_TEXT = 30_000_000
# Places in rows that are built one by one; an empty row counts for some.
MOST_PLACES, PLACES_OF_A_ROW = 4_000_000, 8
MOST_SHEETS = 1_000
# In one sheet.
MOST_MERGES = 50_000

LESS = "拆成几个文件分别导入的工作簿"


@dataclass
class Budget:
    """What is left to be read of one file."""

    package: Package
    unpacked: Unpacked
    parts: set[str] = field(default_factory=lambda: set(LOADED))
    contents: int = MOST_CONTENTS
    text: int = MOST_TEXT

    def marks(self, title: str) -> Marks:
        """The marks of a sheet that can be read; Refused where it is too much."""
        self.parts.add(self.package.paths[title].lower())
        self.unpacked.refuse_too_much(self.parts, title)
        try:
            marks = self.package.marks(title, self.contents)
        except TooMany:
            raise too_much(title) from None
        self.contents -= marks.contents
        refuse_too_large(title, marks.height, marks.width)
        refuse_many_merges(title, marks.merges)
        self.spend_text(title, marks)
        return marks

    def spend_text(self, title: str, marks: Marks) -> None:
        """A text that many cells share is one in the file and many in memory."""
        most = marks.shared * max(self.package.text_lengths, default=0)
        self.text -= most if most < self.text // 10 else self.package.text_length(title)
        if self.text < 0:
            raise refused(title, f"文字太多：到这张表为止超过 {MOST_TEXT:,} 字", LESS)


@dataclass
class Room:
    """What is left to be held of one file whose sheets are not told in advance how large they are."""

    contents: int = MOST_CONTENTS
    places: int = MOST_PLACES

    def take(self, title: str, contents: int, places: int = 0, rows: int = 0) -> None:
        """Before so much is allocated; Refused where there is no room for it."""
        places += rows * PLACES_OF_A_ROW
        if contents > self.contents or places > self.places:
            raise too_much(title)
        self.contents -= contents
        self.places -= places


def too_much(title: str) -> Refused:
    message = f"内容太多：到这张表为止，有内容的单元格超过 {MOST_CONTENTS:,} 个"
    return refused(title, message, LESS)


def refused(title: str, message: str, expected: str) -> Refused:
    return Refused([Fault(title, "", "", message, expected)])


def refuse_many_sheets(sheets: int) -> None:
    if sheets > MOST_SHEETS:
        raise refused("", f"工作表太多，超过 {MOST_SHEETS:,} 张", "只留下要导入的工作表的工作簿")


def refuse_many_merges(title: str, merges: int) -> None:
    if merges > MOST_MERGES:
        message = f"合并单元格太多：有 {merges:,} 处"
        raise refused(title, message, f"合并不超过 {MOST_MERGES:,} 处的工作表")


def refuse_deep_merges(title: str, merges: Iterable[Merge], height: int) -> None:
    """Merges that lie over each other, as a spreadsheet never makes them, would be filled down for ever."""
    if sum(min(last + 1, height) - first for (first, _), (last, _) in merges) > LARGEST_AREA:
        raise refused(title, "合并单元格互相重叠", "合并单元格不互相重叠的工作表")
