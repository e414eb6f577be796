"""Titles of tasks, as people number them: 任务一：…, 1 …, （一）…, 1-1 …, P07 …"""

from __future__ import annotations

import re
from dataclasses import dataclass

from projects.workbook.cells import half_width
from reports.conversion.points import ordinal

DASHES = str.maketrans("－—–‑−", "-----")
HAN = "一二三四五六七八九十"
PREFIX = r"(?:(?:建设|改革|重点|子|分|主要)*(?:任务|项目))"
# A lone number needs something that parts it from the name: 3门课程 and 5G are no numbers of tasks.
TITLE = re.compile(
    rf"(?:{PREFIX}\s*(?P<named>[A-Za-z]?\d+(?:[-.]\d+)*|[{HAN}]{{1,3}})\s*[：:、.\s]*"
    rf"|(?P<parts>[A-Za-z]?\d+(?:[-.]\d+)+)\s*[：:、.\s]*"
    rf"|[（(](?P<bracket>\d{{1,2}}|[{HAN}]{{1,3}})[)）]\s*"
    rf"|(?P<lone>[A-Za-z]?\d{{1,3}})(?:[：:、.]\s*|\s+)"
    rf"|(?P<han>[{HAN}]{{1,3}})、\s*)(?P<name>\S.*)",
    re.DOTALL,
)
# Headings that stand over a table without naming a task.
GENERIC = re.compile(
    r"任务书|任务表|分解|一览|汇总|进度|预算|绩效|经费|目标|计划|说明|层面|部分|任务$|任务点$|表\s*\d"
)
LONGEST_HEADING = 60


@dataclass(frozen=True, slots=True)
class Title:
    """`code` as written, `1` or `1-1`; empty where there is none."""

    code: str
    name: str


def title(text: str) -> Title:
    found = " ".join(text.split())
    match = TITLE.fullmatch(half_width(found).translate(DASHES))
    if not match:
        return Title("", found)
    # Half-width text is as long as what was written.
    name = found[match.start("name") :]
    return Title(code_of(next(filter(None, match.group("named", "parts", "bracket", "lone", "han")))), name)


def code_of(mark: str) -> str:
    return str(ordinal(mark)) if mark[0] in HAN else mark


def heading(above: tuple[str, ...]) -> Title | None:
    """The task that the paragraphs above a table name, the nearest one."""
    for text in reversed(above):
        found = title(text)
        if found.code and len(text) <= LONGEST_HEADING and not GENERIC.search(found.name):
            return found
    return None


def parent_code(code: str) -> str:
    """`1` of `1-1`, `1.1` of `1.1.2`; empty for a code without parts."""
    return re.split(r"[-.]", code[::-1], maxsplit=1)[1][::-1] if re.search(r"[-.]", code) else ""
