"""附件: what stands beside the rates, and every point that is not done, on lists."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from projects.progress import ExtraFact, PointFact
from projects.templatetags.numbers import day
from reports.document import Block, Column, Row, Section, Table
from reports.facts import Facts
from reports.sections import unfinished
from reports.sections.numbers import Numbers, number_column
from reports.sections.outcomes import ledger_table
from reports.sections.points import account, done_rate, planned, quantity
from reports.sections.tasks import all_points, of_area
from reports.sections.words import below_area, named
from reports.writing import Value, cutoff_line, merged, row, section, table


def annex(facts: Facts) -> Section | None:
    return lists(unfinished_points(facts), beyond_plan(facts), ledger(facts))


def group_annex(facts: Facts) -> Section | None:
    """A group names its unfinished points in its own chapter."""
    return lists(beyond_plan(facts), ledger(facts))


def lists(*parts: Section | None) -> Section | None:
    """The annex; none where there is nothing to list."""
    return section("annex", "附件：任务点和成果清单", *parts, numbered=False) if any(parts) else None


def unfinished_points(facts: Facts) -> Section | None:
    found = unfinished.overview_table(facts)
    return section("annex-unfinished", "未完成任务点", found) if found else None


def ledger(facts: Facts) -> Section | None:
    rows = ledger_table(facts)
    return section("annex-ledger", "标志性成果台账", rows) if rows else None


def beyond_plan(facts: Facts) -> Section | None:
    blocks = beyond(facts)
    return section("annex-beyond", "提前完成、超额完成和新增成果", *blocks) if blocks else None


def beyond(facts: Facts) -> list[Block | None]:
    early = [point for point in facts.points if point.is_early(facts.as_of)]
    over = [point for point in facts.points if point.is_over]
    if not (early or over or facts.extras):
        return []
    return [
        flag_table(facts),
        point_list(facts, early, "early", "提前完成的任务点") if early else None,
        point_list(facts, over, "over", "超额完成的任务点") if over else None,
        extra_table(facts) if facts.extras else None,
    ]


def flag_table(facts: Facts) -> Table:
    """Counts by area, and the rate that includes them, which is never the official one."""
    some = [area for area in facts.areas if facts.task_figures.by_area[area.code].total]
    return table(
        "beyond",
        "提前完成、超额完成和新增成果数量",
        (
            Column("建设任务", 8),
            number_column("提前完成"),
            number_column("超额完成"),
            number_column("新增成果"),
            number_column("含提前完成及新增的完成率", 6),
        ),
        [
            *(flag_row(named(area), of_area(facts, area)) for area in some),
            flag_row("合计", all_points(facts), strong=True),
        ],
        unit="个",
        cutoff=cutoff_line(facts.as_of),
        notes=[
            "含提前完成及新增的完成率＝（到期任务点完成数＋提前完成数＋新增成果数）÷到期任务点数，不是正式完成率。"
        ],
    )


def flag_row(name: str, of: Numbers, *, strong: bool = False) -> Row:
    counts = [of.count(each) for each in ("early", "over", "extra")]
    return row(name, *counts, of.rate("due_rate_with_extra"), strong=strong)


def point_list(facts: Facts, points: Sequence[PointFact], id: str, caption: str) -> Table:
    areas = {area.code: named(area) for area in facts.areas}
    by_task = groupby(points, key=lambda point: below_area(facts, point) or areas[point.area])
    return table(
        id,
        caption,
        (
            Column("建设任务", 6),
            Column("年度", 2, "center"),
            Column("任务点", 8),
            number_column("计划", 2, droppable=True),
            number_column("完成", 2, droppable=True),
            number_column("完成率", 3),
            Column("完成情况", 9, droppable=True),
        ),
        [line for name, some in by_task for line in merged((name,), [point_cells(facts, p) for p in some])],
        cutoff=cutoff_line(facts.as_of),
    )


def point_cells(facts: Facts, point: PointFact) -> list[Value]:
    amounts = (planned(point), quantity(point), done_rate(facts, point))
    return [str(point.year), point.text, *amounts, account(facts, point)]


def extra_table(facts: Facts) -> Table:
    areas = {area.code: named(area) for area in facts.areas}
    return table(
        "extras",
        "任务书外新增成果",
        (
            Column("建设任务", 6),
            Column("年度", 2, "center"),
            Column("内容", 10),
            Column("完成日期", 5, "center"),
            Column("是否提前完成", 3, "center", droppable=True),
        ),
        [extra_row(areas, extra) for extra in facts.extras],
        cutoff=cutoff_line(facts.as_of),
    )


def extra_row(areas: dict[str, str], extra: ExtraFact) -> Row:
    early = {None: "", True: "是", False: "否"}[extra.is_early]
    return row(areas[extra.area], str(extra.year), extra.content, day(extra.achieved_on), early)
