"""A report as data: what it says, where each number comes from, and nothing about how it looks.

Sections build it with `reports.writing`, renderers walk it with `reports.numbering.flow`. Headings, tables
and charts carry no number: that follows from their place, and text names a table by `Ref`, never by "表1-5".
A number is a `Figure` with its key, so it leads to its proof and the prose cannot disagree with a table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Literal

from projects.numbers import Exact
from projects.templatetags.numbers import UNKNOWN, count, money, percent
from reports import document_json
from reports.charts import CHART_CLASSES, ChartData
from reports.grid import grid


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as it is printed: its key in FIGURES.md, its text, its exact value (None = unknown, "—")."""

    key: str
    text: str
    value: Fraction | None

    @classmethod
    def of(cls, key: str, value: Exact | None, written: Callable[[Exact | None], str]) -> Figure:
        return cls(key, written(value), None if value is None else Fraction(value))

    @classmethod
    def count(cls, key: str, value: Exact | None) -> Figure:
        """A number of things, a mark, a score: `28.5`."""
        return cls.of(key, value, count)

    @classmethod
    def money(cls, key: str, value: Exact | None) -> Figure:
        """An amount of 万元: `24,681.5`; the unit stands in the text or above the table."""
        return cls.of(key, value, money)

    @classmethod
    def percent(cls, key: str, value: Exact | None) -> Figure:
        """A rate (1 = 100 %): `96.88%`."""
        return cls.of(key, value, percent)


@dataclass(frozen=True, slots=True)
class Ref:
    """The place where the number of a table, chart or section of this report is to stand."""

    target: str


Run = str | Figure | Ref
Runs = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    runs: Runs


@dataclass(frozen=True, slots=True)
class Note:
    """A small line: below a table, or by itself where something is missing."""

    runs: Runs


@dataclass(frozen=True, slots=True)
class Column:
    """`weight` is the share of the table's width; a `droppable` column goes when all its cells are empty."""

    title: str
    weight: int = 2
    kind: Literal["text", "center", "number"] = "text"
    droppable: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Columns under a common heading."""

    title: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    runs: Runs
    rowspan: int = 1
    colspan: int = 1

    @property
    def is_empty(self) -> bool:
        """Nothing is said: no text, or only unknown numbers."""
        return all(plain_text(run) in ("", UNKNOWN) for run in self.runs)


@dataclass(frozen=True, slots=True)
class Row:
    """Its cells, less those that a merged cell above covers. `strong` marks sums."""

    cells: tuple[Cell, ...]
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    id: str
    caption: str
    columns: tuple[Column | Group, ...]
    rows: tuple[Row, ...]
    unit: str = ""
    cutoff: str = ""
    notes: tuple[Note, ...] = ()

    def __post_init__(self) -> None:
        grid(self.rows, len(self.leaves))

    @property
    def leaves(self) -> tuple[Column, ...]:
        """The columns themselves, without the groups above them."""
        return tuple(
            leaf
            for column in self.columns
            for leaf in (column.columns if isinstance(column, Group) else (column,))
        )


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture of numbers; `sentence` says what it shows to those who do not see it."""

    id: str
    caption: str
    data: ChartData
    sentence: str
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Grade:
    """The verdict in a box, e.g. 自评得分 86 分（满分 100 分）, 自评等级 良; `reasons`: why it is capped."""

    score: Figure
    full: Figure
    grade: str | None
    reasons: tuple[str, ...] = ()
    score_label: str = "自评得分"
    grade_label: str = "自评等级"


Block = Paragraph | Note | Table | Chart | Grade


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, what stands under it, and its parts. Its level is its depth in the report.

    Headings count 一、（一）1.（1）; the parts of a `decimal` chapter count 1. 1.1 1.1.1 instead. Tables in
    the parts of a chapter with `tables_by_part` are numbered 表2-3-1 instead of 表2-9.
    """

    id: str
    title: str
    blocks: tuple[Block, ...] = ()
    parts: tuple[Section, ...] = ()
    numbered: bool = True
    decimal: bool = False
    tables_by_part: bool = False


@dataclass(frozen=True, slots=True)
class Signature:
    """The end of the report: who signs and seals, and a line for the date."""

    lines: tuple[str, ...] = ("学校（盖章）：", "负责人（签字）：")
    date_line: str = "　　　　年　　月　　日"


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report as of a date. Its state or number of version is given, its hash is calculated."""

    institution: str
    project: str
    title: str
    kind: str
    start: date
    as_of: date
    chapters: tuple[Section, ...]
    version: str = "草稿"
    cover_lines: tuple[str, ...] = ()
    signature: Signature | None = None

    def __post_init__(self) -> None:
        check_ids(self.chapters)

    @property
    def digest(self) -> str:
        """SHA-256 of the content: equal if and only if every text, number and setting is equal."""
        return document_json.digest(self.to_json())

    @property
    def stamp(self) -> str:
        """Version and the beginning of the hash, small on every page."""
        return f"版本 {self.version}　{self.digest[:4]}·{self.digest[4:8]}"

    def to_json(self) -> dict[str, Any]:
        return document_json.encoded(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Document:
        """The document that `to_json` wrote. Raises ValueError for anything else."""
        decoded = document_json.decoded(data, CLASSES)
        if not isinstance(decoded, cls):
            raise ValueError("not a document")
        return decoded


def plain_text(run: Run) -> str:
    """The text of a run where references need no number, e.g. to see whether there is any."""
    match run:
        case Figure():
            return run.text
        case Ref():
            return run.target
        case str():
            return run.strip()


def check_ids(chapters: tuple[Section, ...]) -> None:
    """Anchors and references need ids that are words of their own. Raises ValueError."""
    seen: set[str] = set()
    for id in ids(chapters):
        if not id or id in seen or any(char.isspace() for char in id):
            raise ValueError(f"not an id, or used twice: {id!r}")
        seen.add(id)


def ids(sections: tuple[Section, ...]) -> Iterator[str]:
    for each in sections:
        yield each.id
        yield from (block.id for block in each.blocks if isinstance(block, Table | Chart))
        yield from ids(each.parts)


CLASSES = (
    *(
        Figure,
        Ref,
        Paragraph,
        Note,
        Column,
        Group,
        Cell,
        Row,
        Table,
        Chart,
        Grade,
        Section,
        Signature,
        Document,
    ),
    *CHART_CLASSES,
)
