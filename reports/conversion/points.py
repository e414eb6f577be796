"""Several task points in one cell, and the quantity that the words of one speak of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from projects.workbook.cells import half_width
from reports.conversion.word import Line

CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳㉑㉒㉓㉔㉕㉖㉗㉘㉙㉚㉛㉜㉝㉞㉟㊱㊲㊳㊴㊵㊶㊷㊸㊹㊺㊻㊼㊽㊾㊿"
DIGITS = "零一二三四五六七八九"
# Ways to number, each as a pattern with the number in group 1. 1.5 and 2022.12 are no numbering.
STYLES = (
    rf"([{CIRCLED}])",
    r"[（(]([0-9]{1,2})[）)]",
    r"[（(]([一二三四五六七八九十]{1,3})[）)]",
    r"(?<![0-9.（(])([0-9]{1,2})(?:[.．](?![0-9])|、|[)）])",
    r"([一二三四五六七八九十]{1,3})、",
)
# What may stand before a first number inside a line, and before 二、. Circled numbers need nothing.
BREAKS = "；;。.，,：:！! \t\n"
BULLETS = re.compile(r"^[•·●○■□◆▪★☆➢\-–—]\s*(?=\S)")
ENDS = ("。", "；", ";", "！", "!", ".")


@dataclass(frozen=True, slots=True)
class Split:
    """The points of a cell; `intro` stands before the first number. `is_guess`: only lines part them."""

    points: tuple[str, ...]
    intro: str = ""
    is_guess: bool = False


def ordinal(mark: str) -> int:
    """① → 1, 12 → 12, 十二 → 12; 0 for what is no number."""
    if mark in CIRCLED:
        return CIRCLED.index(mark) + 1
    if mark.isdigit():
        return int(mark)
    tens, ten, ones = mark.rpartition("十")
    if any(digit not in DIGITS for digit in tens + ones) or len(tens) > 1 or len(ones) > 1:
        return 0
    return (10 * (DIGITS.index(tens) if tens else 1) if ten else 0) + (DIGITS.index(ones) if ones else 0)


def split(lines: Sequence[Line]) -> Split:
    """The points of a cell: by their numbers, else by Word's own numbering, else by lines."""
    text = "\n".join(line.text for line in lines)
    for starts in numberings(text):
        cuts = [*starts, (len(text), len(text))]
        points = tuple(tidy(text[after:until]) for (_, after), (until, _) in pairwise(cuts))
        if all(points):
            return Split(points, tidy(text[: starts[0][0]]))
    if sum(line.is_item for line in lines) > 1:
        return by_items(lines)
    return by_lines(lines)


def numberings(text: str) -> list[list[tuple[int, int]]]:
    """Places (begin, end) of the numbers 1, 2, 3 … by style, the one that begins first first."""
    found = [list(sequence(text, style)) for style in STYLES]
    return sorted((places for places in found if places), key=lambda places: places[0])


def sequence(text: str, style: str) -> Iterator[tuple[int, int]]:
    """The places of the numbers that follow one another, from 1 or from what the cell begins with.

    A list may go on from the year before.
    """
    beginning = re.match(rf"\s*{style}", text)
    wanted = first = ordinal(beginning[1]) if beginning else 1
    for match in re.finditer(style, text):
        if ordinal(match[1]) == wanted and may_begin(text, match, wanted == first):
            yield match.span()
            wanted += 1


def may_begin(text: str, match: re.Match[str], is_first: bool) -> bool:
    at, mark = match.start(), match[1]
    if mark in CIRCLED or (not is_first and match[0] != f"{mark}、"):
        return True
    return not text[:at].strip() or text[at - 1] in BREAKS


def by_items(lines: Sequence[Line]) -> Split:
    first = next(at for at, line in enumerate(lines) if line.is_item)
    points: list[list[str]] = []
    for line in lines[first:]:
        if line.is_item:
            points.append([])
        points[-1].append(line.text)
    intro = "\n".join(line.text for line in lines[:first])
    return Split(tuple(tidy("\n".join(point)) for point in points), intro)


def by_lines(lines: Sequence[Line]) -> Split:
    """A line is a point of its own if it is a paragraph, has a bullet, or the one before has ended."""
    points: list[str] = []
    for line in lines:
        is_new = line.starts or BULLETS.match(line.text) or points[-1].endswith(ENDS)
        if not points or is_new:
            points.append(line.text)
        else:
            points[-1] += "\n" + line.text
    found = tuple(filter(None, (tidy(BULLETS.sub("", point)) for point in points)))
    return Split(found, is_guess=len(found) > 1)


def tidy(text: str) -> str:
    """Without the punctuation that only ends an item of a list."""
    return text.strip().rstrip("；;，,、").strip()


UNITS = (
    *("万人次", "人次", "人天", "课时", "学时", "小时", "平方米", "万元", "亿元", "万字"),
    *"门部项个件篇人名家场次套册种支间处所台本条批对位类组届期份幅例张座",
)
QUANTITY = re.compile(
    rf"(?<![第前\d.~～\-—–])(\d+(?:,\d{{3}})*(?:\.\d+)?)(?:余|多)?({'|'.join(UNITS)}|%|％)(?![级\d])"
)
RANGE = re.compile(r"\d[\d.]*[~～\-—–至到]\d[\d.]*")


@dataclass(frozen=True, slots=True)
class Quantity:
    value: Decimal
    unit: str

    def __str__(self) -> str:
        return f"{self.value} {self.unit}"


def quantities(text: str) -> list[Quantity]:
    """The amounts with a unit that the words name: 建成 3 门课程 → 3 门."""
    plain = RANGE.sub("", "".join(half_width(text).split()))
    return [Quantity(Decimal(m[1].replace(",", "")), m[2]) for m in QUANTITY.finditer(plain)]
