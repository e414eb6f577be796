"""What is wrong with a workbook, and where: one sentence per fault, all of them at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that stops the import. No cell: the sheet as a whole. No sheet: the file.

    `message` says what is wrong with the value, `expected` names what would be right.
    """

    sheet: str
    cell: str
    value: str
    message: str
    expected: str = ""

    def __str__(self) -> str:
        value = f"“{self.value}”"
        value = f"：{value}" if self.value and value not in self.message else ""
        expected = f"；应为：{self.expected}" if self.expected else ""
        return one_line(f"{place(self.sheet, self.cell)}: {self.message}{value}{expected}")

    def as_json(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something worth knowing that does not stop the import."""

    sheet: str
    message: str
    cell: str = ""

    def __str__(self) -> str:
        return one_line(f"{place(self.sheet, self.cell)}: {self.message}")


class Problem(Exception):
    """A cell that cannot be read: what is wrong and what would be right. Its place is added above."""

    def __init__(self, message: str, expected: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.expected = expected


class Refused(Exception):
    """A file from which nothing can be taken in."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


def refused(message: str, expected: str, value: object = "") -> Refused:
    """For a fault of the file as a whole."""
    return Refused([Fault("", "", str(value), message, expected)])


def place(sheet: str, cell: str = "") -> str:
    """`工作表!单元格`, `工作表` or `文件`."""
    return f"{sheet}!{cell}" if sheet and cell else sheet or "文件"


def one_line(text: str) -> str:
    return " ".join(text.split())
