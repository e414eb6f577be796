"""What the task book asks for as evidence (佐证要求), which is free text, as a number of materials."""

from __future__ import annotations

import re
from dataclasses import dataclass

BREAKS = "、，,；;。\n\r"
OPENING, CLOSING = "（(《“「【[", "）)》”」】]"
# `和` between two things, not within a word.
AND = re.compile(r"(?<![共饱总温缓调])和(?![谐平睦解])")
# `1、`, `2.`, `（3）` in front of an item.
ORDINAL = re.compile(r"(^|[；;，,。\n\r])\s*(?:\d{1,2}[、.．](?!\d)|[（(]\d{1,2}[)）])\s*")
AMOUNT = re.compile(r"(\d{1,3}|[一二两三四五六七八九十])\s*(?:$|[份个件篇张套项种本册部])")
WORDS = {"一": 1, "二": 2, "两": 2} | {word: number for number, word in enumerate("三四五六七八九十", 3)}


@dataclass(frozen=True, slots=True)
class Needed:
    """The items asked for, and how many materials they come to."""

    items: tuple[str, ...]
    count: int


def needed(text: str) -> Needed:
    """`印发通知、汇编目录` are two materials, `2 份通知` are two, a sentence is one, nothing is none."""
    items = tuple(item for item in (part.strip() for part in parts(ORDINAL.sub(r"\1", text))) if item)
    return Needed(items, sum(amount(item) for item in items))


def lacking(asked: int, count: int) -> str:
    """What is said where fewer materials are there than asked for; empty otherwise."""
    return f"缺佐证：要求 {asked} 份，已有 {count} 份" if count < asked else ""


def parts(text: str) -> list[str]:
    """Split at separators that stand in no brackets."""
    found, depth = [""], 0
    joints = {match.start() for match in AND.finditer(text)}
    for at, sign in enumerate(text):
        depth = max(0, depth + (sign in OPENING) - (sign in CLOSING))
        if not depth and (sign in BREAKS or at in joints):
            found.append("")
        else:
            found[-1] += sign
    return found


def amount(item: str) -> int:
    """The number with which an item begins, at least 1: `2 份`, `3`, `两份通知`; a year is none."""
    match = AMOUNT.match(item)
    return max(1, WORDS.get(match[1]) or int(match[1])) if match else 1
