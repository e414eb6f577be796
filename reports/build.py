"""From figures to a report: `build(facts, kind) → Document`. Pure: the same facts give the same document."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from projects.models import Project
from projects.templatetags.numbers import cn_day, moment
from reports.document import Document, Paragraph, Section, Signature
from reports.facts import Facts
from reports.kinds import Kind
from reports.numbering import DIGITS, chinese
from reports.writing import paragraph, section

# A month that nobody has entered is written by hand.
BLANK_MONTH = "　　　　年　　月"


def build(facts: Facts, kind: Kind) -> Document:
    """The report of a kind as of the date of the facts. Raises ValueError when they count pending work."""
    if facts.pending:
        raise ValueError("a report never counts pending work")
    project = facts.project
    return Document(
        institution=project.institution.name,
        project=project.name,
        title=kind.title_of(project, facts.window),
        kind=kind.identifier,
        start=facts.window.start,
        as_of=facts.as_of,
        chapters=tuple(chapters(facts, kind)),
        cover_lines=tuple(cover_lines(project)),
        signature=Signature(kind.signature),
    )


def chapters(facts: Facts, kind: Kind) -> Iterator[Section]:
    yield introduction(facts)
    yield from (made for make in kind.sections if (made := make(facts)) is not None)


def cover_lines(project: Project) -> Iterator[str]:
    if project.document_no:
        yield f"立项文号：{project.document_no}"
    yield f"编制日期：{cn_month(project.compiled_on) if project.compiled_on else BLANK_MONTH}"


def cn_month(day: date) -> str:
    """二〇二四年五月, as covers write it."""
    return "".join(DIGITS[int(digit)] for digit in str(day.year)) + f"年{chinese(day.month)}月"


def introduction(facts: Facts) -> Section:
    return section("introduction", "引言", occasion(facts), reading(facts), numbered=False)


def occasion(facts: Facts) -> Paragraph:
    """Who reports on what, and on whose demand."""
    college, label = facts.project.institution.name, facts.window.label
    subject = facts.project.name.removeprefix(college)
    basis = filter(None, (line.strip(" 　；;。，,、") for line in facts.project.basis_documents.splitlines()))
    named = "、".join(basis)
    demand = f"根据{named}要求，" if named else ""
    return paragraph(
        f"{demand}{college}对照任务书和建设方案，组织开展了{subject}{label}自评，现将有关情况报告如下。"
    )


def reading(facts: Facts) -> Paragraph:
    """What the numbers are: of which time, approved by when, and what a dash means."""
    known = f"{moment_of(facts.known_at)}前" if facts.known_at else ""
    return paragraph(
        f"{facts.window.label}统计时段自{cn_day(facts.window.start)}起，统计截止时间为{cn_day(facts.as_of)}。",
        f"任务和指标的完成情况只统计{known}已审核通过的填报；“—”表示未知，不等于零。",
        *([task_book] if (task_book := task_book_of(facts)) else []),
    )


def task_book_of(facts: Facts) -> str:
    """By which task book, where it was ever adjusted."""
    if facts.is_original:
        return "任务点和目标按调整前的原任务书统计。"
    if facts.adjusted:
        return f"任务点和目标按调整后的任务书统计，截至该日经批复或备案生效的调整共{facts.adjusted}处。"
    return ""


def moment_of(known_at: datetime) -> str:
    """2024年3月1日18:00, the time of our clocks."""
    return f"{cn_day(known_at)}{moment(known_at)[-5:]}"
