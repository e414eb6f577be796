"""What a new entry says differently from the one before. Pure over two entries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import NamedTuple

from projects.models import Entry, TaskPoint
from projects.progress import completion_ratio
from projects.templatetags.numbers import count, day, percent

# Beyond this the texts are shown side by side: comparing them takes longer than reading them.
COMPARABLE = 1500


class Piece(NamedTuple):
    """A stretch of text that stayed (`same`), is gone (`del`) or is new (`ins`)."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    label: str
    before: tuple[Piece, ...]
    after: tuple[Piece, ...]

    @property
    def is_changed(self) -> bool:
        return any(piece.kind != "same" for piece in (*self.before, *self.after))


def changes(point: TaskPoint, before: Entry | None, after: Entry) -> list[Change]:
    """Every line of the new entry beside that of the one before; lines that both leave empty are left out."""
    return beside(dict(shown(point, before)) if before else {}, shown(point, after))


def beside(old: Mapping[str, str], new: Iterable[tuple[str, str]]) -> list[Change]:
    """Lines of text by label, each beside the old one; those empty in both are left out."""
    lines = [(label, old.get(label, ""), text) for label, text in new]
    return [Change(label, *compared(*pair)) for label, *pair in lines if any(pair)]


def shown(point: TaskPoint, entry: Entry) -> Iterator[tuple[str, str]]:
    ratio = completion_ratio(point.planned, entry.quantity, entry.ratio)
    yield "完成数量", f"{count(entry.quantity)} {point.unit}".rstrip() if entry.quantity is not None else ""
    yield "完成度", percent(ratio) if ratio is not None else ""
    yield "完成日期", day(entry.effective_on)
    yield "完成情况", entry.description
    yield "原因类别", entry.reason_kind
    yield "未完成原因", entry.reason
    yield "预计完成", day(entry.expected_on) if entry.expected_on else ""
    yield "下一步措施", entry.next_step
    yield "存在问题", entry.problems
    yield "需要的支持", entry.help_needed


def compared(before: str, after: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    if before == after:
        return whole("same", before), whole("same", after)
    if not before or not after or max(len(before), len(after)) > COMPARABLE or is_short(before, after):
        return whole("del", before), whole("ins", after)
    old: list[Piece] = []
    new: list[Piece] = []
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        old += whole("same" if tag == "equal" else "del", before[i:j])
        new += whole("same" if tag == "equal" else "ins", after[k:m])
    return tuple(old), tuple(new)


def is_short(before: str, after: str) -> bool:
    """Numbers and dates read better as a whole."""
    return max(len(before), len(after)) <= 12


def whole(kind: str, text: str) -> tuple[Piece, ...]:
    return (Piece(kind, text),) if text else ()
