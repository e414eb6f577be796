"""What became of each row of a foreign file, for a person to check."""

from __future__ import annotations

from dataclasses import dataclass, field

READ, LOOK, LEFT, HEADER = "已读入", "请核对", "未读入", "表头"
# Of a ledger: rows that sum others, that another project pays, that the records have.
TOTAL, ELSEWHERE, KNOWN = "合计行", "不属于本项目", "已在系统中"


@dataclass
class Remark:
    """What became of one row. `table`: the number of the table, or the title of the sheet."""

    table: int | str
    row: int
    above: str
    content: str
    state: str = READ
    made: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def note(self, sentence: str) -> None:
        """Something a person should look at."""
        if sentence not in self.notes:
            self.notes.append(sentence)
        if self.state == READ:
            self.state = LOOK

    @property
    def place(self) -> str:
        table = f"表格 {self.table}" if isinstance(self.table, int) else self.table
        return f"{table} 第 {self.row} 行" if self.row else f"{table} 上方"


def left(remark: Remark, why: str) -> None:
    """The row is not read."""
    remark.state = LEFT
    remark.notes.append(why)
