"""The numbers of headings, tables and charts: they follow from the place, so nobody types them.

Headings count 一、（一）1.（1）, in a decimal chapter 1. 1.1 1.1.1. Tables and charts count by chapter
(表1-5) or, where the chapter asks for it, by its parts (表2-3-1); in chapters without a number from 表1 on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import takewhile

from reports.document import (
    Block,
    Chart,
    Document,
    Figure,
    Grade,
    Note,
    Paragraph,
    Ref,
    Run,
    Section,
    Signature,
    Table,
)

DIGITS = "〇一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Placed:
    """A heading or a block where it stands: its number ("（一）", "表1-5", "" for none) and heading level."""

    part: Section | Block | Signature
    label: str
    level: int

    @property
    def is_heading(self) -> bool:
        return isinstance(self.part, Section)

    @property
    def title(self) -> str:
        """A heading as it is printed: `（一）总体目标`, `1. 预算`, `附件`."""
        if not isinstance(self.part, Section):
            return self.label
        gap = " " if self.label.endswith(tuple("0123456789.")) else ""
        return f"{self.label}{gap}{self.part.title}"


def flow(document: Document) -> Iterator[Placed]:
    """Headings and blocks in reading order; the signature stands before the annexes."""
    tables: Counter[str] = Counter()
    annexes = len(list(takewhile(lambda chapter: not chapter.numbered, reversed(document.chapters))))
    body = len(document.chapters) - annexes or len(document.chapters)
    for at, (chapter, number) in enumerate(counted(document.chapters), 1):
        yield from placed(chapter, Place((number,), chapter.decimal, chapter), tables)
        if at == body and document.signature:
            yield Placed(document.signature, "", 0)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a section stands: its number and those above it (0 for none), and its chapter."""

    path: tuple[int, ...]
    decimal: bool
    chapter: Section

    @property
    def level(self) -> int:
        return len(self.path)

    def below(self, number: int) -> Place:
        return Place((*self.path, number), self.decimal, self.chapter)

    @property
    def prefix(self) -> str:
        """What the numbers of tables begin with: `1-`, `2-3-`, or nothing."""
        by_part = self.chapter.tables_by_part and self.level > 1 and self.path[1]
        path = self.path[: 2 if by_part else 1]
        return "".join(f"{number}-" for number in path) if path[0] else ""


def counted(sections: Iterable[Section]) -> Iterator[tuple[Section, int]]:
    """Sections with their number among their like; 0 for those without one."""
    number = 0
    for each in sections:
        number += each.numbered
        yield each, number if each.numbered else 0


def placed(section: Section, place: Place, tables: Counter[str]) -> Iterator[Placed]:
    yield Placed(section, heading_label(place), place.level)
    for block in section.blocks:
        yield Placed(block, block_label(block, place, tables), place.level)
    for part, number in counted(section.parts):
        yield from placed(part, place.below(number), tables)


def heading_label(place: Place) -> str:
    number = place.path[-1]
    if not number:
        return ""
    if place.decimal and place.level > 1:
        return decimal_label(place.path[1:])
    return (f"{chinese(number)}、", f"（{chinese(number)}）", f"{number}.", f"（{number}）")[
        min(place.level, 4) - 1
    ]


def decimal_label(path: tuple[int, ...]) -> str:
    return f"{path[0]}." if len(path) == 1 else ".".join(map(str, path))


def block_label(block: Block, place: Place, tables: Counter[str]) -> str:
    kind = {Table: "表", Chart: "图"}.get(type(block))
    if not kind:
        return ""
    start = f"{kind}{place.prefix}"
    tables[start] += 1
    return f"{start}{tables[start]}"


def chinese(number: int) -> str:
    """1 to 99 in Chinese: 三, 十, 十二, 四十七."""
    tens, ones = divmod(number, 10)
    return (DIGITS[tens] if tens > 1 else "") + ("十" if tens else "") + (DIGITS[ones] if ones else "")


def labels(document: Document) -> dict[str, str]:
    """What a reference to an id says: `表1-5`, `图2-1`, `“（三）项目经费”`."""
    return {
        each.part.id: f"“{each.title}”" if each.is_heading else each.label
        for each in flow(document)
        if isinstance(each.part, Section | Table | Chart)
    }


def text(run: Run, labels: dict[str, str]) -> str:
    """A run as it is printed. A reference to nothing says so: it stands in text written by people."""
    match run:
        case Figure():
            return run.text
        case Ref():
            return labels.get(run.target, f"〔没有“{run.target}”〕")
        case str():
            return run


def dangling(document: Document) -> list[str]:
    """Targets of references that lead nowhere, each once, in reading order."""
    known = labels(document)
    refs = (run.target for each in flow(document) for run in runs(each.part) if isinstance(run, Ref))
    return list(dict.fromkeys(target for target in refs if target not in known))


def runs(part: Section | Block | Signature) -> Iterator[Run]:
    """All running text of a block."""
    match part:
        case Paragraph() | Note():
            yield from part.runs
        case Table():
            yield from (run for row in part.rows for cell in row.cells for run in cell.runs)
            yield from (run for note in part.notes for run in note.runs)
        case Chart():
            yield from (run for note in part.notes for run in note.runs)
        case Grade():
            yield from (part.score, part.full)
