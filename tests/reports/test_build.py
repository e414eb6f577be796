"""From facts to a report: titles, cover, introduction, signature, and the same document every time."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from projects.models import Institution, Project
from reports.build import build, cn_month
from reports.document import Document, Section
from reports.facts import Facts, Window, gather
from reports.kinds import KINDS, Kind, kind, kinds_for
from reports.numbering import dangling, flow, runs, text
from tests.reports.conftest import taken_in
from tests.reports.made import amount, facts, point

# Without their chapters, which ask the database for more: what is said around them.
SCHOOL, GROUP = FRAMES = tuple(replace(each, sections=()) for each in KINDS)


def reported(**project: Any) -> Facts:
    """Facts of a project with a college, for the question what is printed about it."""
    made = facts([point(1), point(pk=2)], amounts=[amount("budget", 100)])
    named = {"code": "P", "name": "样例建设项目", "level": "school", "start_year": 2022, "end_year": 2025}
    college = Institution(name="样例职业技术学院")
    return replace(made, project=Project(pk=1, institution=college, **named | project))


def in_window(made: Facts, kind: str) -> Facts:
    return replace(made, window=Window(kind, made.window.start, made.window.cutoff))


def said(section: Section) -> str:
    return "".join(text(run, {}) for block in section.blocks for run in getattr(block, "runs", ()))


def introduction(made: Facts, chosen: Kind = SCHOOL) -> str:
    return said(build(made, chosen).chapters[0])


def everything(document: Document) -> str:
    """All that is printed: cover, headings, captions, text, cells, notes."""
    parts = [document.title, document.project, *document.cover_lines]
    for placed in flow(document):
        parts.append(getattr(placed.part, "caption", "") or placed.title)
        parts += [run if isinstance(run, str) else "" for run in runs(placed.part)]
        parts.append(said_by(placed.part))
        parts += [column.title for column in getattr(placed.part, "columns", ())]
        parts += [leaf.title for leaf in getattr(placed.part, "leaves", ())]
    return "\n".join(parts)


def said_by(part: Any) -> str:
    return "".join(text(run, {}) for run in getattr(part, "runs", ()))


def test_the_cover_names_college_project_title_number_and_month() -> None:
    made = reported(
        document_no="粤教职函〔2022〕24号", compiled_on=date(2024, 5, 10), report_title="自评报告"
    )
    document = build(made, SCHOOL)
    assert (document.institution, document.project, document.title) == (
        "样例职业技术学院",
        "样例建设项目",
        "自评报告",
    )
    assert document.cover_lines == ("立项文号：粤教职函〔2022〕24号", "编制日期：二〇二四年五月")
    assert (document.start, document.as_of) == (date(2022, 1, 1), date(2023, 12, 31))


def test_a_month_that_is_not_known_is_left_to_be_written_on_the_cover() -> None:
    assert build(reported(), SCHOOL).cover_lines == ("编制日期：　　　　年　　月",)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2024, 5, 31), "二〇二四年五月"),
        (date(2020, 10, 1), "二〇二〇年十月"),
        (date(1999, 12, 1), "一九九九年十二月"),
    ],
)
def test_months_are_written_as_on_covers(day: date, words: str) -> None:
    assert cn_month(day) == words


@pytest.mark.parametrize(
    ("window", "school", "group"),
    [
        ("annual", "年度自评报告", "专业群年度建设报告"),
        ("midterm", "中期自评报告", "专业群中期建设报告"),
        ("final", "期满自评报告", "专业群期满建设报告"),
    ],
)
def test_titles_follow_the_kind_of_the_window(window: str, school: str, group: str) -> None:
    made = in_window(reported(), window)
    assert [build(made, each).title for each in FRAMES] == [school, group]


def test_the_title_of_the_project_stands_on_the_report_that_is_meant_for_it() -> None:
    made = reported(report_title="中期检查分析自评报告")
    assert [build(made, each).title for each in FRAMES] == ["中期检查分析自评报告", "专业群中期建设报告"]


@pytest.mark.parametrize(("level", "first"), [("school", KINDS[0]), ("group", KINDS[1])])
def test_the_kind_for_the_level_comes_first_and_none_is_missing(level: str, first: Kind) -> None:
    offered = kinds_for(Project(level=level))
    assert offered[0] is first
    assert len(offered) == len(KINDS)


def test_kinds_are_found_by_their_identifier() -> None:
    assert [kind(each.identifier) for each in KINDS] == list(KINDS)
    with pytest.raises(KeyError):
        kind("national")


def test_the_introduction_names_the_documents_it_obeys() -> None:
    made = reported(basis_documents="《中期检查的通知》（粤教职函〔2024〕1号）；\n\n 《任务书》。\n")
    demand = "根据《中期检查的通知》（粤教职函〔2024〕1号）、《任务书》要求，样例职业技术学院对照任务书"
    assert introduction(made).startswith(demand)


def test_without_documents_the_introduction_begins_with_the_college() -> None:
    assert introduction(reported()).startswith(
        "样例职业技术学院对照任务书和建设方案，组织开展了样例建设项目中期自评，"
    )


def test_the_college_is_not_said_twice() -> None:
    assert "组织开展了高水平项目中期自评" in introduction(reported(name="样例职业技术学院高水平项目"))


def test_the_introduction_says_of_which_time_and_approved_by_when() -> None:
    made = reported()
    assert "统计时段自2022年1月1日起，统计截止时间为2023年12月31日" in introduction(made)
    known = replace(made, known_at=datetime(2024, 3, 1, 10, 0, tzinfo=UTC))
    assert "只统计2024年3月1日18:00前已审核通过的填报" in introduction(known)


def test_whoever_signs_stands_at_the_end() -> None:
    assert [build(reported(), each).signature.lines for each in FRAMES] == [  # type: ignore[union-attr]
        ("学校（盖章）：", "负责人（签字）："),
        ("专业群负责人（签字）：", "学校（盖章）："),
    ]


def test_the_same_facts_give_the_same_document() -> None:
    for each in FRAMES:
        assert build(reported(), each).digest == build(reported(), each).digest


def test_another_number_date_or_kind_gives_another_document() -> None:
    made = reported()
    others = (
        replace(made, as_of=date(2023, 12, 30)),
        replace(made, known_at=datetime(2024, 3, 1, tzinfo=UTC)),
        in_window(made, "annual"),
        reported(report_title="自评"),
    )
    digests = {build(each, SCHOOL).digest for each in (made, *others)} | {build(made, GROUP).digest}
    assert len(digests) == 6


def test_pending_work_is_never_reported() -> None:
    with pytest.raises(ValueError, match="pending"):
        build(replace(reported(), pending=True), SCHOOL)


every_kind = pytest.mark.parametrize("chosen", KINDS, ids=lambda each: each.identifier)


@every_kind
def test_every_project_makes_every_kind(
    chosen: Kind, school: Project, group: Project, rules: Project
) -> None:
    for project in (school, group, rules):
        document = build(gather(project), chosen)
        assert dangling(document) == []
        assert Document.from_json(document.to_json()) == document
        assert document.digest == build(gather(Project.objects.get(pk=project.pk)), chosen).digest


@every_kind
def test_an_empty_project_makes_every_kind(chosen: Kind, project: Project) -> None:
    document = build(gather(project), chosen)
    assert dangling(document) == []
    assert not re.search(r"None|nan", everything(document))


@every_kind
def test_an_annual_report_does_not_speak_of_the_middle(chosen: Kind, now: datetime, db: None) -> None:
    said = everything(build(gather(taken_in("rules-annual", now)), chosen))
    assert "年度" in said
    # The name of an indicator.
    assert "中期" not in said.replace("累计，有中期目标", "")
